package collect_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect"
)

// What looks like a reply passes; what the SDK would read as "there is none" does not.
func TestCheckReply(t *testing.T) {
	const page = "a web page came instead"
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string // "" passes
	}{
		{"object", 200, `{"Table":{}}`, ""},
		{"white space", 200, " \n{ }\n", ""},
		{"document", 200, `<?xml version="1.0"?>` + "\n<!-- x --><R xmlns=\"x\"><a/></R>\n", ""},
		{"short document", 200, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`, ""},
		{"shortest document", 200, `<R/>`, ""},
		{"attribute on the next line", 200, "<R\n a=\"b\"><a></a></R >", ""},
		{"empty", 200, "", "empty"},
		{"blank", 204, " \n", "empty"},
		{"null", 200, "null", "neither"},
		{"list", 200, `[{"a":1}]`, "neither"},
		{"text", 200, "OK", "neither"},
		{"object cut off", 200, `{"Table":{"TableName":"a"`, "no end"},
		{"document cut off", 200, `<R><a>x</a>`, "no end"},
		{"document cut off in a tag", 200, `<R><a>x</`, "no end"},
		{"prolog only", 200, `<?xml version="1.0"?>`, "no end"},
		{"page", 200, `<!DOCTYPE html><html lang="en"><body>log in</body></html>`, page},
		{"page in capitals", 200, "<HTML>\n<BODY>log in<BR></BODY></HTML>", page},
		{"unsaid error", 200, `<Error><Code>InternalError</Code></Error>`, "is an error"},
		{"error", 404, "", ""},
		{"error page", 502, "<html></html>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := collect.CheckReply(c.status, http.Header{}, []byte(c.body))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want %q", err, c.want)
			}
		})
	}
	if err := collect.CheckReply(200, http.Header{"Content-Encoding": {"gzip"}}, []byte{0x1f, 0x8b}); err != nil {
		t.Errorf("a packed reply: %v", err)
	}
}

func FuzzCheckReply(f *testing.F) {
	for _, s := range []string{"", "<", "<>", "</>", "<a/>", "<?x?><a></a>", "{}", "<a></a", "<!-->"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if collect.CheckReply(200, http.Header{}, body) == nil && !strings.ContainsAny(string(body), "{<") {
			t.Errorf("%q passes", body)
		}
	})
}
