package report_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// A small reader of the PDFs that this package writes, so that the tests need
// no other program.

func inflate(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	contentsRef = regexp.MustCompile(`/Contents (\d+) 0 R`)
	shown       = regexp.MustCompile(`(?s)BT (-?[\d.]+) (-?[\d.]+) Td \(((?:[^\\)]|\\.)*)\) Tj`)
	streamed    = regexp.MustCompile(`(?s)/Length (\d+).*?>>\nstream\n`)
)

// stream returns the inflated stream of an object.
func stream(t testing.TB, pdf []byte, object string) []byte {
	t.Helper()
	_, body, ok := bytes.Cut(pdf, []byte("\n"+object+" 0 obj\n"))
	m := streamed.FindSubmatchIndex(body)
	if !ok || m == nil {
		t.Fatalf("object %s is no stream", object)
	}
	n, _ := strconv.Atoi(string(body[m[2]:m[3]]))
	return inflate(t, body[m[1]:m[1]+n])
}

// pages reads the text back from the PDF, page by page, line by line.
func pages(t testing.TB, pdf []byte) []string {
	t.Helper()
	var out []string
	for _, ref := range contentsRef.FindAllSubmatch(pdf, -1) {
		var b strings.Builder
		for _, m := range shown.FindAllSubmatch(stream(t, pdf, string(ref[1])), -1) {
			b.WriteString(text(m[3]) + "\n")
		}
		out = append(out, b.String())
	}
	return out
}

// text decodes a string operand: escaped, UTF-16.
func text(b []byte) string {
	var raw []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' {
			i++
			if b[i] == 'r' {
				raw = append(raw, '\r')
				continue
			}
		}
		raw = append(raw, b[i])
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}
