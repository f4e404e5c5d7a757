package syntax_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/everqual/everqual/rule/syntax"
)

var texts = []string{`{}`, `[]`, `{"a":[1,-0.5e+3,true,false,null,"x\u00e9\n\"é"],"":{"b":{}}}`, `"12345678\"90"`, `0`, `-`, `01`, `1.`, `tru`, `{"a":1,}`,
	`{"a" :1}`, `[1 ]`, "\"a\tb\"", `"\x"`, `"\u12g4"`, `{"a":"01234567890123456789`, `[[[]]`, `{}{}`, ``, `{"a":1 }`, `["` + "\x1f" + `"]`, `{"a"}`, `{1:2}`}

// FuzzValidCompact compares with encoding/json, and skipping with both.
func FuzzValidCompact(f *testing.F) {
	for _, s := range texts {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) > syntax.MaxDepth {
			return
		}
		var compact bytes.Buffer
		want := json.Compact(&compact, b) == nil && bytes.Equal(compact.Bytes(), b)
		if got := syntax.ValidCompact(b); got != want {
			t.Fatalf("%q: got %v, want %v", b, got, want)
		}
		if spans, end := syntax.CompactObject(append(b, ",rest"...), nil); (end == len(b)) != (want && b[0] == '{') {
			t.Fatalf("%q: the object ends at %d", b, end)
		} else if end > 0 {
			whole := []byte("{")
			for i, s := range spans {
				if i > 0 {
					whole = append(whole, ',')
				}
				whole = append(append(append(append(whole, '"'), b[s.Key:s.KeyEnd]...), '"', ':'), b[s.Value:s.End]...)
			}
			if whole = append(whole, '}'); end == len(b) && !bytes.Equal(whole, b) {
				t.Fatalf("%q: its members are %s", b, whole)
			}
		}
		end, err := syntax.SkipValue(b, 0)
		if want && (err != nil || end != len(b)) {
			t.Fatalf("%q: skipped to %d, %v", b, end, err)
		}
	})
}

func TestSkipKey(t *testing.T) {
	for _, c := range []struct {
		text string
		end  int
		odd  bool
	}{
		{`abc":1`, 3, false}, {`abcdefghijkl":{}`, 12, false}, {`a.b":"12345678"`, 3, true}, {`a\"b":12345678`, 4, true},
		{`abcdefgh.":"......"`, 9, true}, {`ab":".........."`, 2, false}, {`":12345678`, 0, false},
		{"\xb9\":1", 1, true}, {`größe":"12345678"`, 7, true}, {`abcdefghäi":1`, 11, true}, {`abc":"ä",x`, 3, false},
	} {
		end, odd, err := syntax.SkipKey([]byte(c.text), 0)
		if end != c.end || odd != c.odd || err != nil {
			t.Errorf("%s: got %d, %v, %v", c.text, end, odd, err)
		}
	}
	if _, _, err := syntax.SkipKey([]byte(`abcdefghij\"`), 0); err != syntax.ErrCut {
		t.Errorf("got %v", err)
	}
}

func BenchmarkValidCompact(b *testing.B) {
	text := []byte(`{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/lims-deploy/deploy","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"2024-03-01T08:12:13Z","readOnly":false,"requestParameters":{"maxResults":1000}}`)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if !syntax.ValidCompact(text) {
				b.Fatal("invalid")
			}
		}
	})
	b.Run("encoding json", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if !json.Valid(text) {
				b.Fatal("invalid")
			}
		}
	})
}
