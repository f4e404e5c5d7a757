package verify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
	"golang.org/x/mod/sumdb/tlog"
)

// forge makes a bundle anew by whoever has the ledger's key: the lines of the records
// and the files are as edit leaves them, all that is signed is signed again.
func (s *scene) forge(edit func(lines []string) []string, files func([]file) []file) *verify.Result {
	s.t.Helper()
	all := s.unpacked()
	at := func(name string) *file {
		return &all[slices.IndexFunc(all, func(f file) bool { return strings.HasPrefix(f.name, name) })]
	}
	records := at("ledger/records/")
	lines := edit(strings.Split(strings.TrimSuffix(records.text, "\n"), "\n"))
	records.text = strings.Join(lines, "\n") + "\n"
	leaves := at("ledger/leaves/")
	leaves.text = ""
	var hashes ledgerHashes
	for i := 0; i < len(lines); i += 2 {
		leaf := tlog.RecordHash([]byte(lines[i]))
		leaves.text += string(leaf[:])
		more, err := tlog.StoredHashesForRecordHash(int64(i/2), leaf, hashes)
		s.ok(err)
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(int64(len(lines)/2), hashes)
	s.ok(err)
	at("checkpoint").text = s.forged(uint64(len(lines)/2), everqual.Digest("sha256:"+fmt.Sprintf("%x", root[:]))).Note
	r, err := s.trust().Bundle(s.t.Context(), s.packed(files(all)))
	s.ok(err)
	return r
}

type ledgerHashes []tlog.Hash

func (h ledgerHashes) ReadHashes(at []int64) (out []tlog.Hash, err error) {
	for _, i := range at {
		out = append(out, h[i])
	}
	return out, nil
}

// chained writes the entries of records from number n on anew: over their bodies, each
// with the one before.
func chained(lines []string, n int) []string {
	for i := 2 * (n - 1); i < len(lines); i += 2 {
		var e struct {
			Sequence uint64          `json:"sequence"`
			Kind     everqual.Kind   `json:"kind"`
			Key      string          `json:"key"`
			Subjects []string        `json:"subjects"`
			Time     string          `json:"time"`
			Body     everqual.Digest `json:"body"`
			Previous everqual.Digest `json:"previous"`
		}
		if err := json.Unmarshal([]byte(lines[i]), &e); err != nil {
			panic(err)
		}
		e.Body = everqual.DigestOf([]byte(lines[i+1]))
		if i > 0 {
			e.Previous = everqual.DigestOf([]byte(lines[i-2]))
		}
		b, _ := json.Marshal(e)
		lines[i] = string(b)
	}
	return lines
}

// TestForged holds bundles by whoever has the key to what every reader must read alike,
// and to what the ledger itself signed before.
func TestForged(t *testing.T) {
	same := func(files []file) []file { return files }
	untouched := func(lines []string) []string { return lines }
	body := func(n int, of string) func([]string) []string {
		return func(lines []string) []string { lines[2*n-1] = of; return chained(lines, n) }
	}
	entry := func(n int, change func(string) string) func([]string) []string {
		return func(lines []string) []string {
			lines[2*n-2] = change(lines[2*n-2])
			return append(lines[:2*n], chained(lines, n+1)[2*n:]...)
		}
	}
	replace := func(old, new string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, new, 1) }
	}
	const last = 9 // a report; before it seven records, and a checkpoint of these
	for name, c := range map[string]struct {
		edit  func([]string) []string
		files func([]file) []file
		want  string
	}{
		"nothing":                          {untouched, same, ""},
		"a past that was signed otherwise": {body(3, `"other"`), same, "record 8, root: the first 7 records do not give the root of the checkpoint in record 8"},
		"a checkpoint that nobody signed": {func(lines []string) []string {
			lines[15] = strings.Replace(lines[15], "everqual/test ", "everqual/test A", 1)
			return chained(lines, 8)
		}, same, "record 8, note: the checkpoint is not signed"},
		"a checkpoint of another size": {func(lines []string) []string {
			lines[15] = strings.Replace(lines[15], `"size":7`, `"size":8`, 1)
			return chained(lines, 8)
		}, same, "says another size or root than its signed note"},
		"a member twice":              {body(last, `{"system":"s","data":"","data":""}`), same, `duplicate object member name "data"`},
		"another spelling":            {body(last, `{"system":"s","Data":"sha256:x"}`), same, "but for upper and lower case"},
		"another spelling by Unicode": {body(last, `{"\u017fystem":"s"}`), same, "but for upper and lower case"},
		"no object":                   {body(last, `null`), same, "record 9, body: it is no report: it is no JSON object"},
		"a number":                    {body(last, `{"data":1}`), same, "record 9, body: it is no report"},
		"no UTF-8":                    {body(last, "{\"system\":\"\xff\"}"), same, "invalid UTF-8"},
		"white space in an entry":     {entry(2, replace(`,"kind"`, `, "kind"`)), same, "not written as entries are, from its byte 14 on"},
		"a member more":               {entry(2, replace(`{`, `{"x":1,`)), same, "not written as entries are"},
		"a kind twice":                {entry(2, replace(`"kind":"test"`, `"kind":"x","kind":"test"`)), same, "duplicate"},
		"another zone":                {entry(2, replace(`Z"`, `+00:00"`)), same, "not written as entries are"},
		"finer than milliseconds":     {entry(2, replace(`:00Z"`, `:00.0001Z"`)), same, "not written as entries are"},
		"a key twice":                 {entry(2, replace(`"key":"k1"`, `"key":"k0"`)), same, `record 2, key: a record before has the key "k0"`},
		"no README":                   {untouched, func(f []file) []file { return f[1:] }, "README.md is missing"},
		"another order":               {untouched, func(f []file) []file { f[1], f[2] = f[2], f[1]; return f }, "not where a bundle has it"},
		"another name of the records": {untouched, func(f []file) []file { f[4].name = "ledger/records/000000000002"; return f }, "the name of its first record, which is 1"},
		"a key with a line end":       {untouched, func(f []file) []file { f[1].text = f[1].text[:60] + "\r" + f[1].text[60:]; return f }, "no public key"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			_, _, err := s.ledger.Append(t.Context(), ledger.Entry{Kind: everqual.KindReport, Key: "report", Body: everqual.ReportIssued{System: "s"}})
			s.ok(err)
			r := s.forge(c.edit, c.files)
			if c.want == "" && !r.OK() || c.want != "" && !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return strings.Contains(f.String(), c.want) }) {
				t.Errorf("found %v, want %q", r.Findings, c.want)
			}
		})
	}
}

// TestKept compares with a checkpoint that somebody kept.
func TestKept(t *testing.T) {
	s := newScene(t)
	s.add(3)
	for name, c := range map[string]struct {
		kept everqual.Checkpoint
		want string
	}{
		"of this past":     {s.checkpoint, ""},
		"of another past":  {s.forged(5, everqual.DigestOf(nil)), "the first 5 records do not give the root of the checkpoint of 5 records that was kept"},
		"of more records":  {s.forged(500, everqual.DigestOf(nil)), "fewer than in the checkpoint of 500 records that was kept: the end is missing, or this is an older copy"},
		"before the first": {s.forged(0, everqual.DigestOf(nil)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			trust := s.trust()
			s.ok(trust.Keep(c.kept.Note + "\u2014 w.example/9 AAAA\n")) // as a witness gives it back
			for _, r := range []*verify.Result{s.home(trust), s.bundle(false, trust), s.bundle(true, trust)} {
				if c.want == "" && !r.OK() || c.want != "" && !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return strings.Contains(f.Message, c.want) }) {
					t.Errorf("found %v, want %q", r.Findings, c.want)
				}
			}
		})
	}
	trust := s.trust()
	if trust.Keep("nothing") == nil || trust.Keep(strings.Replace(s.checkpoint.Note, "\n7\n", "\n6\n", 1)) == nil {
		t.Error("what is no checkpoint is kept")
	}
}

// TestHead notices that appends find another end than the records have.
func TestHead(t *testing.T) {
	for name, c := range map[string]struct {
		sequence uint64
		hash     everqual.Digest
		want     string
	}{
		"more":    {9, "", "it says that there are 9 records, there are 8"},
		"fewer":   {7, "", "there are 8: it was changed"},
		"another": {8, everqual.DigestOf(nil), "record 8, head: the head says that another record is the last one"},
	} {
		t.Run(name, func(t *testing.T) {
			s := headless{newScene(t), c.sequence, c.hash}
			r, err := s.trust().Home(t.Context(), s)
			s.ok(err)
			if !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return strings.Contains(f.String(), c.want) }) {
				t.Errorf("found %v, want %q", r.Findings, c.want)
			}
		})
	}
}

// headless is a scene of which the head was changed.
type headless struct {
	*scene
	sequence uint64
	hash     everqual.Digest
}

func (h headless) Head(context.Context) (uint64, everqual.Digest, error) {
	return h.sequence, h.hash, nil
}

// TestNodes notices each hash of the tree that was changed.
func TestNodes(t *testing.T) {
	s := newScene(t)
	for i := range 8 {
		for at := range len(s.treeOf(i+1)) / 32 {
			r, err := s.trust().Home(t.Context(), changedTree{s, uint64(i + 1), 32 * at})
			s.ok(err)
			if len(r.Findings) != 1 || r.Findings[0].Field != "tree" || r.Findings[0].Record != uint64(i+1) {
				t.Errorf("hash %d of record %d: found %v", at, i+1, r.Findings)
			}
		}
	}
}

func (s *scene) treeOf(n int) []byte {
	for r, err := range s.Records(s.t.Context(), "") {
		s.ok(err)
		if r.Sequence == uint64(n) {
			return r.Tree
		}
	}
	return nil
}

type changedTree struct {
	*scene
	record uint64
	at     int
}

func (c changedTree) Records(ctx context.Context, kind everqual.Kind) iter.Seq2[everqual.Record, error] {
	return func(yield func(everqual.Record, error) bool) {
		for r, err := range c.scene.Records(ctx, kind) {
			if r.Sequence == c.record {
				r.Tree = slices.Clone(r.Tree)
				r.Tree[c.at] ^= 1
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
