package collect

import (
	"net/http"
	"slices"
	"sync"

	"github.com/everqual/everqual"
)

// Replay is a transport that answers from recorded exchanges, without
// credentials and without a network. The same question asked again gets the
// next recorded answer, and the last one for ever after. A call that is not in
// the recording fails for good: asking again cannot help, so it counts as
// UNSUPPORTED, as a call that there is not here.
//
// The recorder of the context gets the recorded exchange itself, so observing a
// replay gives the same evidence again, byte for byte.
type Replay struct {
	mu      sync.Mutex
	answers map[string][]everqual.Exchange
}

// NewReplay returns a transport that serves the exchanges.
func NewReplay(exchanges []everqual.Exchange) *Replay {
	answers := map[string][]everqual.Exchange{}
	for _, e := range exchanges {
		k := callOf(e).key()
		answers[k] = append(answers[k], e)
	}
	return &Replay{answers: answers}
}

func callOf(e everqual.Exchange) Call {
	return Call{Service: e.Service, Operation: e.Operation, Region: e.Region, Parameters: e.Parameters}
}

// RoundTrip answers the call in the request's context.
func (p *Replay) RoundTrip(req *http.Request) (*http.Response, error) {
	call := callFrom(req.Context())
	if call == nil {
		return nil, &NoReply{Reason: everqual.Unsupported, Message: "request without a call: it cannot be found in a recording"}
	}
	e, ok := p.next(call.key())
	if !ok { // a page of a listing, which was asked for in its turn
		e, ok = p.page(*call)
	}
	if !ok {
		message := "not in the recording: " + call.String()
		return nil, &NoReply{Reason: everqual.Unsupported, Message: message}
	}
	RecorderFrom(req.Context()).put(call, e)
	return respond(req, e)
}

// page is the shared reply of the same listing, whichever of its pages it is.
func (p *Replay) page(c Call) (everqual.Exchange, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, list := range p.answers {
		if e := list[0]; e.BodyDigest != "" && e.Service == c.Service && e.Operation == c.Operation && e.Region == c.Region {
			return e, true
		}
	}
	return everqual.Exchange{}, false
}

func (p *Replay) next(key string) (e everqual.Exchange, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.answers[key]
	if len(list) == 0 {
		return e, false
	}
	if len(list) > 1 {
		p.answers[key] = slices.Clone(list[1:])
	}
	return list[0], true
}
