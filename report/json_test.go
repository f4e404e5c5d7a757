package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make it with: go test ./report -update)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func jsonOf(t testing.TB, r report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestJSON(t *testing.T) { golden(t, "sample.json", jsonOf(t, report.New(sample()))) }

func TestJSONReadsBack(t *testing.T) {
	want := report.New(sample())
	var got report.Report
	if err := json.Unmarshal(jsonOf(t, want), &got); err != nil {
		t.Fatal(err)
	}
	if !report.Verify(got) {
		t.Error("the report that was read back does not match its digest")
	}
	if a, b := jsonOf(t, want), jsonOf(t, got); !bytes.Equal(a, b) {
		t.Error(cmp.Diff(string(a), string(b)))
	}
	got.Results[0].Actual = "true"
	if report.Verify(got) {
		t.Error("a changed report still matches its digest")
	}
}

// TestDigestByHand does what the appendix of the PDF tells the reader to do.
func TestDigestByHand(t *testing.T) {
	for name, in := range map[string]report.Input{"sample": sample(), "extreme": extreme(), "empty": {}} {
		r := report.New(in)
		var rest []byte
		for line := range bytes.Lines(jsonOf(t, r)) {
			if !bytes.HasPrefix(line, []byte(`  "digest": `)) {
				rest = append(rest, line...)
			}
		}
		if got := everqual.DigestOf(rest); got != r.Digest {
			t.Errorf("%s: the digest by hand is %s, the report says %s", name, got, r.Digest)
		}
	}
}

func TestListsAreNeverNull(t *testing.T) {
	if b := jsonOf(t, report.New(report.Input{})); bytes.Count(b, []byte("null")) != 1 || !bytes.Contains(b, []byte(`"baseline": null`)) {
		t.Errorf("only the baseline may be null:\n%s", b)
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteCSV(&b, report.New(sample())); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.csv", b.Bytes())
}

func TestCSVFormulaGuard(t *testing.T) {
	for value, want := range map[string]string{
		"":                   "",
		"plain":              "plain",
		"-5":                 "-5",
		"+1.5e3":             "+1.5e3",
		"-":                  "'-",
		"-1+cmd|' /C calc'!": "'-1+cmd|' /C calc'!",
		"=1+1":               "'=1+1",
		"@SUM(A1)":           "'@SUM(A1)",
		"\t=1+1":             "'\t=1+1",
		"\r=1+1":             "'\r=1+1",
		"\n=1+1":             "'\n=1+1",
		"'quoted":            "''quoted",
		"+Inf":               "'+Inf",
		"a=b":                "a=b",
		"＝1+1":               "'＝1+1",
		"\xff=1":             "\xff=1",
	} {
		in := sound()
		in.Assessments[0].Verdicts[0].Actual = value
		var b strings.Builder
		if err := report.WriteCSV(&b, report.New(in)); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		// A CSV reader folds \r\n in a quoted cell into \n; none of the values has both.
		if got := rows[1][15]; got != want {
			t.Errorf("%q became %q, want %q", value, got, want)
		}
	}
}
