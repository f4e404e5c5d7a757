package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// csvHeader names the columns of the test results table.
var csvHeader = [...]string{
	"specification", "specification_version", "test_case", "title", "risk", "requirements", "controls",
	"resource_type", "resource_id", "name", "account", "region", "record_version", "attribute",
	"expected", "actual", "outcome", "reason", "detail", "deviation",
	"observation_digest", "evidence_digest", "collected_at", "assessed_at",
}

// WriteCSV writes the test results as CSV (RFC 4180, but with plain line feeds,
// so that line ends within values survive; UTF-8), one row per result in the
// order of the report. A cell that a spreadsheet
// would take for a formula gets a leading apostrophe; see guard.
func WriteCSV(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvHeader[:]); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for _, t := range r.Results {
		if err := c.Write(csvRow(t)); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	c.Flush()
	return c.Error()
}

func csvRow(t Result) []string {
	row := []string{
		t.Specification.ID, t.Specification.Version, t.TestCase, t.Title, t.Risk,
		strings.Join(t.Requirements, "; "), strings.Join(t.Controls, "; "),
		t.Resource.Type, string(t.Resource.ID), t.Name, t.Resource.Account, t.Resource.Region,
		strconv.Itoa(t.Version), t.Attribute, t.Expected, t.Actual, string(t.Outcome), string(t.Reason), t.Detail, t.Deviation,
		string(t.Observation), string(t.Evidence), csvTime(t.CollectedAt), csvTime(t.AssessedAt),
	}
	for i, s := range row {
		row[i] = guard(s)
	}
	return row
}

func csvTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// guard keeps spreadsheets from running a value as a formula
// (https://owasp.org/www-community/attacks/CSV_Injection): a value that begins
// with = + - @ (also in full width), a tab or a line end gets a leading
// apostrophe. So does a value
// that begins with an apostrophe, so that taking one leading apostrophe away
// always gives the value back. A plain number, such as -5, is left alone.
func guard(s string) string {
	first, _ := utf8.DecodeRuneInString(s)
	if s == "" || !strings.ContainsRune("=+-@\t\r\n'＝＋－＠", first) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && strings.Trim(s, "+-.0123456789eE") == "" {
		return s
	}
	return "'" + s
}
