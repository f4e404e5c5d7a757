package awsresource_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// element is one XML element, or a run of text.
type element struct {
	start    xml.StartElement
	text     string
	children []*element
}

func reversedXML(t testing.TB, body string) string {
	root := parseXML(t, body)
	root.reverse()
	return root.String()
}

// parseXML returns an element that holds the document.
func parseXML(t testing.TB, body string) *element {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(body))
	root := &element{}
	path := []*element{root}
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		top := path[len(path)-1]
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{start: x.Copy()}
			top.children = append(top.children, e)
			path = append(path, e)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			top.children = append(top.children, &element{text: string(x)})
		}
	}
	return root
}

// String is the document that the element holds, without what stands around it.
func (e *element) String() string {
	var b bytes.Buffer
	for _, c := range e.children {
		if c.start.Name.Local != "" {
			c.write(&b)
		}
	}
	return b.String()
}

func (e *element) reverse() {
	if e.repeats() {
		slices.Reverse(e.children)
	}
	for _, c := range e.children {
		c.reverse()
	}
}

func (e *element) write(b *bytes.Buffer) {
	name := e.start.Name.Local
	if name == "" {
		_ = xml.EscapeText(b, []byte(e.text))
		return
	}
	if e.start.Name.Space != "" {
		name = e.start.Name.Space + ":" + name
	}
	b.WriteString("<" + name)
	for _, a := range e.start.Attr {
		key := a.Name.Local
		if a.Name.Space != "" {
			key = a.Name.Space + ":" + key
		}
		b.WriteString(" " + key + `="`)
		_ = xml.EscapeText(b, []byte(a.Value))
		b.WriteString(`"`)
	}
	b.WriteString(">")
	for _, c := range e.children {
		c.write(b)
	}
	b.WriteString("</" + name + ">")
}

// repeats tells whether all child elements have one name, as list members have.
func (e *element) repeats() bool {
	names := map[string]int{}
	for _, c := range e.children {
		if c.start.Name.Local != "" {
			names[c.start.Name.Local]++
		}
	}
	return len(names) == 1
}
