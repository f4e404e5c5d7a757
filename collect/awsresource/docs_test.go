package awsresource_test

import (
	"os"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

const page = "../../docs/resource-types.md"

// The page says of every type what the table says of it. -update writes the
// lists of each section anew; the words above them are for people to write.
func TestPageIsComplete(t *testing.T) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(b), "\n## ")
	d := awsresource.OpenReplay(nil)
	sections := map[string]bool{}
	for i, s := range parts[1:] {
		title, text, _ := strings.Cut(s, "\n")
		if strings.Contains(title, "::") {
			words, _, _ := strings.Cut(text, "\n- IAM actions:")
			parts[i+1] = title + "\n" + words + facts(d, title)
			sections[title] = true
		}
	}
	want := strings.Join(parts, "\n## ")
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("the page differs from the table (write it anew with -update):\n%s", diff)
	}
	for _, kind := range d.Types() {
		if !sections[kind] {
			t.Errorf("%s has no section", kind)
		}
		delete(sections, kind)
	}
	for title := range sections {
		t.Errorf("the page has a section on %s, the table has not", title)
	}
	for file, e := range recordings(t) {
		if o := replay(t, e); o.State == everqual.Present {
			for name := range o.Attributes {
				if nested := shapes[o.Resource.Type][name]; nested != nil && !strings.Contains(string(b), "`"+name+"`") {
					t.Errorf("%s: the page does not name the attribute %s", file, name)
				}
			}
		}
	}
}

// facts are the lists of a type's section.
func facts(d *awsresource.Describer, kind string) string {
	volatile, sets, policies, parts := awsresource.PathsOf(kind)
	text := ""
	for _, f := range []struct {
		title   string
		entries []string
		always  bool
	}{
		{"IAM actions", d.Actions(kind), true}, {"To list them", d.ListActions(kind), false},
		{"Left out (volatile)", volatile, true}, {"Order does not matter", sets, true}, {"Policy documents", policies, false},
		{"Observed again when these change", parts, false},
	} {
		switch list := strings.Join(f.entries, "`, `"); {
		case list != "":
			text += "\n- " + f.title + ": `" + list + "`"
		case f.always:
			text += "\n- " + f.title + ": none"
		}
	}
	return text + "\n"
}
