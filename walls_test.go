package everqual_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/everqual/everqual"

// rooms lists, for every package of the house, which other packages of the
// house it may import. A package that is not listed may not exist.
var rooms = map[string][]string{
	".":                            {},
	"rules":                        {},
	"specs":                        {},
	"intake":                       {".", "rule/syntax"},
	"rule":                         {".", "rule/pattern", "rule/syntax", "rule/transform"},
	"rule/pattern":                 {"rule/syntax"},
	"rule/syntax":                  {},
	"rule/schedule":                {},
	"rule/transform":               {"rule/syntax"},
	"collect":                      {"."},
	"collect/awsresource":          {".", "collect"},
	"collect/awsresource/mototest": {},
	"collect/tfstate":              {"."},
	"ledger":                       {"."},
	"ledger/ledgertest":            {".", "ledger"},
	"specification":                {"."},
	"assess":                       {"."},
	"report":                       {".", "ledger"},
	"bundle":                       {".", "ledger"},
	"verify":                       {"."},
	"witness":                      {"."},
	"witness/witnesstest":          {},
	"trail":                        {"."},
	"telemetry":                    {"."},
	"flow":                         {".", "intake", "rule", "collect", "ledger", "specification", "assess"},
	"function":                     {".", "ledger", "flow", "specification"},
	"home/embedded":                {".", "ledger", "flow", "home/embedded/page"},
	"home/embedded/page":           {"."},
	"home/aws":                     {".", "ledger", "flow"},
	"home/aws/ministacktest":       {"collect/awsresource/mototest"},
	"home/hometest":                {".", "ledger", "ledger/ledgertest", "flow", "rule", "rules", "collect", "specification"},
	"cmd/everqual/estate":          {"."},
	"cmd/everqual":                 {"*"},
}

// brands lists the libraries that stay at the walls, and where they may be.
// An entry of a file allows that file and those that share its prefix.
var brands = map[string][]string{
	"github.com/aws/":               {"collect/awsresource/", "home/aws/"},
	"modernc.org/sqlite":            {"home/embedded/"},
	"github.com/klauspost/":         {"home/embedded/page/", "intake/"},
	"golang.org/x/mod":              {"ledger/", "home/", "bundle/", "verify/", "witness/", "cmd/"},
	"github.com/go-json-experiment": {"verify/", "ledger/encode"},
	"github.com/transparency-dev":   {"verify/", "witness/", "ledger/tree_test"},
	"github.com/digitorus/":         {"verify/", "witness/"},
	"filippo.io/age":                {"cmd/"},
	"go.opentelemetry.io/":          {"telemetry/"},
	"codeberg.org/go-pdf":           {"report/pdf"},
	"charm.land/":                   {"cmd/"},
	"github.com/spf13/":             {"cmd/"},
	"github.com/santhosh-tekuri":    {"specification/"},
	"github.com/gowebpki/jcs":       {"collect/"},
	"github.com/jmespath-community": {"specification/", "assess/"},
}

// TestWalls reads every source file: what it imports must respect the house.
func TestWalls(t *testing.T) {
	files := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			files++
			checkFile(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d source files seen: the test looks in the wrong place", files)
	}
}

func checkFile(t *testing.T, name string) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	test := strings.HasSuffix(name, "_test.go")
	room := path.Dir(name)
	allowed, known := rooms[room]
	if !known && !test {
		t.Errorf("%s: package %s is not on the map: add it to rooms with what it may import", name, room)
	}
	for _, spec := range f.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		checkRoom(t, name, room, test, imported, allowed)
		checkBrand(t, name, test, imported)
		if (room == "." || strings.HasPrefix(room, "rule/")) && !test && strings.Contains(imported, ".") && !strings.HasPrefix(imported, module) {
			t.Errorf("%s imports %s: the hall and the parts of rule import the standard library only", name, imported)
		}
	}
}

// checkRoom lets tests import any room: they may set a scene.
func checkRoom(t *testing.T, name, room string, test bool, imported string, allowed []string) {
	rest, ours := strings.CutPrefix(imported, module)
	if !ours || test {
		return
	}
	target := path.Clean("." + rest)
	if target != room && !slices.Contains(allowed, target) && !slices.Contains(allowed, "*") {
		t.Errorf("%s imports %s: %s may import only %v", name, target, room, allowed)
	}
}

func checkBrand(t *testing.T, name string, test bool, imported string) {
	for brand, places := range brands {
		if !strings.HasPrefix(imported, brand) || test {
			continue
		}
		if !slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(name, p) }) {
			t.Errorf("%s imports %s, which stays in %v", name, imported, places)
		}
	}
}
