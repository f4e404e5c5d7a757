package specification

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema.json
var schemaText []byte

//go:embed system.schema.json
var systemSchemaText []byte

// Schema returns the published JSON Schema (draft 2020-12) of specification
// files. Parse validates against the same text.
func Schema() []byte { return bytes.Clone(schemaText) }

// SystemSchema returns the JSON Schema of system.json files.
func SystemSchema() []byte { return bytes.Clone(systemSchemaText) }

// language is the two schemas, ready to validate and to be asked.
type language struct {
	specification, system *jsonschema.Schema
	documents             map[string]any // by schema address, to find titles and examples
}

// theLanguage is compiled at first use and never changes.
var theLanguage = sync.OnceValue(func() language {
	l := language{documents: map[string]any{}}
	c := jsonschema.NewCompiler()
	var ids []string
	for _, text := range [][]byte{schemaText, systemSchemaText} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			panic("embedded schema: " + err.Error())
		}
		id := doc.(map[string]any)["$id"].(string)
		if err := c.AddResource(id, doc); err != nil {
			panic("embedded schema: " + err.Error())
		}
		l.documents[id] = doc
		ids = append(ids, id)
	}
	l.specification, l.system = c.MustCompile(ids[0]), c.MustCompile(ids[1])
	return l
})

// at returns the sub-schema at an address such as "…/schema.json#/$defs/id".
func (l language) at(address string) map[string]any {
	id, fragment, _ := strings.Cut(address, "#")
	v := l.documents[id]
	for _, step := range strings.Split(fragment, "/")[1:] {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(unescape(step))
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		}
	}
	m, _ := v.(map[string]any)
	return m
}

// names returns the property names of a sub-schema, sorted.
func names(schema map[string]any) []string {
	properties, _ := schema["properties"].(map[string]any)
	var list []string
	for k := range properties {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// validate adds a problem for everything in the file that the schema refuses.
func (f *file) validate(schema *jsonschema.Schema) {
	err := schema.Validate(f.root.value())
	if err == nil {
		return
	}
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		f.at(f.root, nil, fmt.Sprintf("cannot be validated: %v", err), "")
		return
	}
	f.explain(invalid)
}

func (f *file) explain(e *jsonschema.ValidationError) {
	for _, cause := range e.Causes {
		f.explain(cause)
	}
	if len(e.Causes) == 0 {
		f.translate(e)
	}
}
