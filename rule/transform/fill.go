package transform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// cached is up to which length a value is kept for its next use. Longer ones
// are made anew: few of them fit into a result.
const cached = 1 << 16

// filling is one template on its way to be a result.
type filling struct {
	t      *Transformer
	event  *syntax.Node
	v      Variables
	small  map[place]string
	broken string // names the first value that breaks a string by not being escaped
	out    []byte
}

func (f *filling) fill() error {
	for _, p := range f.t.parts {
		f.out = append(f.out, p.text...)
		if p.name != "" {
			f.insert(p.place)
		}
		if len(f.out) > MaxOutput {
			return fmt.Errorf("the result is longer than %d bytes", MaxOutput)
		}
	}
	return nil
}

func (f *filling) insert(p place) {
	s, ok := f.small[p]
	if ok {
		f.out = append(f.out, s...)
		return
	}
	from := len(f.out)
	switch n := f.value(p.name); {
	case n == nil:
		if !p.inside {
			f.out = append(f.out, `""`...)
		}
	case f.v.Strict:
		f.insertRaw(p, n)
	case !p.inside:
		f.out = appendJSON(f.out, n)
	default:
		f.out = appendEscaped(f.out, bare(n))
	}
	if len(f.out)-from <= cached {
		f.small[p] = string(f.out[from:])
	}
}

// insertRaw inserts a value as AWS does.
func (f *filling) insertRaw(p place, n *syntax.Node) {
	s := n.Text
	if !n.Scalar() {
		if s = string(appendJSON(nil, n)); f.t.lines {
			s = strings.ReplaceAll(s, `"`, "")
		}
	}
	inString := p.inside || n.Kind == syntax.Text
	if inString && f.broken == "" && !json.Valid([]byte(`"`+s+`"`)) {
		if f.broken = "<" + p.name + ">"; !n.Scalar() {
			f.broken += ", " + n.Kind.String() + " in a string,"
		}
	}
	if inString && !p.inside {
		s = `"` + s + `"`
	}
	f.out = append(f.out, s...)
}

// asDelivered is the result where AWS can deliver it.
func (f *filling) asDelivered() ([]byte, error) {
	const nothing = "AWS would deliver nothing: "
	var b bytes.Buffer
	broken := f.broken != ""
	if !f.t.lines {
		broken = json.Compact(&b, f.out) != nil
	}
	switch {
	case broken && f.broken != "":
		return nil, fmt.Errorf(nothing+"a double quote, backslash or line break in the value of %s is not escaped and breaks the JSON", f.broken)
	case broken:
		return nil, errors.New(nothing + "values that are not escaped break the JSON")
	case f.t.lines:
		return f.out, nil
	}
	return b.Bytes(), nil
}
