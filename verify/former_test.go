package verify_test

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/verify"
	"golang.org/x/mod/sumdb/note"
)

// file is one of a bundle.
type file struct{ name, text string }

// unpacked are the files of the scene's bundle, without its manifest.
func (s *scene) unpacked() (files []file) {
	s.t.Helper()
	for from := tar.NewReader(s.bundled(false)); ; {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			return files[:len(files)-1]
		}
		s.ok(err)
		text, err := io.ReadAll(from)
		s.ok(err)
		files = append(files, file{h.Name, string(text)})
	}
}

// packed is a bundle of any files, well signed.
func (s *scene) packed(files []file) io.Reader {
	s.t.Helper()
	manifest := "everqual bundle 1\n"
	for _, f := range files {
		manifest += fmt.Sprintf("%x %d %s\n", sha256.Sum256([]byte(f.text)), len(f.text), f.name)
	}
	signed, err := note.Sign(&note.Note{Text: manifest}, s.signer)
	s.ok(err)
	var b bytes.Buffer
	to := tar.NewWriter(&b)
	for _, f := range append(files, file{"manifest", string(signed)}) {
		s.ok(to.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Size: int64(len(f.text)), Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}))
		_, err := io.WriteString(to, f.text)
		s.ok(err)
	}
	s.ok(to.Close())
	return &b
}

// What is signed as a key that signed before is one, another than the one that signs
// now, each once, and where such keys belong.
func TestFormerKeys(t *testing.T) {
	s := newScene(t)
	_, one, err := note.GenerateKey(rand.Reader, "everqual/one")
	s.ok(err)
	_, two, err := note.GenerateKey(rand.Reader, "everqual/two")
	s.ok(err)
	upper := strings.ToUpper(one[len("everqual/one+"):][:8])
	spelled := "everqual/one+" + upper + one[len("everqual/one+")+8:]
	whole := s.unpacked() // README.md, ledger.pub, checkpoint, ...
	for _, c := range []struct {
		name   string
		behind int // how many of the files
		former []file
		want   string // "": it verifies
	}{
		{"none", 2, nil, ""},
		{"one", 2, []file{{"former/001.pub", one + "\n"}}, ""},
		{"two", 2, []file{{"former/001.pub", one + "\n"}, {"former/002.pub", two + "\n"}}, ""},
		{"no key", 2, []file{{"former/001.pub", "key\n"}}, "no public key of signed notes in one line"},
		{"nothing", 2, []file{{"former/001.pub", ""}}, "no public key of signed notes in one line"},
		{"no line end", 2, []file{{"former/001.pub", one}}, "no public key of signed notes in one line"},
		{"another line end", 2, []file{{"former/001.pub", one + "\r\n"}}, "no public key of signed notes in one line"},
		{"two lines", 2, []file{{"former/001.pub", one + "\n\n"}}, "no public key of signed notes in one line"},
		{"two in a file", 2, []file{{"former/001.pub", one + "\n" + two + "\n"}}, "no public key of signed notes in one line"},
		{"broken within", 2, []file{{"former/001.pub", one[:len(one)-4] + "\n" + one[len(one)-4:] + "\n"}}, "no public key of signed notes in one line"},
		{"its own", 2, []file{{"former/001.pub", s.public + "\n"}}, "it is the key of ledger.pub"},
		{"one twice", 2, []file{{"former/001.pub", one + "\n"}, {"former/002.pub", one + "\n"}}, "the same key is there twice"},
		{"one twice, in two spellings", 2, []file{{"former/001.pub", one + "\n"}, {"former/002.pub", spelled + "\n"}}, "the same key is there twice"},
		{"the second alone", 2, []file{{"former/002.pub", one + "\n"}}, "before is former/001.pub"},
		{"another name", 2, []file{{"former/1.pub", one + "\n"}}, "before is former/001.pub"},
		{"out of order", 2, []file{{"former/002.pub", one + "\n"}, {"former/001.pub", two + "\n"}}, "before is former/001.pub"},
		{"first of all", 0, []file{{"former/001.pub", one + "\n"}}, "it is not where a bundle has it"},
		{"before its own", 1, []file{{"former/001.pub", one + "\n"}}, "it is not where a bundle has it"},
		{"behind the checkpoint", 3, []file{{"former/001.pub", one + "\n"}}, "it is not where a bundle has it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.packed(slices.Insert(slices.Clone(whole), c.behind, c.former...))
			r, err := verify.Trust{}.Bundle(t.Context(), b)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.want == "" && !r.OK(), c.want != "" && !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return strings.Contains(f.Message, c.want) }):
				t.Errorf("%v, want %q", r.Findings, c.want)
			}
		})
	}
}
