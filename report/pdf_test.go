package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/report"
)

// go test ./report -render DIR writes the sample documents, to be looked at.
var render = flag.String("render", "", "write the sample documents to this folder")

func samples() map[string]report.Input {
	return map[string]report.Input{
		"sample": sample(), "sound": sound(), "empty": {}, "base": base(), "extreme": extreme(),
	}
}

func pdfOf(t testing.TB, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WritePDF(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRender writes every sample to a file; -render DIR keeps them, with one of
// 10,000 rows, for people to look at.
func TestRender(t *testing.T) {
	all, dir := samples(), t.TempDir()
	if *render != "" {
		all["many"], dir = many(10000), *render
	}
	for name, in := range all {
		b := pdfOf(t, report.New(in))
		if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(b), []byte("%%EOF")) {
			t.Errorf("%s: %d bytes that are no PDF", name, len(b))
		}
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// squeeze drops what line breaks add, so that wrapped values can be found.
func squeeze(s string) string { return strings.NewReplacer("\n", "", " ", "").Replace(s) }

func TestPDFSaysEverything(t *testing.T) {
	p := report.NewPrinter()
	for name, in := range samples() {
		t.Run(name, func(t *testing.T) {
			r := report.New(in)
			all := squeeze(strings.Join(pages(t, pdfOf(t, r)), ""))
			want := []string{string(r.Conclusion.Status), r.Document.Number, string(r.Ledger.Hash), string(r.Digest)}
			for _, s := range r.Specs {
				want = append(want, s.ID, s.Version, s.Title, string(s.Digest))
			}
			for _, item := range r.Inventory {
				want = append(want, string(item.Resource.ID), item.Name, string(item.Digest), string(item.Evidence), string(item.Hash))
				for k, v := range item.Tags {
					want = append(want, k, v)
				}
			}
			for _, x := range r.Results {
				want = append(want, x.TestCase, x.Title, x.Attribute, x.Expected, x.Evidence.Short())
				if len(x.Actual) < 1000 { // longer ones go over pages, with furniture in between
					want = append(want, x.Actual)
				}
			}
			for _, d := range r.Deviations {
				want = append(want, d.Number, d.Title)
			}
			for _, x := range r.Drift {
				want = append(want, x.By, x.EventID, x.EventName, x.Before, x.After)
			}
			for _, w := range want {
				if len(w) > 1000 {
					continue
				}
				if !strings.Contains(all, squeeze(p.Clean(w))) {
					t.Errorf("the PDF does not say %q", w)
				}
			}
		})
	}
}

func TestPDFPages(t *testing.T) {
	for name, in := range samples() {
		t.Run(name, func(t *testing.T) {
			r := report.New(in)
			got := pages(t, pdfOf(t, r))
			for i, page := range got {
				want := fmt.Sprintf("Page %d of %d\n", i+1, len(got))
				if !strings.Contains(page, want) || !strings.Contains(page, report.Title+"\n") || !strings.Contains(page, "Generated ") {
					t.Errorf("page %d lacks its header or footer", i+1)
				}
			}
			n := r.Counts
			for _, want := range []string{
				fmt.Sprintf("%d\nTEST RESULTS\n%d\nPASS\n%d\nFAIL\n%d\nNOT EVALUATED\n%d\nNOT APPLICABLE\n", n.Total, n.Pass, n.Fail, n.NotEvaluated, n.NotApplicable),
				fmt.Sprintf("Coverage: %d resource", r.Coverage.InScope()),
				string(r.Conclusion.Status) + "\n",
			} {
				if !strings.Contains(got[0], want) {
					t.Errorf("page 1 does not say %q:\n%s", want, got[0])
				}
			}
			if !strings.Contains(strings.Join(got, ""), "Signatures: to be applied.") {
				t.Error("nothing says that signatures are to be applied")
			}
		})
	}
}

// TestContents follows every entry of the table of contents to its page.
func TestContents(t *testing.T) {
	in := sample()
	for i := range 80 { // more than one page of contents
		in.Specifications = append(in.Specifications, specification(fmt.Sprintf("SPEC-X%02d", i), "More", "AWS::Lambda::Function", "more"))
	}
	got := pages(t, pdfOf(t, report.New(in)))
	entries := 0
	for _, page := range got {
		if !strings.Contains(page, "\nContents\n") {
			continue
		}
		lines := strings.Split(page[strings.Index(page, "\nContents\n"):], "\n")
		for i := 1; i < len(lines); i++ {
			n, err := strconv.Atoi(lines[i])
			title := lines[i-1]
			if err != nil || n < 1 || n > len(got) || title == "Contents" || regexp.MustCompile(`^[\d.]*$`).MatchString(title) {
				continue
			}
			entries++
			if !strings.Contains(got[n-1], title) {
				t.Errorf("%q is not on page %d", title, n)
			}
		}
	}
	if want := 17 + 3 + 80; entries != want {
		t.Errorf("%d entries in the contents, want %d", entries, want)
	}
}

func TestPDFIsDeterministic(t *testing.T) {
	for name, in := range samples() {
		t.Run(name, func(t *testing.T) {
			r := report.New(in)
			first := pdfOf(t, r)
			for range 3 {
				if !bytes.Equal(first, pdfOf(t, r)) {
					t.Fatal("the same report gave other bytes")
				}
			}
			var read report.Report
			if err := json.Unmarshal(jsonOf(t, r), &read); err != nil {
				t.Fatal(err)
			}
			if name != "extreme" && !bytes.Equal(first, pdfOf(t, read)) { // JSON can not hold bytes that are no UTF-8
				t.Error("the report read back from JSON gave other bytes")
			}
		})
	}
}

// TestPDFDigest fails when the PDF changes between versions of this program. A
// new Go release may compress otherwise: then run with -update, too.
func TestPDFDigest(t *testing.T) {
	golden(t, "sample.pdf.sha256", []byte(everqual.DigestOf(pdfOf(t, report.New(sample())))+"\n"))
}

func TestPDFCarriesItsJSON(t *testing.T) {
	r := report.New(sample())
	pdf := pdfOf(t, r)
	_, spec, _ := bytes.Cut(pdf, []byte("/UF (iq-report.json)"))
	m := regexp.MustCompile(`/EF << /F (\d+) 0 R >>`).FindSubmatch(spec)
	if m == nil {
		t.Fatal("no file is attached")
	}
	if got := stream(t, pdf, string(m[1])); !bytes.Equal(got, jsonOf(t, r)) {
		t.Error("the attached file is not the report's JSON")
	}
}

// TestCrossReferences looks every object up by the table that this package
// writes anew.
func TestCrossReferences(t *testing.T) {
	pdf := pdfOf(t, report.New(sample()))
	tail := pdf[bytes.LastIndex(pdf, []byte("startxref\n"))+len("startxref\n"):]
	var at, size int
	if _, err := fmt.Sscanf(string(tail), "%d", &at); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(pdf[at:]), "xref\n0 %d\n", &size); err != nil {
		t.Fatal(err)
	}
	table := pdf[at+len(fmt.Sprintf("xref\n0 %d\n", size)):]
	for n := 1; n < size; n++ {
		offset, err := strconv.Atoi(string(table[20*n : 20*n+10]))
		if want := fmt.Sprintf("%d 0 obj", n); err != nil || !bytes.HasPrefix(pdf[offset:], []byte(want)) {
			t.Errorf("object %d is not at %d", n, offset)
		}
	}
	if !bytes.Contains(table[20*size:], []byte(fmt.Sprintf("trailer\n<<\n/Size %d\n/Root %d 0 R", size, size-1))) {
		t.Error("the trailer does not fit the table")
	}
}

// TestWithPoppler reads the PDF with a program that is not ours.
func TestWithPoppler(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed (Debian: poppler-utils)")
	}
	r := report.New(sample())
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, pdfOf(t, r), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-raw", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := squeeze(string(out))
	want := []string{"Page 1 of 13", "Dr. Ingrid Sørensen", string(r.Digest)}
	for _, x := range r.Results {
		want = append(want, x.TestCase, string(x.Outcome), string(x.Resource.ID), x.Actual, x.Expected, x.Evidence.Short())
	}
	for _, w := range want {
		if !strings.Contains(all, squeeze(w)) {
			t.Errorf("pdftotext does not find %q", w)
		}
	}
}

type box struct{ left, top, right, bottom float64 }

var boxes = regexp.MustCompile(`<page width="([\d.]+)" height="([\d.]+)">|<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">`)

// TestNothingOverlaps asks poppler where each word stands.
func TestNothingOverlaps(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed (Debian: poppler-utils)")
	}
	for name, in := range samples() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "report.pdf")
			if err := os.WriteFile(path, pdfOf(t, report.New(in)), 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(tool, "-bbox", path, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			checkBoxes(t, out)
		})
	}
}

func checkBoxes(t *testing.T, out []byte) {
	t.Helper()
	page, words := 0, 0
	var size box
	var seen []box
	for _, m := range boxes.FindAllStringSubmatch(string(out), -1) {
		num := func(i int) float64 { f, _ := strconv.ParseFloat(m[i], 64); return f }
		if m[1] != "" {
			page, seen, size = page+1, nil, box{right: num(1), bottom: num(2)}
			continue
		}
		b := box{num(3), num(4), num(5), num(6)}
		words++
		const edge = 14 * 72 / 25.4 // margins are 15 mm
		if b.left < edge || b.right > size.right-edge || b.top < 20 || b.bottom > size.bottom-20 {
			t.Errorf("page %d: a word runs off the body: %+v", page, b)
		}
		for _, o := range seen {
			across := min(b.right, o.right) - max(b.left, o.left)
			down := min(b.bottom, o.bottom) - max(b.top, o.top)
			if across > 0.7 && down > 0.4*min(b.bottom-b.top, o.bottom-o.top) {
				t.Errorf("page %d: %+v and %+v overlap", page, b, o)
			}
		}
		seen = append(seen, b)
	}
	if page == 0 || words < 100 {
		t.Errorf("only %d words on %d pages", words, page)
	}
}

func FuzzReport(f *testing.F) {
	f.Add("lims", `{"a":1}`, "FAIL", 3, int64(0))
	f.Add("", "", "", -1, int64(-62135596800))
	f.Add("\xff\x00\u202e日😀{nb}\\", strings.Repeat("W", 3000), "PASS", 1<<40, int64(1<<33))
	f.Fuzz(func(t *testing.T, name, value, outcome string, n int, seconds int64) {
		if len(name)+len(value)+len(outcome) > 20000 {
			t.Skip()
		}
		r := report.New(hostile(name, value, outcome, n, seconds))
		checkCounts(t, r)
		var b bytes.Buffer
		err := report.WriteJSON(io.Discard, r)
		if err == nil && !report.Verify(r) {
			t.Error("the report does not match its digest")
		}
		if pdfErr := report.WritePDF(&b, r); (pdfErr == nil) != (err == nil) {
			t.Errorf("JSON says %v, PDF says %v", err, pdfErr)
		}
		if err := report.WriteCSV(io.Discard, r); err != nil {
			t.Error(err)
		}
	})
}

// hostile puts the values wherever a value can stand.
func hostile(name, value, outcome string, n int, seconds int64) report.Input {
	at := day.Add(0).AddDate(0, 0, int(seconds%1000000))
	res := everqual.Resource{ID: everqual.ResourceID(name), Type: value, Account: name, Region: outcome}
	c := everqual.TestCase{ID: name, Title: value, Attribute: value, Risk: outcome, Requirements: []string{name, value}, Controls: []string{outcome}}
	s := everqual.Specification{ID: name, Version: value, Title: outcome, TestCases: []everqual.TestCase{c}, Digest: everqual.Digest(value),
		Effective: everqual.Period{From: at}, Approval: everqual.Approval{By: name, Role: value, At: at}, Path: value}
	o := report.Recorded{Observation: everqual.Observation{Resource: res, Version: n, State: everqual.State(outcome), Name: value,
		Tags: map[string]string{name: value, value: name}, Unread: []everqual.Unread{{Path: value, Reason: everqual.Reason(outcome), Call: name, Message: value}},
		Digest: everqual.Digest(name), Evidence: everqual.Digest(value), CollectedAt: at}, Sequence: uint64(n), Hash: everqual.Digest(outcome)}
	v := everqual.Verdict{TestCase: name, Title: value, Attribute: name, Expected: value, Actual: value, Outcome: everqual.Outcome(outcome), Detail: value}
	a := everqual.Assessment{Resource: res, Version: n, Observation: o.Digest, Evidence: o.Evidence, CollectedAt: at, Specification: s.Ref(),
		Verdicts: []everqual.Verdict{v, v}, AssessedAt: at}
	return report.Input{
		Organisation: value, DocumentNumber: name, DocumentVersion: outcome, GeneratedAt: at, ToolVersion: value,
		System:         everqual.System{ID: name, Title: value, Description: value, Scope: everqual.Selector{Tags: map[string]everqual.Values{name: {value}}}},
		Specifications: []everqual.Specification{s, s}, Inventory: []report.Recorded{o, o}, Assessments: []everqual.Assessment{a, a},
		Baseline:    &everqual.Baseline{By: name, Reason: value, At: at, Members: []everqual.BaselineItem{{Resource: res, Version: n}}},
		Drift:       []report.Drift{{Resource: res, Path: value, Before: value, After: name, By: name, EventID: value, EventName: outcome, At: at}},
		DeadLetters: []everqual.DeadLetter{{ID: name, Kind: outcome, Subject: value, Cause: value, Attempts: n}},
		Events:      everqual.EventCounts{Total: n}, Ledger: report.Head{Sequence: uint64(n), Hash: everqual.Digest(value), CheckpointAt: at},
		Revisions: []report.Revision{{Version: name, Date: at, Change: value, Reason: value, By: outcome}},
	}
}

func BenchmarkPDF(b *testing.B) {
	r := report.New(many(10000))
	b.ReportAllocs()
	for b.Loop() {
		pdfOf(b, r)
	}
}

func BenchmarkNew(b *testing.B) {
	in := many(10000)
	b.ReportAllocs()
	for b.Loop() {
		report.New(in)
	}
}
