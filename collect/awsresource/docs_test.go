package awsresource_test

import (
	"os"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// The page says of every type what the table says of it.
func TestPageIsComplete(t *testing.T) {
	b, err := os.ReadFile("../../docs/resource-types.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(b), "\n## ")[1:] {
		title, text, _ := strings.Cut(s, "\n")
		sections[title] = text
	}
	d := awsresource.OpenReplay(nil)
	for _, kind := range d.Types() {
		text, ok := sections[kind]
		if !ok {
			t.Errorf("%s has no section", kind)
			continue
		}
		volatile, sets, policies := awsresource.PathsOf(kind)
		for _, list := range [][]string{d.Actions(kind), volatile, sets, policies} {
			for _, entry := range list {
				if !strings.Contains(text, "`"+entry+"`") {
					t.Errorf("%s: the page does not name %s", kind, entry)
				}
			}
		}
		delete(sections, kind)
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
	for title := range sections {
		if strings.HasPrefix(title, "AWS::") {
			t.Errorf("the page has a section on %s, the table has not", title)
		}
	}
}
