package trail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/trail"
	"github.com/google/go-cmp/cmp"
)

func TestParseKeys(t *testing.T) {
	s := signers()[0]
	spki, _ := x509.MarshalPKIXPublicKey(&s.private.PublicKey)
	for name, der := range map[string][]byte{"PKCS #1": s.der, "SPKI": spki} {
		keys, err := trail.ParseKeys(keyList(t0, t0.AddDate(1, 0, 0), newSigner(s.private, der)))
		if err != nil || len(keys) != 1 {
			t.Fatalf("%s: %v", name, err)
		}
		k := keys[0]
		if k.Fingerprint != fmt.Sprintf("%x", md5.Sum(der)) || !k.Key.Equal(&s.private.PublicKey) {
			t.Errorf("%s: key %+v", name, k)
		}
		if !k.ValidFrom.Equal(t0) || !k.ValidTo.Equal(t0.AddDate(1, 0, 0)) {
			t.Errorf("%s: valid from %s to %s", name, k.ValidFrom, k.ValidTo)
		}
	}
}

func TestParseKeysRefuses(t *testing.T) {
	s := signers()[0]
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	foreign, _ := x509.MarshalPKIXPublicKey(&ec.PublicKey)
	entry := func(der []byte, fingerprint, from string) string {
		if fingerprint == "" {
			fingerprint = fmt.Sprintf("%x", md5.Sum(der))
		}
		return fmt.Sprintf(`{"PublicKeyList":[{"Value":%q,"Fingerprint":%q,"ValidityStartTime":%s}]}`, base64.StdEncoding.EncodeToString(der), fingerprint, from)
	}
	for text, want := range map[string]string{
		`{`:                                 "unexpected end",
		`{}`:                                "PublicKeyList is missing",
		`{"PublicKeyList":[{"Value":"*"}]}`: "not base64",
		entry(s.der, signers()[1].fingerprint, "null"):             "that of the value is " + s.fingerprint,
		entry([]byte("no key"), "", "null"):                        "neither",
		entry(foreign, "", "null"):                                 "not RSA",
		entry(s.der, "", `"yesterday"`):                            "neither RFC 3339",
		entry(s.der, "", `1709330491000`):                          "no number of seconds",
		entry(s.der, "", `{}`):                                     "neither RFC 3339",
		strings.Replace(entry(s.der, "", "0"), `:0}`, `:1e99}`, 1): "no number of seconds",
	} {
		if _, err := trail.ParseKeys([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFolderReads(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{filepath.Join(dir, "a", "x"): "body", filepath.Join(dir, "a", "x.metadata.json"): `{"X-Amz-Meta-Signature":"00","other":"1"}`,
		filepath.Join(dir, "b"): "body", filepath.Join(dir, "b.metadata.json"): `{"signature":1}`, outside: "secret"} {
		_ = os.MkdirAll(filepath.Dir(name), 0o700)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Symlink(outside, filepath.Join(dir, "link"))
	f := trail.Folder(dir, "store")
	o, err := f.Get(ctx, "a/x")
	want := trail.Object{Bucket: "store", Key: "a/x", Body: []byte("body"), Metadata: map[string]string{"signature": "00", "other": "1"}}
	if diff := cmp.Diff(want, o); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if o, err = f.Get(ctx, "b"); !errors.Is(err, trail.ErrMetadata) || string(o.Body) != "body" {
		t.Errorf("broken metadata: %v %+v", err, o)
	}
	for _, key := range []string{"c", "../secret", "a/../../secret", "/etc/passwd", "", ".", "a//x", outside} {
		if _, err := f.Get(ctx, key); err == nil || key != "." && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("get %q: %v", key, err)
		}
	}
	if o, err := f.Get(ctx, "link"); err == nil {
		t.Errorf("the link led to %q", o.Body)
	}
	var keys []string
	for key, err := range f.List(ctx, "a") {
		keys = append(keys, fmt.Sprint(key, err))
	}
	if !slices.Equal(keys, []string{"a/x<nil>"}) {
		t.Errorf("list: %q", keys)
	}
	for _, err := range trail.Folder(filepath.Join(dir, "absent"), "").List(ctx, "") {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("list of no folder: %v", err)
		}
	}
}

// A sidecar that is no JSON is damage of what it belongs to, which the next
// digest still proves.
func TestBrokenSidecar(t *testing.T) {
	w := standard()
	dir := w.save(t)
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(w.key("a.d3")))+".metadata.json", []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := trail.Validate(context.Background(), trail.Folder(dir, bucket), trusted(t), trail.Options{})
	if diff := cmp.Diff([]string{"damage metadata-altered a.d3"}, w.found(r)); err != nil || diff != "" || r.Digests.Valid != 13 {
		t.Errorf("%v %+v %s", err, r.Digests, diff)
	}
}

// A listing that fails is no result.
func TestListFails(t *testing.T) {
	_, err := trail.Validate(context.Background(), trail.Folder(filepath.Join(t.TempDir(), "absent"), ""), trusted(t), trail.Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// FuzzDigest puts anything in the place of the newest digest: it is never
// valid unless it is the digest that was signed, and all is counted.
func FuzzDigest(f *testing.F) {
	base := newWorld()
	base.chain("a", chainSpec{account: account, region: "us-east-1", trail: "t", home: "us-east-1"})
	base.hours("a", 3, 1)
	signed := base.content(base.key("a.d2"))
	for _, s := range []string{"", "{", "{}", "null", "[]", `{"logFiles":[]}`, `{"logFiles":[{}],"a":`, `{"digestEndTime":1}`, `{"a":1,"a":2}`, "\xff", `{"` + strings.Repeat("[", 100)} {
		f.Add([]byte(s))
	}
	f.Add(signed)
	f.Add(append(slices.Clone(signed), ' '))
	f.Add([]byte(strings.Replace(string(signed), `"digestS3Object"`, `"digestS3object"`, 1)))
	f.Add([]byte(strings.Replace(string(signed), `"previousDigestS3Object":"`, `"previousDigestS3Object":null,"x":"`, 1)))
	f.Add([]byte(strings.Replace(string(signed), `Z","digestEndTime`, `+25:00","digestEndTime`, 1)))
	keys := trusted(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		base.setBody("a.d2", pack(content))
		for _, meta := range []bool{true, false} {
			o := base.objects[base.key("a.d2")]
			defer func(o trail.Object) { base.objects[base.key("a.d2")] = o }(o)
			if !meta {
				base.forget("a.d2")
			}
			r := base.validate(t, keys, trail.Options{})
			if same := string(content) == string(signed); meta && same != !r.Damaged() {
				t.Errorf("damage %v: %v", r.Damaged(), base.found(r))
			}
			if !meta && r.Digests.Valid > 2 {
				t.Errorf("valid without a signature: %s", content)
			}
			if r.Logs.Valid < 2 || r.Digests.Expected < 3 {
				t.Errorf("what comes before is lost: %+v %+v", r.Digests, r.Logs)
			}
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(keyList(t0, t0.Add(time.Hour), signers()[0]))
	f.Add([]byte(`{"PublicKeyList":[{"Value":"","Fingerprint":"d41d8cd98f00b204e9800998ecf8427e","ValidityStartTime":-1e10}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := trail.ParseKeys(text)
		for _, k := range keys {
			if err != nil || k.Key == nil || len(k.Fingerprint) != 32 {
				t.Errorf("%v %+v", err, k)
			}
			if _, err := json.Marshal(k.ValidFrom); err != nil {
				t.Error(err)
			}
		}
	})
}
