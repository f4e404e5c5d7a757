package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"github.com/everqual/everqual/witness"
	"github.com/everqual/everqual/witness/witnesstest"
	"golang.org/x/mod/sumdb/note"
)

var noon = time.Date(2020, 3, 2, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// book is a ledger with its key.
type book struct {
	t      testing.TB
	ledger *ledger.Ledger
	signer note.Signer
	public string
}

func newBook(t testing.TB) *book {
	secret, public, err := note.GenerateKey(rand.Reader, "everqual/test")
	ok(t, err)
	signer, err := note.NewSigner(secret)
	ok(t, err)
	return &book{t, ledger.New(&ledgertest.Memory{}, atNoon), signer, public}
}

// grow adds records and signs them.
func (b *book) grow(n int, words string) everqual.Checkpoint {
	ctx := context.Background()
	for i := range n {
		head, err := b.ledger.Head(ctx)
		ok(b.t, err)
		_, _, err = b.ledger.Append(ctx, ledger.Entry{Kind: "test", Key: fmt.Sprint(words, head.Sequence, i), Body: words})
		ok(b.t, err)
	}
	c, err := b.ledger.Checkpoint(ctx, b.signer)
	ok(b.t, err)
	return c
}

func (b *book) prove(c everqual.Checkpoint) witness.Prove {
	return func(ctx context.Context, old uint64) ([]everqual.Digest, error) {
		return b.ledger.Consistency(ctx, old, c.Size)
	}
}

func serve(t testing.TB, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// A witness gets the proof from what it cosigned last, whatever that is and
// whatever was believed of it.
func TestCosign(t *testing.T) {
	ctx := context.Background()
	b, w := newBook(t), witnesstest.NewWitness("w.example/1", atNoon)
	ok(t, w.Know(b.public))
	url, client := serve(t, w), witness.NewClient(time.Minute)
	key, err := witness.Key(w.VKey())
	ok(t, err)
	for i, n := range []int{1, 1, 5, 3, 20, 2} {
		c := b.grow(n, "a")
		for _, old := range []uint64{0, c.Size, c.Size / 2} {
			p, err := client.Cosign(ctx, url+"/", c, old, b.prove(c))
			if err != nil {
				t.Fatalf("round %d, old %d: %v", i, old, err)
			}
			all, err := p.Attestations(c, key)
			if err != nil || len(all) != 1 || all[0].By != w.Name || !all[0].Time.Equal(noon) || !strings.HasPrefix(all[0].Note, c.Note) {
				t.Fatalf("%+v, %v", all, err)
			}
		}
	}
}

func TestWitnessRefuses(t *testing.T) {
	ctx := context.Background()
	b, w := newBook(t), witnesstest.NewWitness("w.example/1", atNoon)
	ok(t, w.Know(b.public))
	url, client := serve(t, w), witness.NewClient(time.Minute)
	first := b.grow(5, "a")
	second := b.grow(5, "a")
	_, err := client.Cosign(ctx, url, second, 0, b.prove(second))
	ok(t, err)
	past := newBook(t) // another past under the same key
	past.signer = b.signer
	shorter, same, longer := past.grow(3, "b"), past.grow(7, "b"), past.grow(9, "b")
	if same.Size != second.Size {
		t.Fatalf("%d records, want %d: the case needs the same size", same.Size, second.Size)
	}
	stranger := newBook(t)
	its := stranger.grow(3, "c")
	unknown := newBook(t)
	secret, _, err := note.GenerateKey(rand.Reader, "everqual/unknown")
	ok(t, err)
	unknown.signer, err = note.NewSigner(secret)
	ok(t, err)
	unknowns := unknown.grow(3, "c")
	for name, c := range map[string]struct {
		of    *book
		point everqual.Checkpoint
		want  string
	}{
		"an older checkpoint":       {b, first, "it has cosigned 11 records of this ledger already"},
		"another past, shorter":     {past, shorter, "it has cosigned 11 records of this ledger already"},
		"another past, as long":     {past, same, "it has cosigned other records than the first 11"},
		"another past, longer":      {past, longer, "do not continue those that it cosigned"},
		"another key":               {stranger, its, "does not take the ledger's signature"},
		"a ledger it does not know": {unknown, unknowns, "does not know this ledger"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := client.Cosign(ctx, url, c.point, 0, c.of.prove(c.point)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestStamp(t *testing.T) {
	ctx := context.Background()
	a, err := witnesstest.NewAuthority(atNoon)
	ok(t, err)
	c := newBook(t).grow(3, "a")
	client := witness.NewClient(time.Minute)
	p, err := client.Stamp(ctx, serve(t, a), c, big.NewInt(42))
	ok(t, err)
	all, err := p.Attestations(c)
	if err != nil || len(all) != 1 || all[0].By != "CN=Test TSA" || !all[0].Time.Equal(noon) || all[0].Note != c.Note || all[0].Form != everqual.TimeStamp {
		t.Errorf("%+v, %v", all, err)
	}
	// An answer that was given before is no answer.
	old, err := a.Stamp([]byte(c.Note), noon)
	ok(t, err)
	again := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(old) }))
	if _, err := client.Stamp(ctx, again, c, big.NewInt(43)); err == nil || !strings.Contains(err.Error(), "another request than ours") {
		t.Errorf("an old answer: %v", err)
	}
}

// What a server does wrong is said, and does not go on for ever.
func TestBadServers(t *testing.T) {
	ctx := context.Background()
	b := newBook(t)
	c := b.grow(3, "a")
	size := 0
	for name, s := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"says much":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, "more than"},
		"says nothing":    {func(http.ResponseWriter, *http.Request) {}, "brings no cosignature"},
		"waits":           {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, "Client.Timeout"},
		"leads elsewhere": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusTemporaryRedirect) }, "307"},
		"fails": {func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "no disk\x1b[2J", http.StatusInternalServerError)
		}, `"no disk\x1b[2J\n"`},
		"a conflict of what": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "of interest", http.StatusConflict) }, "409"},
		"never the same": {func(w http.ResponseWriter, _ *http.Request) {
			size++
			http.Error(w, fmt.Sprint(1+size%3), http.StatusConflict)
		}, "try again"},
	} {
		t.Run(name, func(t *testing.T) {
			client := witness.NewClient(300 * time.Millisecond)
			p, err := client.Cosign(ctx, serve(t, s.handler), c, 0, b.prove(c))
			if err == nil {
				_, err = p.Attestations(c)
			}
			if err == nil || !strings.Contains(err.Error(), s.want) {
				t.Errorf("%v, want %q", err, s.want)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	c := newBook(t).grow(1, "a")
	for _, at := range []string{"http://witness.example/", "ftp://127.0.0.1/", "witness.example", "", "https://", "http://127.0.0.1.example.com/", "file:///etc/passwd"} {
		if _, err := witness.NewClient(time.Second).Stamp(context.Background(), at, c, big.NewInt(1)); err == nil || !strings.Contains(err.Error(), "address") {
			t.Errorf("%q: %v", at, err)
		}
	}
}

func TestKey(t *testing.T) {
	w := witnesstest.NewWitness("w.example/1", atNoon)
	name, rest, _ := strings.Cut(w.VKey(), "+")
	hash, key, _ := strings.Cut(rest, "+")
	raw, err := base64.StdEncoding.DecodeString(key)
	ok(t, err)
	plain, err := note.NewEd25519VerifierKey(name, raw[1:])
	ok(t, err)
	for vkey, want := range map[string]bool{
		w.VKey(): true, plain: true, "": false, name: false, name + "+" + hash: false, "w.example/2+" + rest: false,
		name + "+00000000+" + key: false, name + "+" + hash + "+" + key[:len(key)-4]: false,
	} {
		got, err := witness.Key(vkey)
		if (err == nil) != want {
			t.Errorf("%q: %v", vkey, err)
		}
		if err == nil && fmt.Sprintf("%08x", got.KeyHash()) != hash {
			t.Errorf("%q: hash %08x, want %s", vkey, got.KeyHash(), hash)
		}
	}
}

// A paper is over one checkpoint, and says why it is not over another.
func TestPaper(t *testing.T) {
	b, w := newBook(t), witnesstest.NewWitness("w.example/1", atNoon)
	a, err := witnesstest.NewAuthority(atNoon)
	ok(t, err)
	one, two := b.grow(3, "a"), b.grow(3, "a")
	text := one.Note[:strings.Index(one.Note, "\n\n")+1]
	reply, err := a.Stamp([]byte(one.Note), noon)
	ok(t, err)
	key, err := witness.Key(w.VKey())
	ok(t, err)
	for name, c := range map[string]struct {
		paper string
		of    everqual.Checkpoint
		want  string
	}{
		"a cosigned note":             {one.Note + w.Line(text, noon), one, ""},
		"without the ledger's own":    {text + "\n" + w.Line(text, noon), one, ""},
		"of another checkpoint":       {one.Note + w.Line(text, noon), two, "the checkpoint is"},
		"nobody cosigned":             {one.Note, one, "it brings no cosignature"},
		"another cosigned":            {one.Note + witnesstest.NewWitness("w.example/2", atNoon).Line(text, noon), one, "none of them by a key that was given"},
		"a signature of another text": {one.Note + w.Line(text+"x", noon), one, "not the witness's"},
		"a reply":                     {string(reply), one, ""},
		"a reply to another":          {string(reply), two, "the time-stamp is over"},
		"words":                       {"It was so.", one, "neither a signed note nor a time-stamp"},
		"nothing":                     {"", one, "neither a signed note nor a time-stamp"},
		"half a reply":                {string(reply[:len(reply)/2]), one, "no time-stamp in DER"},
		"a reply and more":            {string(reply) + "\x00", one, "bytes follow it"},
		"too much":                    {strings.Repeat("x", witness.MaxPaper+1), one, "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := witness.Read([]byte(c.paper))
			if err == nil {
				_, err = p.Attestations(c.of, key)
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// What is nested deep would take the library for ever.
func TestNestedDeep(t *testing.T) {
	b := []byte{5, 0}
	for range 40 {
		b = append([]byte{0x30, byte(len(b))}, b...)
	}
	if _, err := witness.Read(b); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Error(err)
	}
	if _, err := witness.Read(append([]byte{0x30}, make([]byte, 70_000)...)); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("too long: %v", err)
	}
}

// FuzzRead reads whatever somebody attaches.
func FuzzRead(f *testing.F) {
	b, w := newBook(f), witnesstest.NewWitness("w.example/1", atNoon)
	a, err := witnesstest.NewAuthority(atNoon)
	ok(f, err)
	c := b.grow(3, "a")
	text := c.Note[:strings.Index(c.Note, "\n\n")+1]
	reply, err := a.Stamp([]byte(c.Note), noon)
	ok(f, err)
	key, err := witness.Key(w.VKey())
	ok(f, err)
	f.Add([]byte(c.Note + w.Line(text, noon)))
	f.Add(reply)
	f.Add(reply[9:])
	f.Fuzz(func(t *testing.T, paper []byte) {
		p, err := witness.Read(bytes.Clone(paper))
		if err != nil {
			return
		}
		all, err := p.Attestations(c, key)
		if over := p.Over(c); err == nil && (over != nil || len(all) == 0) {
			t.Errorf("%d attestations of what is not over the checkpoint: %v", len(all), over)
		}
	})
}
