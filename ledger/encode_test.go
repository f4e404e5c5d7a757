package ledger

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/everqual/everqual"
)

// FuzzEncodeEvent compares with encoding/json: what was hashed once must not change.
func FuzzEncodeEvent(f *testing.F) {
	for _, s := range []string{
		``, `{}`, ` { "a" : [ 1 , 2.50, -0, 1E5 ] , "a" : "\u00e9\/<" } `, "{\"a\": \"\u2028<\\u2028\\ud800\"}", "\"\xff\"", `[1e400, -0.0, 1E+2]`,
		`{"a"}`, `nul`, `"\"envelope\":0"`, `{"envelope":0}`, "\"\x01\"", `01`, `1 2`, "\ufeff{}", `[[[[[]]]]]`, `"\x"`,
	} {
		f.Add(s, []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, envelope []byte) {
		e := everqual.ReceivedEvent{
			ChangeEvent: everqual.ChangeEvent{ID: name, Name: name, ErrorMessage: name, Actor: everqual.Actor{Name: name}, Envelope: envelope},
			Rule:        name, Resources: []everqual.Resource{{ID: everqual.ResourceID(name)}},
		}
		kept := bytes.Clone(envelope)
		got, err := encode(e)
		want, wantErr := encodeAny(e)
		if !bytes.Equal(got, want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("got %q, %v\nwant %q, %v", got, err, want, wantErr)
		}
		if !bytes.Equal(envelope, kept) {
			t.Fatalf("the envelope was changed to %q", envelope)
		}
		if err == nil && !json.Valid(got) {
			t.Fatalf("%q is no JSON", got)
		}
	})
}
