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

// Walk reads a file, a folder with all below it in lexical order, or with "-"
// stdin. In a folder it reads *.json, *.jsonl, *.ndjson, *.log and *.gz, and
// leaves out what AWS delivers beside CloudTrail's log files. What cannot be
// opened is an item with Input set, and the rest carries on.
func (r *Reader) Walk(ctx context.Context, path string, stdin io.Reader) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		if path == "-" {
			r.read(ctx, path, stdin, yield)
			return
		}
		w := walk{r, ctx, yield, map[string]string{}}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			w.failed(path, err)
		case info.IsDir():
			w.folder(path)
		case info.Mode()&fs.ModeSocket != 0:
			w.failed(path, errors.New("is a socket"))
		default: // also a pipe or a device, which was named on purpose
			w.file(path)
		}
	}
}

// walk is one pass over a folder tree. Its steps return false when the caller
// wants no more.
type walk struct {
	*Reader
	ctx     context.Context
	yield   func(Item) bool
	visited map[string]string // real path of a folder -> the path that led there first
}

// folder reads a folder once, by whichever link it is reached: links cannot
// lead in circles.
func (w walk) folder(path string) bool {
	if err := w.ctx.Err(); err != nil {
		return w.yield(Item{Err: err, Place: everqual.Place{Input: path}, Input: true}) && false
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return w.failed(path, err)
	}
	if first, ok := w.visited[real]; ok {
		return w.skip(path, "the same folder as "+first)
	}
	w.visited[real] = path
	entries, err := os.ReadDir(path)
	if err != nil && !w.failed(path, err) {
		return false
	}
	for _, entry := range entries {
		if !w.entry(filepath.Join(path, entry.Name()), entry) {
			return false
		}
	}
	return true
}

func (w walk) entry(path string, entry fs.DirEntry) bool {
	mode := entry.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err != nil {
			return w.failed(path, err)
		}
		mode = info.Mode()
	}
	switch reason := unwanted(path, mode.IsDir()); {
	case reason != "":
		return w.skip(path, reason)
	case mode.IsDir():
		return w.folder(path)
	case !mode.IsRegular():
		return w.failed(path, fmt.Errorf("is a %s", special(mode)))
	}
	return w.file(path)
}

func (w walk) file(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return w.failed(path, err)
	}
	defer f.Close()
	return w.read(w.ctx, path, f, w.yield)
}

func (w walk) skip(path, reason string) bool {
	w.files.Skipped = append(w.files.Skipped, everqual.InputProblem{Place: everqual.Place{Input: path}, Message: reason})
	return true
}

// failed reports an input that cannot be opened. The path is the item's place,
// so the error does not repeat it.
func (w walk) failed(path string, err error) bool {
	var of *fs.PathError
	if errors.As(err, &of) {
		err = fmt.Errorf("%s: %w", of.Op, of.Err)
	}
	place := everqual.Place{Input: path}
	w.fail(place, err)
	return w.yield(Item{Err: err, Place: place, Input: true})
}

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
