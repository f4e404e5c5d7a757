package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// Input is a file to read, or word of why it is not read.
type Input struct {
	Path string
	// Skipped says why its nature is not to hold change events, "" when it is
	// to be read.
	Skipped string
	// Err says why it cannot be opened. It does not repeat the path.
	Err error
}

// Inputs lists what Walk reads and what it leaves out: a file, or a folder with
// all below it in lexical order. In a folder it takes *.json, *.jsonl, *.ndjson,
// *.log and *.gz, and leaves out what AWS delivers beside CloudTrail's log
// files.
func Inputs(ctx context.Context, path string) iter.Seq[Input] {
	return func(yield func(Input) bool) {
		l := lister{ctx, yield, map[string]string{}}
		info, err := os.Stat(path)
		switch {
		case path == "-":
			yield(Input{Path: path})
		case err != nil:
			l.failed(path, err)
		case info.IsDir():
			l.folder(path)
		case info.Mode()&fs.ModeSocket != 0:
			l.failed(path, errors.New("is a socket"))
		default: // also a pipe or a device, which was named on purpose
			yield(Input{Path: path})
		}
	}
}

// Walk reads a file, a folder as Inputs lists it, or with "-" stdin. What cannot
// be opened is an item with Input set, and the rest carries on.
func (r *Reader) Walk(ctx context.Context, path string, stdin io.Reader) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for in := range Inputs(ctx, path) {
			for item := range r.Open(ctx, in, stdin) {
				if !yield(item) {
					return
				}
			}
		}
	}
}

// Open reads one input.
func (r *Reader) Open(ctx context.Context, in Input, stdin io.Reader) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		place := everqual.Place{Input: in.Path}
		err := in.Err
		switch {
		case in.Skipped != "":
			r.files.Skipped = append(r.files.Skipped, everqual.InputProblem{Place: place, Message: in.Skipped})
			return
		case in.Path == "-":
			r.read(ctx, in.Path, stdin, yield)
			return
		case err == nil:
			var f *os.File
			if f, err = os.Open(in.Path); err == nil {
				defer f.Close()
				r.read(ctx, in.Path, f, yield)
				return
			}
			err = withoutPath(err)
		}
		if err != ctx.Err() {
			r.fail(place, err)
		}
		yield(Item{Err: err, Place: place, Input: true})
	}
}

// lister is one pass over a folder tree. Its steps return false when the caller
// wants no more.
type lister struct {
	ctx     context.Context
	yield   func(Input) bool
	visited map[string]string // real path of a folder -> the path that led there first
}

// folder lists a folder once, by whichever link it is reached: links cannot
// lead in circles.
func (l lister) folder(path string) bool {
	if err := l.ctx.Err(); err != nil {
		return l.yield(Input{Path: path, Err: err}) && false
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return l.failed(path, err)
	}
	if first, ok := l.visited[real]; ok {
		return l.skip(path, "the same folder as "+first)
	}
	l.visited[real] = path
	entries, err := os.ReadDir(path)
	if err != nil && !l.failed(path, err) {
		return false
	}
	for _, entry := range entries {
		if !l.entry(filepath.Join(path, entry.Name()), entry) {
			return false
		}
	}
	return true
}

func (l lister) entry(path string, entry fs.DirEntry) bool {
	mode := entry.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err != nil {
			return l.failed(path, err)
		}
		mode = info.Mode()
	}
	switch reason := unwanted(path, mode.IsDir()); {
	case reason != "":
		return l.skip(path, reason)
	case mode.IsDir():
		return l.folder(path)
	case !mode.IsRegular():
		return l.failed(path, fmt.Errorf("is a %s", special(mode)))
	}
	return l.yield(Input{Path: path})
}

func (l lister) skip(path, reason string) bool { return l.yield(Input{Path: path, Skipped: reason}) }

func (l lister) failed(path string, err error) bool {
	return l.yield(Input{Path: path, Err: withoutPath(err)})
}

// withoutPath is an error of opening a file without the file's path.
func withoutPath(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return fmt.Errorf("%s: %w", of.Op, of.Err)
	}
	return err
}

// Unwanted says why a file below a folder, or an object, is not read, or "".
func Unwanted(path string) string { return unwanted(path, false) }

// unwanted says why a path below a folder is not read, or "".
//
// AWS services deliver below AWSLogs/[ORGANIZATION/]ACCOUNT/SERVICE/:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
func unwanted(path string, dir bool) string {
	folder := path
	if !dir {
		folder = filepath.Dir(path)
	}
	service := deliveredBy(folder)
	switch {
	case service == "CloudTrail-Digest":
		return "CloudTrail digest: it proves log files and holds no events"
	case service != "" && !strings.HasPrefix(service, "CloudTrail"):
		return "delivered by " + service + ", not CloudTrail"
	case dir:
		return ""
	}
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".json", ".jsonl", ".ndjson", ".log", ".gz":
		return ""
	}
	return "not named *.json, *.jsonl, *.ndjson, *.log or *.gz"
}

// deliveredBy returns the SERVICE of a folder in the S3 layout, "" elsewhere.
func deliveredBy(folder string) string {
	parts := strings.Split(filepath.ToSlash(folder), "/")
	if slices.Contains(parts, "CloudTrail-Digest") {
		return "CloudTrail-Digest"
	}
	i := slices.Index(parts, "AWSLogs") + 1
	if i > 0 && i < len(parts) && strings.HasPrefix(parts[i], "o-") {
		i++
	}
	if i == 0 || i+1 >= len(parts) || !account(parts[i]) {
		return ""
	}
	return parts[i+1]
}

// account tells whether s is an AWS account id.
func account(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

func special(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	}
	return "device"
}
