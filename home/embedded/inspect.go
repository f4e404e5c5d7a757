package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Inspect checks the files of the home in dir, but for what is in the database. The key
// is held against what is signed in records, nil where they cannot be read.
func Inspect(ctx context.Context, dir string, opt Options, records *ledger.Ledger) []everqual.Check {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.IsDir():
		return []everqual.Check{{
			Name: "home", Result: everqual.CheckFail, Seen: dir + " is no folder", Do: "name the folder with --home, or start one with 'everqual run'",
		}}
	case err != nil:
		return []everqual.Check{everqual.Unasked("home", err, "have the right to read the folder")}
	}
	k := keys{dir: filepath.Join(dir, "keys"), other: opt.Sign, records: records}
	checks := []everqual.Check{private(dir, info), room(dir), signing(ctx, k)}
	if records != nil {
		checks = append(checks, past(ctx, k))
	}
	return checks
}

// secrets are what nobody but the owner may read, where they are.
var secrets = []string{fileName, fileName + "-wal", fileName + "-shm", "keys", "keys/ledger.key", "keys/next.key", "keys/signed", "notify.json", "notices.log"}

// private checks who may read the home. Others who may list the folder read nothing
// as long as the files are the owner's.
func private(dir string, folder fs.FileInfo) everqual.Check {
	const name = "permissions"
	if runtime.GOOS == "windows" {
		return everqual.Unasked(name, errors.New("they have another form on Windows"), "see to it that only the owner may read "+dir)
	}
	var open []string
	for _, s := range secrets {
		info, err := os.Stat(filepath.Join(dir, s))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return everqual.Unasked(name, err, "have the right to read the folder")
		case info.Mode().Perm()&0o077 != 0:
			open = append(open, fmt.Sprintf("%s %s", s, info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		return everqual.OK(name, "others may read %s", strings.Join(open, ", ")).Else(false, everqual.CheckFail, "chmod -R go= "+dir)
	}
	return everqual.OK(name, "%s %s", dir, folder.Mode().Perm()).
		Else(folder.Mode().Perm()&0o077 == 0, everqual.CheckWarn, "chmod 700 "+dir)
}

// least is how much room there should be at least.
const least = 1 << 30

// room checks the disk. A copy of the database has to fit, else it cannot be backed
// up beside itself.
func room(dir string) everqual.Check {
	const name = "disk space"
	free, err := available(dir)
	if err != nil {
		return everqual.Unasked(name, err, "look at it with the means of the system")
	}
	need := uint64(least)
	if info, err := os.Stat(filepath.Join(dir, fileName)); err == nil {
		need = max(need, uint64(info.Size()))
	}
	return everqual.OK(name, "%.1f GB are free", float64(free)/1e9).
		Else(free >= need, everqual.CheckWarn, fmt.Sprintf("make room: at least %.1f GB should be free", float64(need)/1e9))
}

// signing checks the key, and makes none where there is none.
func signing(ctx context.Context, k keys) everqual.Check {
	const name = "key"
	if k.other != nil {
		return everqual.OK(name, "it is kept elsewhere")
	}
	fail := func(err error, do string) everqual.Check {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: do}
	}
	_, public, err := readSecret(k.secret())
	if errors.Is(err, fs.ErrNotExist) {
		if k.records == nil {
			return everqual.Unasked(name, errors.New("there is none, and who signed the ledger cannot be read"), "see the check of the home")
		}
		if err := k.lost(ctx); err != nil {
			return fail(err, "restore it from a backup: nothing is signed without it")
		}
		return everqual.OK(name, "none yet: it is made when something is signed first")
	}
	if err != nil {
		return fail(err, "make it private, or restore it from a backup: nothing is signed without it")
	}
	lies, err := os.ReadFile(k.public())
	if err != nil || strings.TrimSpace(string(lies)) != public {
		return fail(errors.Join(fmt.Errorf("%s is not the public key of %s", k.public(), k.secret()), err), "restore it from a backup; what is signed next writes it anew")
	}
	signer, _, _ := strings.Cut(public, "+")
	return everqual.OK(name, "%s, private", signer)
}

// past holds what was signed last, as is remembered beside the key, against the ledger.
func past(ctx context.Context, k keys) everqual.Check {
	const name = "signed past"
	size, root, err := remembering{path: k.signed()}.Last()
	if err == nil {
		err = k.records.Extends(ctx, size, root)
	}
	if err != nil {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: anotherPast}
	}
	head, err := k.records.Head(ctx)
	if err != nil {
		return everqual.Unasked(name, err, "see to it that the home can be read")
	}
	if size == 0 {
		return everqual.OK(name, "nothing is remembered of it").
			Else(head.Sequence == 0, everqual.CheckWarn, "nothing to do where an earlier version signed or nobody did: what is signed next is remembered; else see who removed "+k.signed())
	}
	return everqual.OK(name, "%d of %d records are those that were signed last", size, head.Sequence)
}
