package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/everqual/everqual/report"
)

var render = flag.String("render", "", "write the sample documents to this folder, to be looked at")

func TestRender(t *testing.T) {
	if *render == "" {
		t.Skip("-render is not set")
	}
	for name, in := range map[string]report.Input{
		"sample": sample(), "sound": sound(), "empty": {}, "extreme": extreme(), "many": many(10000), "base": base(),
	} {
		var b bytes.Buffer
		if err := report.WritePDF(&b, report.New(in)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*render, name+".pdf"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
