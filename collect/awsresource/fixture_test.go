package awsresource_test

import (
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/everqual/everqual/collect"
)

// fixtures answer the operations that moto lacks, by "service:Operation" as the
// evidence names them. They are written after AWS's API reference and have to
// pass the SDK's own decoder: verified against the API model, not against a
// running service. An answer without a status leaves the call to moto.
var fixtures = map[string]func(parameters string) answer{}

// fixed answers every call alike.
func fixed(body string) func(string) answer {
	return func(string) answer { return answer{status: 200, body: body} }
}

// fixture is a transport that answers from fixtures what it can, and passes on
// the rest.
type fixture struct{ base http.RoundTripper }

func (f fixture) RoundTrip(r *http.Request) (*http.Response, error) {
	call, _ := collect.Asked(r.Context())
	a := answer{}
	if say, ok := fixtures[call.Service+":"+call.Operation]; ok {
		a = say(string(call.Parameters))
	}
	if a.status == 0 { // moto answers this one well
		return f.base.RoundTrip(r)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	maps.Copy(header, a.header)
	if strings.HasPrefix(a.body, "<") {
		header.Set("Content-Type", "text/xml")
	}
	return &http.Response{
		StatusCode: a.status, Header: header, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}, nil
}
