package trail_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/trail"
	"github.com/google/go-cmp/cmp"
)

func text(s string) *string { return &s }

// body is a copy of what is stored.
func (w *world) body(name string) []byte { return bytes.Clone(w.objects[w.key(name)].Body) }

// replace changes a piece of a digest as somebody without the key would.
func (w *world) replace(name, old, with string) {
	content := w.content(w.key(name))
	if !bytes.Contains(content, []byte(old)) {
		panic(old + " is not in " + name)
	}
	w.setBody(name, pack(bytes.Replace(content, []byte(old), []byte(with), 1)))
}

// replaceSigned replaces a piece of a digest, and signs it as CloudTrail would.
func (w *world) replaceSigned(name, old, with string) {
	w.replace(name, old, with)
	w.putSigned(w.docs[w.key(name)], w.content(w.key(name)), signers()[0])
}

// Each damage of the standard bucket gives exactly these findings. a.d7 is the
// newest digest of its chain, a.d0 the oldest, a.d4 lists no log files.
func TestDamage(t *testing.T) {
	small := bytes.Repeat([]byte{' '}, 1<<20)
	flipped := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for name, c := range map[string]struct {
		damage func(*world)
		want   []string
	}{
		// log files
		"byte of a log":         {func(w *world) { w.setBody("a.l2.0", pack(flipped(w.content(w.key("a.l2.0"))))) }, []string{"damage log-modified a.l2.0"}},
		"log is no JSON":        {func(w *world) { w.setBody("a.l2.0", pack([]byte("{"))) }, []string{"damage log-modified a.l2.0"}},
		"log is empty":          {func(w *world) { w.setBody("a.l2.0", pack(nil)) }, []string{"damage log-modified a.l2.0"}},
		"log of no bytes":       {func(w *world) { w.setBody("a.l2.0", nil) }, []string{"damage log-broken a.l2.0"}},
		"log is not compressed": {func(w *world) { w.setBody("a.l2.0", w.content(w.key("a.l2.0"))) }, []string{"damage log-broken a.l2.0"}},
		"log is cut": {func(w *world) { b := w.objects[w.key("a.l2.0")].Body; w.setBody("a.l2.0", b[:len(b)-9]) },
			[]string{"damage log-broken a.l2.0"}},
		"bytes after gzip": {func(w *world) { w.setBody("a.l2.0", append(w.body("a.l2.0"), "x"...)) },
			[]string{"damage log-broken a.l2.0"}},
		"a second gzip member": {func(w *world) { w.setBody("a.l2.0", append(w.body("a.l2.0"), pack([]byte("{}"))...)) },
			[]string{"damage log-modified a.l2.0"}},
		"an empty second gzip member": {func(w *world) { w.setBody("a.l2.0", append(w.body("a.l2.0"), pack(nil)...)) }, nil},
		"log compressed anew":         {func(w *world) { w.setBody("a.l2.0", pack(w.content(w.key("a.l2.0")))) }, nil},
		"log is a bomb":               {func(w *world) { w.setBody("a.l2.0", pack(small)) }, []string{"damage log-too-large a.l2.0"}},
		"two logs swapped": {func(w *world) {
			x, y := w.objects[w.key("a.l1.0")].Body, w.objects[w.key("a.l3.1")].Body
			w.setBody("a.l1.0", y)
			w.setBody("a.l3.1", x)
		}, []string{"damage log-modified a.l1.0", "damage log-modified a.l3.1"}},
		"log deleted":          {func(w *world) { w.delete("b.l1.0") }, []string{"damage log-missing b.l1.0"}},
		"log of backfill gone": {func(w *world) { w.delete("f.l2.0") }, []string{"damage log-missing f.l2.0"}},
		"log renamed": {func(w *world) { w.move("a.l2.0", strings.Replace(w.key("a.l2.0"), ".json.gz", "x.json.gz", 1)) },
			[]string{"damage log-missing a.l2.0", "unverifiable log-unlisted ?"}},
		"log renamed to no name": {func(w *world) { w.move("a.l2.0", w.key("a.l2.0")+".bak") },
			[]string{"damage log-missing a.l2.0"}},
		"what a desktop leaves": {func(w *world) {
			for _, name := range []string{".DS_Store", "notes.txt", "desktop.ini", "x.json.gz", account + "_CloudTrail_us-east-1_20241301T0000Z_x.json.gz"} {
				w.copy("a.l2.0", path.Dir(w.key("a.l2.0"))+"/"+name)
			}
		}, nil},
		"log moved to another account": {func(w *world) { w.move("a.l2.0", strings.ReplaceAll(w.key("a.l2.0"), account, other)) },
			[]string{"damage log-missing a.l2.0", "unverifiable log-uncovered"}},
		"log added": {func(w *world) { w.addLog(account, "us-east-1", t0.Add(3*time.Hour+20*time.Minute)) },
			[]string{"unverifiable log-unlisted ?"}},
		"log added in a quiet hour": {func(w *world) { w.addLog(account, "us-east-1", t0.Add(4*time.Hour+20*time.Minute)) },
			[]string{"unverifiable log-unlisted ?"}},
		"log not yet in a digest": {func(w *world) { w.addLog(account, "us-east-1", t0.Add(8*time.Hour-3*time.Minute)) },
			[]string{"unverifiable log-uncovered"}},
		"log cannot be read": {func(w *world) { w.fail[w.key("a.l2.0")] = errors.New("no permission") },
			[]string{"unverifiable log-unreadable a.l2.0"}},
		"log is huge": {func(w *world) { w.fail[w.key("a.l2.0")] = trail.ErrTooLarge }, []string{"damage log-too-large a.l2.0"}},

		// digests that are gone
		"digest in the middle deleted": {func(w *world) { w.delete("a.d3") },
			[]string{"damage digest-missing a.d3", "unverifiable log-uncovered"}},
		"oldest digest deleted": {func(w *world) { w.delete("a.d0") },
			[]string{"damage digest-missing a.d0", "unverifiable log-uncovered"}},
		"newest digest deleted": {func(w *world) { w.delete("a.d7") }, []string{"unverifiable log-uncovered"}},
		"backfill digest deleted": {func(w *world) { w.delete("f.d2") },
			[]string{"damage digest-missing f.d2", "unverifiable log-unlisted f.l2.0"}},
		"three digests deleted": {func(w *world) { w.delete("a.d3", "a.d4", "a.d5") },
			[]string{"damage digest-hole", "damage digest-missing a.d5", "unverifiable log-uncovered"}},
		"all deleted": {func(w *world) {
			for n := range w.name {
				if strings.Contains(n, ".d") {
					w.delete(n)
				}
			}
		}, []string{"unverifiable digest-none", "unverifiable log-uncovered", "unverifiable log-uncovered"}},
		"all is gone": {func(w *world) { clear(w.objects) }, []string{"unverifiable digest-none"}},
		"digest renamed to no name": {func(w *world) { w.move("a.d4", w.key("a.d4")+".bak") },
			[]string{"damage digest-missing a.d4", "note digest-name ?"}},
		"digest cannot be read": {func(w *world) { w.fail[w.key("a.d4")] = errors.New("no permission") },
			[]string{"unverifiable digest-unreadable a.d4"}},
		"digest is huge": {func(w *world) { w.fail[w.key("a.d4")] = trail.ErrTooLarge }, []string{"damage digest-too-large a.d4"}},
		"deleted before an invalid one": {func(w *world) {
			w.delete("a.d3")
			w.replace("a.d4", "SHA256withRSA", "SHA1withRSA")
		}, []string{"damage digest-hole", "damage previous-hash a.d4", "damage signature-algorithm a.d4", "unverifiable log-uncovered"}},

		// digests that are changed
		"digest is cut":     {func(w *world) { b := w.objects[w.key("a.d4")].Body; w.setBody("a.d4", b[:len(b)-4]) }, []string{"damage digest-broken a.d4"}},
		"bytes after gzip ": {func(w *world) { w.setBody("a.d4", append(w.body("a.d4"), 0)) }, []string{"damage digest-broken a.d4"}},
		"digest is no JSON": {func(w *world) { w.setBody("a.d4", pack([]byte("{"))) }, []string{"damage digest-broken a.d4"}},
		"digest is a bomb":  {func(w *world) { w.setBody("a.d4", pack(small)) }, []string{"damage digest-too-large a.d4"}},
		"white space in a digest": {func(w *world) { w.replace("a.d4", `"logFiles":`, `"logFiles": `) },
			[]string{"damage previous-hash a.d4", "damage signature-invalid a.d4"}},
		"white space in the newest digest": {func(w *world) { w.replace("b.d2", `"logFiles":`, `"logFiles": `) },
			[]string{"damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"log taken out of a digest": {func(w *world) {
			w.edit("a.d3", func(d *digestFile) { d.Logs = d.Logs[:1] })
			w.delete("a.l3.1")
		}, []string{"damage previous-hash a.d3", "damage signature-invalid a.d3", "unverifiable log-uncovered"}},
		"hash of a log changed in log and digest": {func(w *world) {
			w.setBody("a.l3.0", pack([]byte(`{"Records":[]}`)))
			w.edit("a.d3", func(d *digestFile) {
				d.Logs = append([]logFile(nil), d.Logs...)
				d.Logs[0].Hash = w.contentHash(w.key("a.l3.0"))
			})
		}, []string{"damage previous-hash a.d3", "damage signature-invalid a.d3", "unverifiable log-uncovered"}},
		"wrong fingerprint of a known key": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.Fingerprint = signers()[1].fingerprint }) },
			[]string{"damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"wrong fingerprint of an unknown key": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.Fingerprint = signers()[2].fingerprint }) },
			[]string{"damage key-mismatch b.d2", "unverifiable log-uncovered"}},
		"algorithm": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.Algorithm = "none" }) },
			[]string{"damage signature-algorithm b.d2", "unverifiable log-uncovered"}},
		"previous hash": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.PrevHash = text(strings.Repeat("0", 64)) }) },
			[]string{"damage previous-hash b.d2", "damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"previous signature": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.PrevSignature = text("00") }) },
			[]string{"damage previous-signature b.d2", "damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"previous signature is no number": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.PrevSignature = text("zz") }) },
			[]string{"damage previous-signature b.d2", "damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"previous digest": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.PrevObject = text("AWSLogs/x") }) },
			[]string{"damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"names itself": {func(w *world) {
			w.edit("b.d2", func(d *digestFile) { d.PrevObject = text(d.Object) })
			w.forget("b.d2")
		}, []string{"unverifiable digest-mismatch b.d2", "unverifiable signature-missing b.d2"}},
		"names itself, signed": {func(w *world) { w.resign("b.d2", signers()[0], func(d *digestFile) { d.PrevObject = text(d.Object) }) },
			[]string{"unverifiable digest-mismatch b.d2"}},
		"names a later one, signed": {func(w *world) {
			w.resign("b.d1", signers()[0], func(d *digestFile) { d.PrevObject = text(w.key("b.d2")) })
			w.resign("b.d2", signers()[0], func(d *digestFile) { w.link(d, w.key("b.d1")) })
		}, []string{"unverifiable digest-mismatch b.d1"}},
		"previous in no bucket, signed": {func(w *world) { w.resign("b.d2", signers()[0], func(d *digestFile) { d.PrevBucket = nil }) },
			[]string{"note digest-mismatch b.d2"}},
		"previous in another bucket and here, signed": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.PrevBucket = text("another") })
		}, []string{"note digest-mismatch b.d2"}},
		"log of another bucket, signed": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Logs[0].Bucket = "another" })
		}, []string{"unverifiable log-elsewhere b.l2.0", "unverifiable log-unlisted b.l2.0"}},
		"chain cut off": {func(w *world) {
			w.edit("b.d2", func(d *digestFile) { d.PrevObject, d.PrevHash, d.PrevSignature, d.PrevBucket = nil, nil, nil, nil })
			w.delete("b.d1", "b.d0", "b.l1.0", "b.l0.0")
		}, []string{"damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"signed anew by another key under the same name": {func(w *world) {
			w.put(w.docs[w.key("b.d2")], signers()[1])
		}, []string{"damage signature-invalid b.d2", "unverifiable log-uncovered"}},
		"signed anew by an unknown key": {func(w *world) {
			w.resign("b.d2", signers()[2], func(d *digestFile) { d.Fingerprint = signers()[2].fingerprint })
		}, []string{"unverifiable key-unknown b.d2"}},
		"signed anew by an unknown key in the middle": {func(w *world) {
			w.resign("b.d1", signers()[2], func(d *digestFile) { d.Fingerprint = signers()[2].fingerprint })
		}, []string{"damage key-mismatch b.d1", "damage previous-hash b.d1", "unverifiable log-uncovered"}},

		// digests that were moved
		"replaced by an older one": {func(w *world) { w.copy("a.d3", w.key("a.d5")) },
			[]string{"damage digest-moved a.d5", "damage previous-hash a.d5", "unverifiable log-uncovered"}},
		"moved to another account's folder": {func(w *world) { w.move("a.d4", strings.Replace(w.key("a.d4"), account, other, 1)) },
			[]string{"damage digest-missing a.d4", "damage digest-moved ?"}},
		"moved to another prefix": {func(w *world) { w.move("a.d4", "p/"+w.key("a.d4")) },
			[]string{"damage digest-missing a.d4", "damage digest-moved ?"}},
		"copied to another prefix": {func(w *world) { w.copy("a.d4", "p/"+w.key("a.d4")) },
			[]string{"damage digest-duplicate ?", "damage digest-moved ?"}},
		"copied to another prefix, sorted first": {func(w *world) { w.copy("a.d4", "0/"+w.key("a.d4")) },
			[]string{"damage digest-duplicate ?", "damage digest-moved ?"}},
		"copied between": {func(w *world) { w.copy("a.d4", strings.Replace(w.key("a.d4"), "0131Z", "1131Z", 1)) },
			[]string{"damage digest-moved ?", "damage digest-unlinked ?"}},
		"renamed to another hour": {func(w *world) { w.move("a.d7", strings.Replace(w.key("a.d7"), "T060131Z", "T070131Z", 1)) },
			[]string{"damage digest-hole", "damage digest-moved ?", "unverifiable log-uncovered"}},
		"other bucket": {func(w *world) { w.edit("b.d2", func(d *digestFile) { d.Bucket = "x" }) },
			[]string{"damage digest-moved b.d2", "damage signature-invalid b.d2", "unverifiable log-uncovered"}},

		// metadata
		"newest without metadata": {func(w *world) { w.forget("a.d7") }, []string{"unverifiable signature-missing a.d7"}},
		"all but the newest without metadata": {func(w *world) {
			w.forget("a.d0", "a.d1", "a.d2", "a.d3", "a.d4", "a.d5", "a.d6")
		}, nil},
		"without metadata, before a missing one": {func(w *world) { w.forget("a.d3"); w.delete("a.d4") },
			[]string{"damage digest-missing a.d4", "unverifiable signature-missing a.d3"}},
		"changed without metadata": {func(w *world) { w.forget("a.d4"); w.replace("a.d4", `"logFiles":`, `"logFiles": `) },
			[]string{"damage previous-hash a.d4", "damage signature-invalid a.d4"}},
		"signature in the metadata":        {func(w *world) { w.setMeta("a.d3", "signature", "00") }, []string{"damage metadata-altered a.d3"}},
		"no signature in the metadata":     {func(w *world) { w.setMeta("a.d3", "signature", "zz") }, []string{"damage metadata-altered a.d3"}},
		"algorithm in the metadata":        {func(w *world) { w.setMeta("a.d3", "signature-algorithm", "none") }, []string{"damage metadata-altered a.d3"}},
		"signature in the newest metadata": {func(w *world) { w.setMeta("a.d7", "signature", "00") }, []string{"damage signature-invalid a.d7", "unverifiable log-uncovered"}},
		"capital letters in the metadata": {func(w *world) {
			w.setMeta("a.d7", "signature", strings.ToUpper(w.objects[w.key("a.d7")].Metadata["signature"]))
		}, nil},
		"metadata swapped": {func(w *world) {
			x, y := w.objects[w.key("a.d3")].Metadata["signature"], w.objects[w.key("a.d7")].Metadata["signature"]
			w.setMeta("a.d3", "signature", y)
			w.setMeta("a.d7", "signature", x)
		}, []string{"damage metadata-altered a.d3", "damage signature-invalid a.d7", "unverifiable log-uncovered"}},
		"invalid one and the one before without metadata": {func(w *world) {
			w.forget("b.d1")
			w.edit("b.d2", func(d *digestFile) { d.PrevSignature = text("00") })
		}, []string{"damage signature-invalid b.d2", "unverifiable log-uncovered", "unverifiable signature-missing b.d1"}},
		"backfill without its time": {func(w *world) { w.setMeta("f.d5", "backfill-generation-timestamp", "soon") },
			[]string{"damage metadata-altered f.d5"}},
		"backfill long after the key": {func(w *world) {
			w.setMeta("f.d5", "backfill-generation-timestamp", t0.AddDate(3, 0, 0).Format(time.RFC3339))
		}, []string{"damage key-expired f.d5", "unverifiable log-uncovered"}},

		// what CloudTrail itself would have signed
		"unknown fields": {func(w *world) {
			w.replaceSigned("b.d2", `"logFiles":`, `"x":{"logFiles":[1]},"LogFiles":3,"logFiles":`)
		}, nil},
		"a field twice": {func(w *world) { w.replaceSigned("b.d2", `"logFiles":`, `"logFiles":[],"logFiles":`) },
			[]string{"damage digest-broken b.d2", "unverifiable log-uncovered"}},
		"a field is missing": {func(w *world) { w.replaceSigned("b.d2", `"logFiles"`, `"LogFiles"`) },
			[]string{"damage digest-broken b.d2", "unverifiable log-uncovered"}},
		"no log files but null": {func(w *world) { w.resign("b.d2", signers()[0], func(d *digestFile) { d.Logs = nil }) },
			[]string{"damage digest-broken b.d2", "unverifiable log-uncovered"}},
		"overlap": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Start = t0.Add(100 * time.Minute).Format(time.RFC3339) })
		}, []string{"note digest-overlap b.d2"}},
		"time that is left out": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Start = t0.Add(130 * time.Minute).Format(time.RFC3339) })
		}, []string{"gap uncovered b.d2"}},
		"other times than its name": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.End, d.Account = t0.Add(175*time.Minute).Format(time.RFC3339), other })
		}, []string{"note digest-mismatch b.d2", "note digest-mismatch b.d2"}},
		"covers no time": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Start = d.End })
		}, []string{"gap uncovered b.d2", "note digest-mismatch b.d2"}},
		"from another bucket": {func(w *world) {
			w.resign("b.d0", signers()[0], func(d *digestFile) {
				w.link(d, w.key("b.d1"))
				d.PrevBucket, d.PrevObject = text("old"), text(strings.Replace(w.key("b.d0"), "T230131Z", "T220131Z", 1))
			})
		}, nil},
		"log in another bucket": {func(w *world) {
			w.delete("b.l2.0")
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Logs[0].Bucket = "old" })
		}, []string{"unverifiable log-elsewhere b.l2.0"}},
		"hash of another algorithm": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Logs[0].HashAlgorithm = "SHA-512" })
		}, []string{"unverifiable log-algorithm b.l2.0"}},
		"log listed twice": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) { d.Logs = append(d.Logs, w.docs[w.key("b.d1")].Logs...) })
		}, []string{"note log-listed-twice b.l1.0"}},
		"log listed twice with another hash": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) {
				l := w.docs[w.key("b.d1")].Logs[0]
				l.Hash = strings.Repeat("0", 64)
				d.Logs = append(d.Logs, l)
			})
		}, []string{"damage log-listed-twice b.l1.0", "damage log-modified b.l1.0"}},
		"log that leads out of the folder": {func(w *world) {
			w.resign("b.d2", signers()[0], func(d *digestFile) {
				d.Logs = append(d.Logs, logFile{Bucket: bucket, Object: "../../etc/passwd", HashAlgorithm: "SHA-256"})
			})
		}, []string{"damage log-missing ../../etc/passwd"}},
		"insight logs": {func(w *world) {
			w.objects["AWSLogs/"+account+"/CloudTrail-Insight/us-east-1/x.json.gz"] = trail.Object{Body: pack([]byte("{}"))}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := standard()
			c.damage(w)
			opt := trail.Options{LogLimit: 1 << 19, DigestLimit: 1 << 19}
			if name == "from another bucket" {
				c.want = []string{"unverifiable chain-leaves b.d0"}
				w.objects[w.key("b.d1")] = standardFrom(w)
			}
			r := w.validate(t, trusted(t), opt)
			if diff := cmp.Diff(c.want, w.found(r)); diff != "" {
				t.Errorf("%s", diff)
				for _, f := range r.Findings {
					t.Logf("%s %s %s %s: %s", f.Severity, f.Kind, w.short(f.Key), f.Field, f.Message)
				}
			}
		})
	}
}

// standardFrom links b.d1 to the b.d0 that is there, and b.d2 to it.
func standardFrom(w *world) trail.Object {
	w.resign("b.d1", signers()[0], func(d *digestFile) { w.link(d, w.key("b.d0")) })
	w.resign("b.d2", signers()[0], func(d *digestFile) { w.link(d, w.key("b.d1")) })
	return w.objects[w.key("b.d1")]
}

func TestKeys(t *testing.T) {
	s := signers()
	year := func(n int) time.Time { return t0.AddDate(n, 0, 0) }
	for name, c := range map[string]struct {
		keys []byte
		want []string // kinds without log findings
	}{
		"expired":        {keyList(year(-2), t0.Add(-time.Minute), s[0]), []string{"damage key-expired b.d0"}},
		"not yet valid":  {keyList(t0.Add(3*time.Hour+time.Minute), year(1), s[0]), []string{"damage key-expired b.d0"}},
		"soon valid":     {keyList(t0.Add(2*time.Hour), year(1), s[0]), nil},
		"just expired":   {keyList(year(-1), t0, s[0]), nil},
		"two periods":    {append(append([]byte(nil), keyList(year(-2), year(-1), s[0], s[1])...), ' '), []string{"damage key-expired b.d0"}},
		"another key":    {keyList(year(-1), year(1), s[1]), []string{"unverifiable key-unknown b.d0"}},
		"among the keys": {keyList(year(-1), year(1), s[1], s[2], s[0]), nil},
		"no keys":        {[]byte(`{"PublicKeyList":[]}`), []string{"unverifiable key-unknown b.d0"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.chain("b", chainSpec{account: account, region: "eu-west-1", trail: "t", home: "eu-west-1"})
			w.hours("b", 1, 0)
			keys, err := trail.ParseKeys(c.keys)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, w.found(w.validate(t, keys, trail.Options{}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is unproven is never among the valid log files.
func TestCounts(t *testing.T) {
	w := standard()
	w.forget("b.d2")
	w.delete("a.d3", "a.l1.0")
	w.setBody("a.l2.1", nil)
	w.addLog(account, "us-east-1", t0.Add(80*time.Minute))
	w.addLog(account, "us-east-1", t0.Add(-80*time.Minute))
	w.objects["readme"] = trail.Object{}
	r := w.validate(t, trusted(t), trail.Options{From: t0})
	digests := trail.DigestCounts{Found: 12, Expected: 13, Valid: 11, Unverifiable: 1, Missing: 1, Quiet: 1}
	logs := trail.LogCounts{Found: 20, Outside: 1, Unlisted: 1, Uncovered: 2, Listed: 17, Valid: 14, Modified: 1, Unproven: 1, Missing: 1}
	if diff := cmp.Diff(digests, r.Digests) + cmp.Diff(logs, r.Logs); diff != "" || r.Other != 1 {
		t.Errorf("%s", diff)
	}
	for _, key := range r.ValidLogs {
		if n := w.short(key); n == "b.l2.0" || n == "a.l3.0" || n == "a.l2.1" || n == "?" {
			t.Errorf("%s is valid", n)
		}
	}
}

// A message says what was changed as far as that can be told.
func TestMessages(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(*world)
		want   string
	}{
		"content":    {func(w *world) { w.replace("b.d2", `"logFiles":`, `"logFiles": `) }, "made by CloudTrail's key over something else"},
		"signature":  {func(w *world) { w.setMeta("b.d2", "signature", strings.Repeat("ab", 128)) }, "the signature itself was changed"},
		"key":        {func(w *world) { w.put(w.docs[w.key("b.d2")], signers()[1]) }, "it was made by key " + signers()[1].fingerprint},
		"moved":      {func(w *world) { w.copy("b.d1", w.key("b.d2")) }, "moved or copied from there"},
		"no JSON":    {func(w *world) { w.setBody("b.l2.0", pack([]byte("x"))) }, "no JSON any more"},
		"twice":      {func(w *world) { w.replaceSigned("b.d2", `"logFiles":`, `"logFiles":[],"logFiles":`) }, `"logFiles" occurs twice`},
		"behind":     {func(w *world) { w.setBody("b.d2", pack(append(w.content(w.key("b.d2")), '1'))) }, "something follows"},
		"first gone": {func(w *world) { w.delete("b.d0") }, "with the beginning of the range"},
	} {
		w := standard()
		c.damage(w)
		r := w.validate(t, trusted(t), trail.Options{})
		b, err := json.Marshal(r)
		if err != nil || !strings.Contains(fmt.Sprint(r.Findings), c.want) {
			t.Errorf("%s: %v %s", name, err, b)
		}
	}
}
