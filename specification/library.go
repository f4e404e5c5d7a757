package specification

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// Library is the systems and specifications of one or more folders. A nil
// Library is empty.
type Library struct {
	systems        []everqual.System
	specifications []everqual.Specification
}

// Of returns the library of these specifications: versions of any age, as the
// ledger holds them.
func Of(specifications []everqual.Specification) *Library {
	l := &Library{specifications: slices.Clone(specifications)}
	l.sort()
	return l
}

func (l *Library) sort() {
	slices.SortFunc(l.systems, func(a, b everqual.System) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(l.specifications, func(a, b everqual.Specification) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), compareVersions(a.Version, b.Version))
	})
}

// SystemFile is the name of a file that defines a system.
const SystemFile = "system.json"

// Load reads a folder tree. Files called system.json are systems, all other
// .json files are specifications; names that begin with a dot, and notes (.md,
// .txt, .pdf), are passed over.
// The prefix is put before the paths in problems. The library holds what could
// be read, but is to be trusted only without problems.
func Load(fsys fs.FS, prefix string) (*Library, []Problem) {
	l := newLoader()
	l.tree(fsys, prefix)
	return l.finish()
}

// LoadPaths reads folders, as Load does, and single files. Where only single
// files are given, it is not asked whether their systems are defined.
func LoadPaths(paths ...string) (*Library, []Problem) {
	l := newLoader()
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			l.fail(p, "cannot be read: %v", cause(err))
		case info.IsDir():
			l.tree(os.DirFS(p), p)
		default:
			l.file(os.DirFS(filepath.Dir(p)), filepath.Base(p), p)
		}
	}
	return l.finish()
}

// loader gathers a library and what is wrong with it.
type loader struct {
	library  Library
	folders  bool // a whole folder was read, so every system should be known
	problems []Problem
	defined  map[string]string                 // system id -> path
	seen     map[string]everqual.Specification // by id and version
}

func newLoader() *loader {
	return &loader{defined: map[string]string{}, seen: map[string]everqual.Specification{}}
}

func (l *loader) fail(path, format string, args ...any) {
	l.problems = append(l.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// cause drops the path from an error: the problem already has it.
func cause(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}

func (l *loader) tree(fsys fs.FS, prefix string) {
	l.folders = true
	_ = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		full := path.Join(filepath.ToSlash(prefix), name)
		switch {
		case err != nil:
			l.fail(full, "cannot be read: %v", cause(err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			l.file(fsys, name, full)
		}
		return nil
	})
}

func (l *loader) file(fsys fs.FS, name, full string) {
	switch path.Ext(name) {
	case ".json":
	case ".md", ".txt", ".pdf": // notes beside the files
		return
	default: // such as a specification whose name was mistyped
		l.fail(full, "is neither system.json nor a specification (.json); move it away, or let its name begin with a dot")
		return
	}
	b, err := readBounded(fsys, name)
	if err != nil {
		l.fail(full, "cannot be read: %v", cause(err))
		return
	}
	if path.Base(name) == SystemFile {
		l.system(full, b)
	} else {
		l.specification(full, b)
	}
}

// readBounded reads one byte more than allowed at most, so that Parse sees
// that the file is too large.
func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxSize+1))
}

func (l *loader) system(path string, b []byte) {
	s, problems := ParseSystem(path, b)
	l.problems = append(l.problems, problems...)
	if len(problems) > 0 {
		return
	}
	if other, ok := l.defined[s.ID]; ok {
		l.fail(path, "the system %q is already defined in %s", s.ID, other)
		return
	}
	l.defined[s.ID] = path
	l.library.systems = append(l.library.systems, s)
}

func (l *loader) specification(path string, b []byte) {
	s, problems := Parse(path, b)
	l.problems = append(l.problems, problems...)
	if len(problems) > 0 {
		return
	}
	key := s.ID + " " + canonicalVersion(s.Version)
	if other, ok := l.seen[key]; ok {
		if other.Digest != s.Digest {
			l.fail(path, "version %s of %s differs from the one in %s; give a changed specification a new version", s.Version, s.ID, other.Path)
		}
		return
	}
	l.seen[key] = s
	l.library.specifications = append(l.library.specifications, s)
}

// canonicalVersion is the same text for versions that compare equal.
func canonicalVersion(v string) string {
	parts := strings.Split(v, ".")
	for i := range parts {
		parts[i] = part(parts, i)
	}
	return strings.TrimRight(strings.Join(parts, "."), ".")
}

func (l *loader) finish() (*Library, []Problem) {
	var ids []string
	for id := range l.defined {
		ids = append(ids, id)
	}
	for _, s := range l.library.specifications {
		if _, ok := l.defined[s.System]; !ok && l.folders {
			l.undefined(s, ids)
		}
	}
	l.library.sort()
	sortProblems(l.problems)
	return &l.library, l.problems
}

// undefined reports a specification of an unknown system, at its place.
func (l *loader) undefined(s everqual.Specification, ids []string) {
	f := read(s.Path, s.Source)
	slices.Sort(ids)
	f.at(f.root.field("system"), []string{"system"},
		fmt.Sprintf("the system %q is not defined by any system.json", s.System), nearest(s.System, ids))
	l.problems = append(l.problems, f.problems...)
}

// Systems returns all systems, sorted by id.
func (l *Library) Systems() []everqual.System {
	if l == nil {
		return nil
	}
	return slices.Clone(l.systems)
}

// System returns the system with the id.
func (l *Library) System(id string) (everqual.System, bool) {
	for _, s := range l.Systems() {
		if s.ID == id {
			return s, true
		}
	}
	return everqual.System{}, false
}

// Specifications returns all versions of all specifications, sorted by id and
// version.
func (l *Library) Specifications() []everqual.Specification {
	if l == nil {
		return nil
	}
	return slices.Clone(l.specifications)
}

// InForce returns, of each specification, the highest version whose effective
// period contains at, sorted by id.
func (l *Library) InForce(at time.Time) []everqual.Specification {
	var list []everqual.Specification
	for _, s := range l.Specifications() {
		if !s.Effective.Contains(at) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].ID == s.ID {
			list[n-1] = s // the versions of an id come in rising order
		} else {
			list = append(list, s)
		}
	}
	return list
}

// Select returns the specifications in force at a time whose selectors choose
// the observed resource.
func (l *Library) Select(o everqual.Observation, at time.Time) []everqual.Specification {
	return slices.DeleteFunc(l.InForce(at), func(s everqual.Specification) bool { return !s.Applies.Selects(o) })
}
