package trail_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual/trail"
)

const (
	bucket  = "trail-bucket"
	account = "111122223333"
	other   = "444455556666"
)

var t0 = time.Date(2024, 3, 1, 22, 1, 31, 0, time.UTC)

// signer is a key pair as CloudTrail would have it.
type signer struct {
	private     *rsa.PrivateKey
	der         []byte
	fingerprint string
}

// signers are small keys: what is tested does not depend on their size.
var signers = sync.OnceValue(func() (out [3]signer) {
	for i := range out {
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			panic(err)
		}
		out[i] = newSigner(key, x509.MarshalPKCS1PublicKey(&key.PublicKey))
	}
	return out
})

func newSigner(key *rsa.PrivateKey, der []byte) signer {
	sum := md5.Sum(der)
	return signer{key, der, hex.EncodeToString(sum[:])}
}

func (s signer) sign(text string) string {
	sum := sha256.Sum256([]byte(text))
	b, err := rsa.SignPKCS1v15(nil, s.private, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(b)
}

func keyList(from, to time.Time, list ...signer) []byte {
	var entries []map[string]any
	for _, s := range list {
		entries = append(entries, map[string]any{"Value": base64.StdEncoding.EncodeToString(s.der), "Fingerprint": s.fingerprint,
			"ValidityStartTime": from.Format("2006-01-02T15:04:05.000000-07:00"), "ValidityEndTime": float64(to.Unix())})
	}
	b, _ := json.Marshal(map[string]any{"PublicKeyList": entries})
	return b
}

func trusted(t testing.TB) trail.Keys {
	keys, err := trail.ParseKeys(keyList(t0.AddDate(-1, 0, 0), t0.AddDate(1, 0, 0), signers()[0], signers()[1]))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// logFile and digestFile are written in CloudTrail's order of fields.
type logFile struct {
	Bucket        string `json:"s3Bucket"`
	Object        string `json:"s3Object"`
	Hash          string `json:"hashValue"`
	HashAlgorithm string `json:"hashAlgorithm"`
	Newest        string `json:"newestEventTime"`
	Oldest        string `json:"oldestEventTime"`
}

type digestFile struct {
	Account       string    `json:"awsAccountId"`
	Start         string    `json:"digestStartTime"`
	End           string    `json:"digestEndTime"`
	Bucket        string    `json:"digestS3Bucket"`
	Object        string    `json:"digestS3Object"`
	Fingerprint   string    `json:"digestPublicKeyFingerprint"`
	Algorithm     string    `json:"digestSignatureAlgorithm"`
	Newest        *string   `json:"newestEventTime"`
	Oldest        *string   `json:"oldestEventTime"`
	PrevBucket    *string   `json:"previousDigestS3Bucket"`
	PrevObject    *string   `json:"previousDigestS3Object"`
	PrevHash      *string   `json:"previousDigestHashValue"`
	PrevAlgorithm *string   `json:"previousDigestHashAlgorithm"`
	PrevSignature *string   `json:"previousDigestSignature"`
	Logs          []logFile `json:"logFiles"`
}

// world is a bucket in memory. It knows its objects by short names: a.d3 is the
// digest of hour 3 of chain a, a.l3.1 a log file of that hour.
type world struct {
	objects map[string]trail.Object
	name    map[string]string // short name to key
	docs    map[string]digestFile
	chains  map[string]*chainSpec
	fail    map[string]error
	random  int
}

type chainSpec struct {
	root                         string // "AWSLogs/" when empty
	account, region, trail, home string
	backfill                     bool
	signer                       signer

	next    int // hour
	last    string
	stopped bool // the next digest starts a chain
}

func newWorld() *world {
	return &world{objects: map[string]trail.Object{}, name: map[string]string{}, docs: map[string]digestFile{}, chains: map[string]*chainSpec{}, fail: map[string]error{}}
}

func (w *world) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, k := range slices.Sorted(maps.Keys(w.objects)) {
			if strings.HasPrefix(k, prefix) && !yield(k, nil) {
				return
			}
		}
	}
}

func (w *world) Get(_ context.Context, key string) (trail.Object, error) {
	if err := w.fail[key]; err != nil {
		return trail.Object{}, err
	}
	o, ok := w.objects[key]
	if !ok {
		return o, fs.ErrNotExist
	}
	o.Bucket, o.Key = bucket, key
	return o, nil
}

// clone is a world of its own, for the same objects.
func (w *world) clone() *world {
	c := newWorld()
	maps.Copy(c.objects, w.objects)
	maps.Copy(c.name, w.name)
	for key, d := range w.docs {
		d.Logs = slices.Clone(d.Logs)
		c.docs[key] = d
	}
	for name, spec := range w.chains {
		s := *spec
		c.chains[name] = &s
	}
	c.random = w.random
	return c
}

// chain adds a chain, on which hours can be added.
func (w *world) chain(name string, c chainSpec) {
	if c.signer.private == nil {
		c.signer = signers()[0]
	}
	if c.root == "" {
		c.root = "AWSLogs/"
	}
	w.chains[name] = &c
}

func (w *world) hours(chain string, hours, logs int) {
	for range hours {
		w.hour(chain, logs)
	}
}

// hour adds a digest, and the log files that it lists.
func (w *world) hour(chain string, logs int) {
	c := w.chains[chain]
	start := t0.Add(time.Duration(c.next) * time.Hour)
	d := digestFile{Account: c.account, Bucket: bucket, Fingerprint: c.signer.fingerprint, Algorithm: "SHA256withRSA",
		Start: start.Format(time.RFC3339), End: start.Add(time.Hour).Format(time.RFC3339), Logs: []logFile{}}
	for i := range logs {
		at := start.Add(time.Duration(i+1) * time.Minute * 4)
		key := w.addLogAt(c.root, c.account, c.region, at)
		w.name[fmt.Sprintf("%s.l%d.%d", chain, c.next, i)] = key
		d.Logs = append(d.Logs, logFile{bucket, key, w.contentHash(key), "SHA-256", at.Format(time.RFC3339), at.Format(time.RFC3339)})
	}
	d.Object = digestKey(c, start.Add(time.Hour))
	if c.last != "" && !c.stopped {
		w.link(&d, c.last)
	}
	w.name[fmt.Sprintf("%s.d%d", chain, c.next)] = d.Object
	w.put(d, c.signer)
	if c.backfill {
		w.objects[d.Object].Metadata["backfill-generation-timestamp"] = start.Add(30 * time.Hour).Format(time.RFC3339)
	}
	c.last, c.stopped = d.Object, false
	c.next++
}

// link makes a digest name the one before it.
func (w *world) link(d *digestFile, previous string) {
	alg, sig, hash, b := "SHA-256", w.objects[previous].Metadata["signature"], w.contentHash(previous), bucket
	d.PrevObject, d.PrevBucket, d.PrevHash, d.PrevAlgorithm, d.PrevSignature = &previous, &b, &hash, &alg, &sig
}

func digestKey(c *chainSpec, end time.Time) string {
	suffix := ""
	if c.backfill {
		suffix = "_backfill"
	}
	return fmt.Sprintf("%s%s/CloudTrail-Digest/%s/%s/%s_CloudTrail-Digest_%s_%s_%s_%s%s.json.gz",
		c.root, c.account, c.region, end.Format("2006/01/02"), c.account, c.region, c.trail, c.home, end.Format("20060102T150405Z"), suffix)
}

func (w *world) addLog(account, region string, at time.Time) string {
	return w.addLogAt("AWSLogs/", account, region, at)
}

func (w *world) addLogAt(root, account, region string, at time.Time) string {
	w.random++
	key := fmt.Sprintf("%s%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%016d.json.gz",
		root, account, region, at.Format("2006/01/02"), account, region, at.Format("20060102T1504Z"), w.random)
	w.objects[key] = trail.Object{Body: pack([]byte(fmt.Sprintf(`{"Records":[{"eventID":"%s-%d","eventName":"RunInstances"}]}`, region, w.random)))}
	return key
}

// put stores a digest signed.
func (w *world) put(d digestFile, s signer) {
	content, _ := json.Marshal(d)
	w.putSigned(d, content, s)
}

func (w *world) putSigned(d digestFile, content []byte, s signer) {
	previous := "null"
	if d.PrevSignature != nil {
		previous = *d.PrevSignature
	}
	sum := sha256.Sum256(content)
	w.docs[d.Object] = d
	w.objects[d.Object] = trail.Object{Body: pack(content), Metadata: map[string]string{"signature-algorithm": "SHA256withRSA",
		"signature": s.sign(d.End + "\n" + d.Bucket + "/" + d.Object + "\n" + hex.EncodeToString(sum[:]) + "\n" + previous)}}
}

func (w *world) content(key string) []byte { return unpack(w.objects[key].Body) }

func (w *world) contentHash(key string) string {
	sum := sha256.Sum256(w.content(key))
	return hex.EncodeToString(sum[:])
}

// setBody replaces what is stored, and leaves the metadata.
func (w *world) setBody(name string, body []byte) {
	o := w.objects[w.key(name)]
	o.Body = body
	w.objects[w.key(name)] = o
}

// edit changes the fields of a digest as somebody without the key would.
func (w *world) edit(name string, change func(*digestFile)) {
	d := w.docs[w.key(name)]
	change(&d)
	content, _ := json.Marshal(d)
	w.setBody(name, pack(content))
}

// resign changes the fields of a digest as CloudTrail would have written them.
func (w *world) resign(name string, s signer, change func(*digestFile)) {
	d := w.docs[w.key(name)]
	change(&d)
	w.put(d, s)
}

func (w *world) key(name string) string {
	key, ok := w.name[name]
	if !ok {
		panic("no object " + name)
	}
	return key
}

func (w *world) delete(names ...string) {
	for _, n := range names {
		delete(w.objects, w.key(n))
	}
}

// move puts the object at another key, copy leaves it at both.
func (w *world) move(name, key string) {
	w.copy(name, key)
	w.delete(name)
}

func (w *world) copy(name, key string) { w.objects[key] = w.objects[w.key(name)] }

func (w *world) forget(names ...string) {
	for _, n := range names {
		o := w.objects[w.key(n)]
		o.Metadata = nil
		w.objects[w.key(n)] = o
	}
}

func (w *world) setMeta(name, field, value string) {
	m := maps.Clone(w.objects[w.key(name)].Metadata)
	m[field] = value
	o := w.objects[w.key(name)]
	o.Metadata = m
	w.objects[w.key(name)] = o
}

// short names a key.
func (w *world) short(key string) string {
	for n, k := range w.name {
		if k == key {
			return n
		}
	}
	if strings.Contains(key, "CloudTrail") {
		return "?"
	}
	return key
}

// save writes the world to a folder with sidecars.
func (w *world) save(t testing.TB) string {
	dir := t.TempDir()
	for key, o := range w.objects {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, o.Body, 0o600); err != nil {
			t.Fatal(err)
		}
		if o.Metadata == nil {
			continue
		}
		b, _ := json.Marshal(o.Metadata)
		if err := os.WriteFile(name+".metadata.json", b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var writers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func pack(content []byte) []byte {
	var b bytes.Buffer
	z := writers.Get().(*gzip.Writer)
	defer writers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(content)
	_ = z.Close()
	return b.Bytes()
}

func unpack(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return b
}

// found renders findings as "severity kind name", without the notes that every
// chain begins somewhere.
func (w *world) found(r trail.Result) (out []string) {
	for _, f := range r.Findings {
		if f.Kind == trail.ChainStart && f.Severity == trail.Note {
			continue
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Kind, w.short(f.Key))))
	}
	slices.Sort(out)
	return out
}

// validate validates and checks what holds for every result.
func (w *world) validate(t testing.TB, keys trail.Keys, opt trail.Options) trail.Result {
	t.Helper()
	r, err := trail.Validate(context.Background(), w, keys, opt)
	if err != nil {
		t.Fatal(err)
	}
	if total := r.Digests.Found + r.Logs.Found + r.Other; opt.Account == "" && opt.Region == "" && total != len(w.objects) {
		t.Errorf("%d objects are counted of %d: %+v %+v %d", total, len(w.objects), r.Digests, r.Logs, r.Other)
	}
	if len(r.ValidLogs) != r.Logs.Valid {
		t.Errorf("%d valid logs are named, %d counted", len(r.ValidLogs), r.Logs.Valid)
	}
	for _, f := range r.Findings {
		if f.Message == "" || f.Kind == "" || f.Severity == "" {
			t.Errorf("finding says nothing: %+v", f)
		}
	}
	return r
}
