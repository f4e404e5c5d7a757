package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// side is one of the two homes of a migration.
type side struct {
	*app
	flow.Home
}

// movable is a queue that gives away and takes what others hold.
type movable interface {
	// Lay puts dead letters in, each once.
	Lay(ctx context.Context, letters ...everqual.DeadLetter) error
}

// shelves is an archive that tells what it keeps.
type shelves interface {
	Digests(ctx context.Context) iter.Seq2[everqual.Digest, error]
}

// side opens a home, to be read only or not.
func (a *app) side(ctx context.Context, home string, reading bool) (s *side, err error) {
	s = &side{app: &app{home: home, output: a.output, verbose: a.verbose}}
	if _, onAWS := s.onAWS(); onAWS || !reading {
		s.Home, err = s.openHome(ctx, embedded.Options{})
	} else {
		s.Home, err = embedded.Look(ctx, home, embedded.Options{})
	}
	return s, err
}

// toBe opens the home that is moved to. One that is to be made, and is only checked,
// stays closed.
func (a *app) toBe(ctx context.Context, home string, check bool) (*side, error) {
	if _, err := os.Stat(home); check && errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(home, "aws://") {
		return &side{app: &app{home: home}, Home: flow.Home{Close: func() error { return nil }}}, nil
	}
	return a.side(ctx, home, check)
}

func (s *side) queue() movable { return s.Queue.(movable) }

func (s *side) shelves() shelves { return s.Archive.(shelves) }

// verify checks the side as 'everqual verify' does, with these public keys.
func (s *side) verify(ctx context.Context, texts []string) error {
	var keys []note.Verifier
	for _, text := range texts {
		key, err := publicKey("what lies with "+s.home, text)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	r, err := (verify.Trust{Keys: keys}).Home(ctx, source{s.Home})
	if err != nil {
		return err
	}
	if hidden := s.Ledger.Indexed(ctx); hidden != nil {
		r.Find(verify.Finding{Field: "index", Message: hidden.Error()})
	}
	if !r.OK() {
		return fmt.Errorf("%s does not verify: %s; 'everqual verify --home %s' shows all %d findings", s.home, r.Findings[0], s.home, r.Total)
	}
	return nil
}

// hash is that of the record with the sequence.
func (s *side) hash(ctx context.Context, sequence uint64) (everqual.Digest, error) {
	for r, err := range s.Ledger.Records(ctx, ledger.Query{After: sequence - 1, Limit: 1}) {
		return r.Hash, err
	}
	return "", fmt.Errorf("%s: record %d is missing", s.home, sequence)
}

// files reads what people keep in a folder of the home, by their names in it.
func (s *side) files(ctx context.Context, folder string) (map[string][]byte, error) {
	from, err := s.folder(ctx, folder)
	if err != nil || from == nil {
		return nil, err
	}
	files := map[string][]byte{}
	return files, fs.WalkDir(from, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files[folder+"/"+name], err = fs.ReadFile(from, name)
		return err
	})
}

// put writes files into the home. One that is there and is another one is an error.
func (s *side) put(ctx context.Context, files map[string][]byte) error {
	if name, onAWS := s.onAWS(); onAWS {
		deployed, err := s.deployment(ctx, name)
		if err != nil {
			return err
		}
		return awshome.Upload(ctx, name, files, deployed)
	}
	for name, b := range files {
		path := filepath.Join(s.home, filepath.FromSlash(name))
		there, err := os.ReadFile(path)
		switch {
		case err == nil && string(there) != string(b):
			return fmt.Errorf("write %s: another one is there: compare the two, and remove the wrong one", path)
		case err == nil:
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
