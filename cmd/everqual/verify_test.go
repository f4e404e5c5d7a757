package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
	"golang.org/x/mod/sumdb/note"
)

// byOwnKey takes the key that a bundle brings.
var byOwnKey verify.Trust

// newHome makes a home, as commands do that take something in.
func newHome(ctx context.Context, dir string) (*flow.Corridor, error) {
	return (&app{home: dir}).corridor(ctx, parts{describer: blind(), settings: flow.DefaultSettings()})
}

// smallHome is a home with a few records that rest on something: two resources
// read from one reply, a specification, and words with marks that JSON could
// write in several ways.
func smallHome(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := newHome(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(text string) everqual.Digest {
		d := everqual.DigestOf([]byte(text))
		if err := c.Archive.Put(ctx, d, []byte(text)); err != nil {
			t.Fatal(err)
		}
		return d
	}
	reply := keep("<page/>")
	for i := range 3 {
		o := everqual.Observation{
			Resource: everqual.Resource{ID: everqual.ResourceID(fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:volume/vol-%d", i)), Type: "AWS::EC2::Volume"},
			State:    everqual.Present, Digest: everqual.DigestOf([]byte{byte(i)}), CollectedAt: time.Date(2026, 3, 2, 9, i, 0, 0, time.UTC),
			Evidence: keep(fmt.Sprintf(`{"resource":{"id":"arn:aws:ec2:eu-central-1:111122223333:volume/vol-%d","type":"AWS::EC2::Volume"},`+
				`"exchanges":[{"service":"ec2","operation":"DescribeVolumes","parameters":{},"status":200,"body_digest":%q}]}`, i, reply)),
			Collector: "AWS::EC2::Volume/1",
		}
		if _, err := c.Ledger.Observe(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []ledger.Entry{
		{Kind: everqual.KindSpecification, Key: "specification:A:1", Subjects: []string{"LIMS"}, Body: everqual.SpecificationRef{ID: "A", Version: "1", Digest: keep(`{"id":"A"}`)}},
		{Kind: "note", Key: "n", Subjects: []string{"<&>\u2028\"", "é"}, Body: "<a> & b\n\u2028"},
	} {
		if _, _, err := c.Ledger.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// changeKey has a new key sign a home, in place of its own.
func changeKey(t *testing.T, dir string) {
	t.Helper()
	must((&app{home: dir}).changeKey(t.Context(), decider{"QA", "the key was shown"}))(t)
}

func smallBundle(t *testing.T, dir string) []byte {
	t.Helper()
	ctx := context.Background()
	a := &app{home: dir}
	c, err := a.reader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := filepath.Join(t.TempDir(), "b.tar")
	if _, err := a.exportLedger(ctx, c, everqual.System{}, out); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every byte of a bundle counts: with any one of them changed it does not verify,
// and the finding names the place.
func TestEveryByteCounts(t *testing.T) {
	ctx := context.Background()
	home := smallHome(t)
	changeKey(t, home)
	whole := smallBundle(t, home)
	r, err := byOwnKey.Bundle(ctx, bytes.NewReader(whole))
	if err != nil || !r.OK() || r.Records != 7 || r.Blobs != 5 || r.Size != 7 {
		t.Fatalf("the whole bundle: %+v, %v", r, err)
	}
	if c, err := verify.Read(bytes.NewReader(whole)); err != nil || len(c.Former) != 1 {
		t.Fatalf("the keys that signed before: %q, %v", c.Former, err)
	}
	for at := range whole {
		changes := []byte{1 << (at % 8), 0xff}
		if at > len(whole)-4096 { // the manifest: a signature has bits that could say nothing
			changes = []byte{1, 2, 4, 8, 16, 32, 64, 128}
		}
		for _, change := range changes {
			b := bytes.Clone(whole)
			b[at] ^= change
			r, err := byOwnKey.Bundle(ctx, bytes.NewReader(b))
			if err != nil {
				t.Fatalf("byte %d: %v", at, err)
			}
			if r.OK() {
				t.Errorf("byte %d changed by %#x, and it verifies", at, change)
			} else if f := r.Findings[0]; f.File == "" && f.Record == 0 {
				t.Errorf("byte %d: %v names no place", at, f)
			}
		}
	}
	for n := range whole {
		if r, err := byOwnKey.Bundle(ctx, bytes.NewReader(whole[:n])); err != nil || r.OK() {
			t.Fatalf("cut off after %d bytes: %+v, %v", n, r, err)
		}
	}
	for _, more := range []string{"x", strings.Repeat("\x00", 512), string(whole)} {
		if r, err := byOwnKey.Bundle(ctx, strings.NewReader(string(whole)+more)); err != nil || r.OK() {
			t.Errorf("%d bytes more, and it verifies: %v", len(more), err)
		}
	}
}

// A bundle of another ledger does not pass for this one's.
func TestBundleOfAnotherLedger(t *testing.T) {
	one, other := smallHome(t), smallHome(t)
	key, err := publicKeys([]string{filepath.Join(one, "keys", "ledger.pub")})
	if err != nil {
		t.Fatal(err)
	}
	r, err := verify.Trust{Keys: key}.Bundle(context.Background(), bytes.NewReader(smallBundle(t, other)))
	if err != nil || r.OK() || !strings.Contains(r.Findings[0].Message, "another ledger") {
		t.Errorf("%+v, %v", r, err)
	}
}

// What somebody with the file can do to a home is found, with the record.
func TestTamperedHomeIsFound(t *testing.T) {
	only := func(sequence uint64, change func(r *everqual.Record)) func(r *everqual.Record) bool {
		return func(r *everqual.Record) bool {
			if r.Sequence == sequence {
				change(r)
			}
			return true
		}
	}
	all := func(*everqual.Record) bool { return true }
	for name, c := range map[string]struct {
		change    func(r *everqual.Record) bool
		statement string
		record    uint64
	}{
		"a body":           {only(2, func(r *everqual.Record) { replaced(r, "vol-1", "vol-7") }), ``, 2},
		"a subject":        {only(3, func(r *everqual.Record) { r.Subjects = []string{"x"} }), ``, 3},
		"a time":           {only(1, func(r *everqual.Record) { r.Time = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }), ``, 1},
		"a record gone":    {func(r *everqual.Record) bool { return r.Sequence != 3 }, ``, 4},
		"the end gone":     {func(r *everqual.Record) bool { return r.Sequence < 5 }, `UPDATE head SET sequence = 4, hash = $fourth`, 0},
		"a tree hash":      {only(4, func(r *everqual.Record) { clear(r.Tree) }), ``, 4},
		"a page":           {all, `UPDATE page SET records = CAST(x'00' || substr(records, 2) AS BLOB) WHERE first = 1`, 1},
		"a blob gone":      {all, `DELETE FROM blob WHERE digest = (SELECT min(digest) FROM blob)`, 0},
		"a blob changed":   {all, `UPDATE blob SET data = (SELECT data FROM blob ORDER BY digest DESC LIMIT 1) WHERE digest = (SELECT min(digest) FROM blob)`, 0},
		"a checkpoint":     {only(6, func(r *everqual.Record) { replaced(r, `"size":5`, `"size":4`) }), ``, 6},
		"a forged note":    {only(6, func(r *everqual.Record) { replaced(r, `\n5\n`, `\n4\n`) }), ``, 6},
		"a record hidden":  {all, `UPDATE indexed SET sequence = 6`, 0},
		"shown as another": {all, `INSERT INTO mention VALUES (1, 1, 1)`, 0},
		"nothing is left":  {func(*everqual.Record) bool { return false }, `UPDATE head SET sequence = 0, hash = ''`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallHome(t)
			db, err := sql.Open("sqlite", filepath.Join(dir, "everqual.db"))
			if err != nil {
				t.Fatal(err)
			}
			again := dropTriggers(t, db)
			fourth := pages(t, db)[3].Hash
			rewrite(t, db, c.change)
			_, err = db.Exec(c.statement, sql.Named("fourth", fourth))
			again()
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			r, err := (&app{home: dir}).verifyHome(context.Background(), verify.Trust{}, false)
			if err != nil {
				t.Fatal(err)
			}
			named := c.record == 0
			for _, f := range r.Findings {
				named = named || f.Record == c.record
			}
			if r.OK() || !named {
				t.Errorf("findings %v, want one of record %d", r.Findings, c.record)
			}
		})
	}
	if r, err := (&app{home: smallHome(t)}).verifyHome(context.Background(), verify.Trust{}, false); err != nil || !r.OK() || r.Size != 5 || r.Records != 6 || r.Unsigned != 0 {
		t.Errorf("one that nobody touched: %+v, %v", r, err)
	}
}

// dropTriggers lets the ledger be changed, until again makes the triggers as they were:
// a home without them is not opened.
func dropTriggers(t *testing.T, db *sql.DB) (again func()) {
	t.Helper()
	rows, err := db.Query(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	var drop, make []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		drop, make = append(drop, "DROP TRIGGER "+name), append(make, text)
	}
	do := func(all []string) {
		for _, text := range all {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	do(drop)
	return func() { do(make) }
}

// Evidence that does not give what was recorded is found, though all is signed.
func TestRecomputeFindsInvention(t *testing.T) {
	r, err := (&app{home: smallHome(t)}).verifyHome(context.Background(), verify.Trust{}, true)
	if err != nil || r.Total != 3 || r.Findings[0].Record != 1 || !strings.Contains(r.Findings[0].Message, "gives another state") {
		t.Errorf("%+v, %v", r, err)
	}
}

// Every byte of a report and of its proof counts, and a proof is of one report.
func TestEveryByteOfAReportCounts(t *testing.T) {
	ctx := context.Background()
	c, err := (&app{home: smallHome(t)}).reader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	issue := func(content string) []byte {
		content = "  \"system\": {\"id\": \"LIMS\"},\n" + content
		d := everqual.DigestOf([]byte("{\n" + content + "\n}\n"))
		proof, err := prove(ctx, c, everqual.ReportIssued{System: "LIMS", Digest: d})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(proof)
		return fmt.Appendf(nil, "{\n  \"digest\": %q,\n  \"proof\": %s,\n%s\n}\n", d, text, content)
	}
	_, public, err := c.Signer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	one, other := issue(`  "status": "NOT ACCEPTED"`), issue(`  "status": "ACCEPTED"`)
	again := issue(`  "status": "NOT ACCEPTED"`)
	if r := verify.Report(one, key); !r.OK() || !bytes.Equal(one, again) {
		t.Fatalf("%+v\n%s\n%s", r, one, again)
	}
	for at := range one {
		for bit := range 8 {
			b := bytes.Clone(one)
			b[at] ^= 1 << bit
			if verify.Report(b, key).OK() {
				t.Errorf("byte %d, %q, with bit %d changed verifies", at, one[at], bit)
			}
		}
	}
	lines := bytes.Split(one, []byte("\n"))
	lines[2] = bytes.Split(other, []byte("\n"))[2]
	if r := verify.Report(bytes.Join(lines, []byte("\n")), key); r.OK() || !strings.Contains(r.Findings[0].Message, "the proof of another report") {
		t.Errorf("another's proof: %+v", r)
	}
	// What stands in a line that the digest is not over is found too.
	for name, b := range map[string]string{
		"beside the proof":       strings.Replace(string(one), "\",\n  \"system\"", "\", \"status\": \"ACCEPTED\",\n  \"system\"", 1),
		"beside the digest":      strings.Replace(string(one), "\",\n  \"proof\"", "\", \"conclusion\": 1,\n  \"proof\"", 1),
		"a second digest":        strings.Replace(string(one), "\n  \"proof\"", "\n"+string(lines[1])+"\n  \"proof\"", 1),
		"moved":                  strings.Replace(strings.Replace(string(one), string(lines[2])+"\n", "", 1), "\n}", ",\n"+strings.TrimSuffix(string(lines[2]), ",")+"\n}", 1),
		"another system":         strings.Replace(string(one), `{"id": "LIMS"}`, `{"id": "ERP"}`, 1),
		"a hash with a line end": regexp.MustCompile(`(index 6\\n)(.{20})`).ReplaceAllString(string(one), `$1$2\r`),
		"another spelling":       strings.Replace(string(one), "\"proof\": \"{", "\"proof\": \"\\u007b", 1),
	} {
		if r := verify.Report([]byte(b), key); b == string(one) || r.OK() {
			t.Errorf("%s: it verifies", name)
		}
	}
}
