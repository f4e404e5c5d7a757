package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/report"
)

// writeFiles writes every format of a report, and what it rests on beside it. What the
// archive holds no more is missing: it comes back, and the report is written all the same.
func writeFiles(ctx context.Context, c *flow.Corridor, r report.Report, out string) (missing []everqual.Digest, err error) {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, fmt.Errorf("make report folder: %w", err)
	}
	evidence := []everqual.Digest{}
	for _, i := range r.Inventory {
		evidence = append(evidence, i.Evidence)
	}
	for _, v := range r.Results {
		evidence = append(evidence, v.Evidence)
	}
	if missing, err = export(ctx, c, filepath.Join(out, "evidence"), ".json", evidence); err != nil {
		return nil, err
	}
	replies, err := sharedReplies(ctx, c, slices.DeleteFunc(evidence, func(d everqual.Digest) bool { return slices.Contains(missing, d) }))
	if err != nil {
		return nil, err
	}
	var specs []everqual.Digest
	for _, s := range r.Specs {
		specs = append(specs, s.Digest)
	}
	for _, part := range []struct {
		folder, extension string
		digests           []everqual.Digest
	}{{"evidence", ".reply", replies}, {"specifications", ".json", specs}} {
		more, err := export(ctx, c, filepath.Join(out, part.folder), part.extension, part.digests)
		if err != nil {
			return nil, err
		}
		missing = append(missing, more...)
	}
	for _, f := range reportFormats() {
		if err := writeFile(filepath.Join(out, f.name), func(w io.Writer) error { return f.write(w, r) }); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// format is one file of a report.
type format struct {
	name  string
	write func(io.Writer, report.Report) error
}

func reportFormats() []format {
	return []format{
		{"iq-report.pdf", report.WritePDF}, {"iq-report.json", report.WriteJSON}, {"test-results.csv", report.WriteCSV},
	}
}

// sharedReplies are the replies that are archived by themselves because several
// pieces of evidence rest on them.
func sharedReplies(ctx context.Context, c *flow.Corridor, evidence []everqual.Digest) (replies []everqual.Digest, err error) {
	for _, d := range slices.Compact(slices.Sorted(slices.Values(evidence))) {
		if d == "" {
			continue
		}
		b, err := c.Archive.Get(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("read %s from the archive: %w", d, err)
		}
		var e everqual.Evidence
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, fmt.Errorf("read evidence %s: %w", d, err)
		}
		for _, x := range e.Exchanges {
			replies = append(replies, x.BodyDigest)
		}
	}
	return replies, nil
}

// export writes archived blobs as files named by their digest, so that
// `sha256sum` checks them, and returns those that the archive does not hold.
func export(ctx context.Context, c *flow.Corridor, dir, extension string, digests []everqual.Digest) (missing []everqual.Digest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	digests = slices.Compact(slices.Sorted(slices.Values(digests)))
	if err := clearStale(dir, extension, digests); err != nil {
		return nil, err
	}
	for _, d := range digests {
		if d == "" {
			continue
		}
		b, err := c.Archive.Get(ctx, d)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, d)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s from the archive: %w", d, err)
		}
		name := filepath.Join(dir, d.Hex()+extension)
		if err := writeFile(name, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

// clearStale removes what an earlier report exported here and this one does not
// rest on.
func clearStale(dir, extension string, digests []everqual.Digest) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into %s: %w", dir, err)
	}
	for _, e := range entries {
		hex, ok := strings.CutSuffix(e.Name(), extension)
		d := everqual.Digest("sha256:" + hex)
		if ok && d.Hex() != "" && !slices.Contains(digests, d) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("remove what an earlier report left: %w", err)
			}
		}
	}
	return nil
}

// writeFile replaces a file in one step, readable by its owner only.
func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".everqual-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			if errors.Is(err, fs.ErrPermission) {
				err = fmt.Errorf("%w (is the folder yours?)", err)
			}
		}
	}()
	if err = write(f); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err = f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), strings.TrimSuffix(name, "/"))
}
