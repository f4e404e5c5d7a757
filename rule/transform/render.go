package transform

import (
	"fmt"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// appendJSON appends n as JSON without blanks. Numbers keep their spelling,
// objects the order of their keys.
func appendJSON(b []byte, n *syntax.Node) []byte {
	switch n.Kind {
	case syntax.Text:
		return appendString(b, n.Text)
	case syntax.Object:
		b = append(b, '{')
		for i := range n.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, n.Members[i].Key), ':')
			b = appendJSON(b, &n.Members[i].Value)
		}
		return append(b, '}')
	case syntax.Array:
		b = append(b, '[')
		for i := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, &n.Items[i])
		}
		return append(b, ']')
	}
	return append(b, n.Text...)
}

func appendString(b []byte, s string) []byte {
	return append(appendEscaped(append(b, '"'), s), '"')
}

// appendEscaped appends s as it stands between the quotes of a JSON string.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		if k := strings.IndexByte("\"\\\b\f\n\r\t", c); k >= 0 {
			b = append(b, '\\', `"\bfnrt`[k])
		} else {
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, s[from:]...)
}

// bare is n as it is read inside a string: the text of a string; the JSON of
// anything else without any double quotes.
func bare(n *syntax.Node) string {
	if n.Scalar() {
		return n.Text
	}
	var b strings.Builder
	writeBare(&b, n)
	return strings.ReplaceAll(b.String(), `"`, "")
}

func writeBare(b *strings.Builder, n *syntax.Node) {
	switch n.Kind {
	case syntax.Object:
		b.WriteByte('{')
		for i := range n.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(n.Members[i].Key + ":")
			writeBare(b, &n.Members[i].Value)
		}
		b.WriteByte('}')
	case syntax.Array:
		b.WriteByte('[')
		for i := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeBare(b, &n.Items[i])
		}
		b.WriteByte(']')
	default:
		b.WriteString(n.Text)
	}
}
