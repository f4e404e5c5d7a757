package verify_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/verify"
	"github.com/everqual/everqual/witness"
	"github.com/everqual/everqual/witness/witnesstest"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func TestWhoVouches(t *testing.T) {
	s := newScene(t)
	later := noon.Add(time.Minute)
	s.attest(cosigned(s.checkpoint, s.one, noon), cosigned(s.checkpoint, s.two, noon), s.stamped(s.checkpoint, s.authority, later))
	s.add(3)
	next := s.sign()
	s.attest(cosigned(next, s.one, later))
	both := s.trust(s.one, s.two)
	both.Authorities = s.authority.Pool()
	either := s.trust(s.one, s.two)
	either.Needed = 1
	stranger := s.trust(witnesstest.NewWitness("w.example/3", atNoon))
	other, err := witnesstest.NewAuthority(atNoon)
	s.ok(err)
	elsewhere := s.trust()
	elsewhere.Authorities = other.Pool()
	for name, c := range map[string]struct {
		trust    verify.Trust
		cosigned uint64
		stamped  time.Time
		checked  int
		finding  string
	}{
		"nobody is named":    {s.trust(), 0, time.Time{}, 0, ""},
		"all are named":      {both, 7, later, 4, ""},
		"one of two will do": {either, next.Size, time.Time{}, 3, ""},
		"one is named":       {s.trust(s.one), next.Size, time.Time{}, 2, ""},
		"a stranger":         {stranger, 0, time.Time{}, 0, "0 of the witnesses that were named cosigned it, 1 must have"},
		"another authority":  {elsewhere, 0, time.Time{}, 0, "no time-stamp in it is of an authority that was named"},
	} {
		for place, r := range map[string]*verify.Result{"home": s.home(c.trust), "bundle": s.bundle(false, c.trust), "part": s.bundle(true, c.trust)} {
			t.Run(name+"/"+place, func(t *testing.T) {
				checked := 0
				for _, a := range r.Attestations {
					if a.Checked {
						checked++
					}
				}
				if r.Cosigned != c.cosigned || !r.StampedAt.Equal(c.stamped) || checked != c.checked || len(r.Attestations) != 4 {
					t.Errorf("%+v", r)
				}
				if c.finding == "" && !r.OK() || c.finding != "" && (r.Total != 1 || r.Findings[0].Message != c.finding) {
					t.Errorf("findings %v, want %q", r.Findings, c.finding)
				}
			})
		}
	}
}

// Who keeps the ledger and its key can append what he likes: it does not vouch.
func TestFalseAttestations(t *testing.T) {
	web, err := witnesstest.NewAuthority(atNoon, x509.ExtKeyUsageServerAuth)
	if err != nil {
		t.Fatal(err)
	}
	both, err := witnesstest.NewAuthority(atNoon, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageServerAuth)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		make func(s *scene, of everqual.Checkpoint) everqual.Attestation
		want string
	}{
		"another root": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			of = s.forged(of.Size, everqual.DigestOf([]byte("another past")))
			return cosigned(of, s.one, noon)
		}, "for other records than the first 7"},
		"another root, stamped": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return s.stamped(s.forged(of.Size, everqual.DigestOf([]byte("another past"))), s.authority, noon)
		}, "for other records than the first 7"},
		"a root in the record alone": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			a := cosigned(of, s.one, noon)
			a.Root = everqual.DigestOf(nil)
			return a
		}, "another size or root than the checkpoint"},
		"more records than there are": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return cosigned(s.forged(1000, of.Root), s.one, noon)
		}, "there are not as many"},
		"no checkpoint of it": {func(s *scene, _ everqual.Checkpoint) everqual.Attestation {
			root, err := s.ledger.Root(context.Background(), 4)
			s.ok(err)
			return cosigned(s.forged(4, root), s.one, noon)
		}, "or no checkpoint of them"},
		"another's signature": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			s.two.Name = s.one.Name
			line := withHash(s.two.Line(textOf(of), noon), s.one.Line(textOf(of), noon))
			return everqual.Attestation{Size: of.Size, Root: of.Root, Form: everqual.Cosignature, Note: of.Note + line, By: s.one.Name, Time: noon}
		}, "is not the witness's"},
		"a time in the future": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return cosigned(of, s.one, noon.Add(time.Hour))
		}, "after it was appended"},
		"a time-stamp of the future": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return s.stamped(of, s.authority, noon.Add(time.Hour))
		}, "after it was appended"},
		"another time in the record": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			a := s.stamped(of, s.authority, noon)
			a.Time = noon.Add(-time.Hour)
			return a
		}, "what was signed is"},
		"another name in the record": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			a := cosigned(of, s.one, noon)
			a.By = s.two.Name
			return a
		}, "what was signed is"},
		"a stamp of something else": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			a := s.stamped(of, s.authority, noon)
			of.Note += "x"
			a.Token = s.stamped(of, s.authority, noon).Token
			return a
		}, "over something else"},
		"a certificate for the web": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return s.stamped(of, web, noon)
		}, "not for time-stamping alone"},
		"a certificate for both": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return s.stamped(of, both, noon)
		}, "not for time-stamping alone"},
		"a stamp before the certificate": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			return s.stamped(of, s.authority, noon.Add(-3*time.Hour))
		}, "does not hold"},
		"no form": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			a := cosigned(of, s.one, noon)
			a.Form = "oath"
			return a
		}, "no form of attestation"},
		"a plain signature": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			_, line, _ := strings.Cut(of.Note, "\n\n")
			return everqual.Attestation{Size: of.Size, Root: of.Root, Form: everqual.Cosignature, Note: of.Note + line, By: "everqual/test", Time: noon}
		}, "no cosignature with a time"},
		"another note of the same": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			secret, _, err := note.GenerateKey(rand.Reader, "everqual/other")
			s.ok(err)
			s.signer, err = note.NewSigner(secret)
			s.ok(err)
			return cosigned(s.forged(of.Size, of.Root), s.one, noon)
		}, "over another note"},
		"another key of the same name": {func(s *scene, of everqual.Checkpoint) everqual.Attestation {
			secret, _, err := note.GenerateKey(rand.Reader, "everqual/test")
			s.ok(err)
			s.signer, err = note.NewSigner(secret)
			s.ok(err)
			return cosigned(s.forged(of.Size, of.Root), s.one, noon)
		}, "by another key than the one"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			own := s.signer
			s.attest(c.make(s, s.checkpoint))
			s.signer = own
			trust := s.trust(s.one)
			trust.Authorities = s.authority.Pool()
			for place, r := range map[string]*verify.Result{"home": s.home(trust), "bundle": s.bundle(false, trust)} {
				found := slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Record == 9 && strings.Contains(f.Message, c.want) })
				if !found || r.Cosigned > 0 || r.Stamped > 0 {
					t.Errorf("%s: %v, want %q of record 9", place, r.Findings, c.want)
				}
			}
		})
	}
}

// Every byte of what others signed counts: an attestation with one changed is not
// believed, and there is an error or nobody made it.
func TestEveryByteOfAnAttestationCounts(t *testing.T) {
	s := newScene(t)
	trust := s.trust(s.one)
	trust.Authorities = s.authority.Pool()
	for name, whole := range map[string]everqual.Attestation{
		"cosignature": cosigned(s.checkpoint, s.one, noon), "time-stamp": s.stamped(s.checkpoint, s.authority, noon),
	} {
		t.Run(name, func(t *testing.T) {
			if who, err := trust.Attestation(whole, noon); err != nil || who == "" {
				t.Fatalf("%q, %v", who, err)
			}
			for field, b := range map[string][]byte{"note": []byte(whole.Note), "token": whole.Token} {
				for at := range b {
					changes := []byte{1, 2, 4, 8, 16, 32, 64, 128}
					if field == "token" { // has no bits that could say nothing, and takes long
						changes = []byte{1 << (at % 8), 0xff}
					}
					for _, change := range changes {
						b[at] ^= change
						a := whole
						if field == "note" {
							a.Note = string(b)
						}
						if who, err := trust.Attestation(a, noon); err == nil && who != "" {
							t.Errorf("%s with byte %d changed by %#x is believed", field, at, change)
						}
						b[at] ^= change
					}
				}
				for n := range b {
					a := whole
					if field == "note" {
						a.Note = string(b[:n])
					} else {
						a.Token = b[:n]
					}
					if who, err := trust.Attestation(a, noon); err == nil {
						t.Errorf("%s cut off after %d bytes: %q", field, n, who)
					}
				}
			}
		})
	}
}

// A witness may sign with ML-DSA-44.
func TestMLDSA(t *testing.T) {
	s := newScene(t)
	secret, public, err := cosignature.GenerateMLDSAKey("w.example/pq")
	s.ok(err)
	signer, err := cosignature.NewSignerForCosignatureV1(secret)
	s.ok(err)
	key, err := witness.Key(public)
	s.ok(err)
	whole, err := note.Sign(&note.Note{Text: textOf(s.checkpoint)}, signer)
	s.ok(err)
	p, err := witness.Read(whole)
	s.ok(err)
	all, err := p.Attestations(s.checkpoint, key)
	s.ok(err)
	trust := s.trust()
	trust.Witnesses = []note.Verifier{key}
	if who, err := trust.Attestation(all[0], all[0].Time); err != nil || !strings.HasPrefix(who, "w.example/pq+") {
		t.Errorf("%q, %v", who, err)
	}
	b := []byte(all[0].Note)
	b[len(b)-100] ^= 1
	all[0].Note = string(b)
	if who, err := trust.Attestation(all[0], all[0].Time); err == nil {
		t.Errorf("changed, it is of %q", who)
	}
}

// Tokens that OpenSSL made hold, with both ways in which a signature names its
// certificate, and no byte of them can be another.
func TestRecordedToken(t *testing.T) {
	root, text := read(t, "openssl.pem"), string(read(t, "openssl.checkpoint"))
	trust := verify.Trust{Authorities: x509.NewCertPool()}
	trust.Authorities.AppendCertsFromPEM(root)
	for _, name := range []string{"openssl.token", "openssl-sha1.token"} {
		token := read(t, name)
		p, err := witness.Read(token)
		if err != nil {
			t.Fatal(err)
		}
		b, err := base64.StdEncoding.DecodeString(strings.Split(text, "\n")[2])
		if err != nil {
			t.Fatal(err)
		}
		all, err := p.Attestations(everqual.Checkpoint{Size: 128, Root: everqual.Digest(fmt.Sprintf("sha256:%x", b)), Note: text})
		if err != nil {
			t.Fatal(err)
		}
		a := all[0]
		if who, err := trust.Attestation(a, a.Time); err != nil || who != "CN=Test TSA,O=Test" {
			t.Errorf("%s: %q, %v", name, who, err)
		}
		for at := range token {
			token[at] ^= 1 << (at % 8)
			a.Token = token
			if who, err := trust.Attestation(a, a.Time); err == nil && who != "" {
				t.Errorf("%s: with byte %d changed it is believed", name, at)
			}
			token[at] ^= 1 << (at % 8)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever is attached, the verifier answers.
func FuzzAttestation(f *testing.F) {
	s := newScene(f)
	for _, a := range []everqual.Attestation{cosigned(s.checkpoint, s.one, noon), s.stamped(s.checkpoint, s.authority, noon)} {
		f.Add(string(a.Form), a.Note, a.Token)
	}
	trust := s.trust(s.one)
	trust.Authorities = s.authority.Pool()
	f.Fuzz(func(t *testing.T, form, text string, token []byte) {
		a := everqual.Attestation{Size: s.checkpoint.Size, Root: s.checkpoint.Root, Form: everqual.AttestationForm(form), Note: text, Token: token, By: s.one.Name, Time: noon}
		who, err := trust.Attestation(a, noon)
		if err == nil && who != "" && text != cosigned(s.checkpoint, s.one, noon).Note {
			t.Errorf("%q is believed to be of %s", text, who)
		}
	})
}
