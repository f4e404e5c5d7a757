// Package collect observes one resource: it has AWS asked through a Describer,
// keeps every reply as evidence, and gives the state a digest, so that equal
// digests mean that nothing changed. It knows no AWS SDK; the calls themselves
// are in collect/awsresource.
package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// Describer asks AWS what a resource looks like now. Every call it makes goes
// through a Recording or a Replay transport, with a Call in its context.
type Describer interface {
	// Describes tells whether it can describe resources of a type.
	Describes(resourceType string) bool
	// Caller tells as whom it asks in a region about resources of an account; ""
	// is its own. A refusal by AWS is a *Refusal.
	Caller(ctx context.Context, account, region string) (everqual.Caller, error)
	// Describe reads one resource. What AWS refuses is no error: it is in
	// Description.Unread, with Path "" when nothing could be read. An error
	// means that the context ended or that the program is wrong.
	Describe(ctx context.Context, r everqual.Resource) (Description, error)
}

// Description is what a Describer read of one resource.
type Description struct {
	State      everqual.State
	Attributes everqual.Attributes // normalised; none unless State is Present
	Unread     []everqual.Unread
	Parts      []everqual.ResourceID // other resources whose state is nested in the attributes
	// Region is where AWS answered, when that is not where it was asked: a
	// bucket is found wherever it lives. "" means as asked.
	Region string
	// Attached names what of other services' findings was read too.
	Attached []string
	// Collector names the code and the version of its normalisation, such as
	// "AWS::EC2::Instance/1".
	Collector string
}

// Refusal is AWS's no, or its silence, as an error.
type Refusal struct{ everqual.Unread }

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: %s: %s", r.Call, r.Reason, r.Message)
}

// Collector observes resources. It may be used by many goroutines at once if
// its Describer and its clock may.
type Collector struct {
	describer Describer
	now       func() time.Time
}

// New returns a collector that asks d and takes the time from now.
func New(d Describer, now func() time.Time) *Collector {
	return &Collector{describer: d, now: now}
}

// Observe reads one resource as it is now. It returns the observation, the
// evidence behind it, and the evidence as the JSON to archive, whose digest the
// observation carries. A resource that could not be read gives an observation
// that says so: an error means that the context ended or that the program is
// wrong, and then there is no observation.
//
// The evidence names the resource as it was asked for, so that a replay asks the
// same; the observation names the region where it was found.
//
// CollectedAt is taken before the first call: a change that happens while the
// resource is being read counts as later, and asks for a new observation. The
// bodies of exchanges with a BodyDigest have to be archived too, each once.
func (c *Collector) Observe(ctx context.Context, r everqual.Resource) (everqual.Observation, everqual.Evidence, []byte, error) {
	collectedAt := c.now().UTC()
	recorder := NewRecorder(c.now)
	asked, caller, d, err := c.read(WithRecorder(ctx, recorder), r)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return everqual.Observation{}, everqual.Evidence{}, nil, err
	}
	for _, x := range recorder.Exchanges() {
		if x.BodyDigest != "" && x.At.Before(collectedAt) {
			collectedAt = x.At // what a shared reply showed is as old as the reply
		}
	}
	evidence := everqual.Evidence{
		Resource: asked, Caller: caller, CollectedAt: collectedAt, Attached: d.Attached, Exchanges: recorder.Exchanges(),
	}
	raw, err := EncodeEvidence(evidence)
	if err != nil {
		return everqual.Observation{}, everqual.Evidence{}, nil, err
	}
	o := compose(asked, d)
	o.CollectedAt, o.Caller, o.Evidence = collectedAt, caller, everqual.DigestOf(raw)
	o.Digest, err = StateDigest(o)
	return o, evidence, raw, err
}

// read makes sure that the right account is asked, and then asks.
func (c *Collector) read(ctx context.Context, r everqual.Resource) (everqual.Resource, everqual.Caller, Description, error) {
	var caller everqual.Caller
	r, problem := complete(r)
	if !c.describer.Describes(r.Type) {
		return r, caller, unread(everqual.Unsupported, fmt.Sprintf("there is no collector for %s", r.Type)), nil
	}
	if problem != "" {
		return r, caller, unread(everqual.Invalid, problem), nil
	}
	caller, err := c.describer.Caller(ctx, r.Account, r.Region)
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
		return r, caller, Description{Unread: []everqual.Unread{refusal.Unread}}, nil
	}
	if err != nil {
		return r, caller, Description{}, err
	}
	if r.Account == "" {
		r.Account = caller.Account
	}
	// A resource of the same name in another account must never pass for this one.
	if caller.Account != r.Account {
		message := fmt.Sprintf("the resource is in account %s but the collector's credentials are for account %s: use a profile or role of account %[1]s", r.Account, caller.Account)
		return r, caller, unread(everqual.Denied, message), nil
	}
	d, err := c.describer.Describe(ctx, r)
	return r, caller, d, err
}

// complete fills account and region from the ARN, and returns what is wrong
// when the two contradict each other.
func complete(r everqual.Resource) (everqual.Resource, string) {
	arn, ok := r.ID.Parts()
	switch {
	case !ok:
		return r, fmt.Sprintf("%q is no ARN", r.ID)
	case arn.Account != "" && r.Account != "" && arn.Account != r.Account:
		return r, fmt.Sprintf("the ARN names account %s, the resource account %s", arn.Account, r.Account)
	case arn.Region != "" && r.Region != "" && arn.Region != r.Region:
		return r, fmt.Sprintf("the ARN names region %s, the resource region %s", arn.Region, r.Region)
	}
	if r.Account == "" {
		r.Account = arn.Account
	}
	if r.Region == "" {
		r.Region = arn.Region
	}
	return r, ""
}

func unread(reason everqual.Reason, message string) Description {
	return Description{Unread: []everqual.Unread{{Reason: reason, Message: message}}}
}

// compose makes the observation of what was read.
func compose(r everqual.Resource, d Description) everqual.Observation {
	o := everqual.Observation{
		Resource: r, State: d.State, Attributes: d.Attributes, Unread: slices.Clone(d.Unread), Parts: d.Parts,
		Tags: TagsOf(d.Attributes), Collector: d.Collector,
	}
	if o.State == "" {
		// Nobody said that it is gone, and what is not known to be gone counts as there.
		o.State = everqual.Present
	}
	if o.Collector == "" {
		o.Collector = "none"
	}
	if d.Region != "" {
		o.Resource.Region = d.Region
	}
	slices.SortFunc(o.Unread, func(a, b everqual.Unread) int {
		return strings.Compare(a.Path+"\x00"+a.Call, b.Path+"\x00"+b.Call)
	})
	if o.Name = o.Tags["Name"]; o.Name == "" {
		o.Name = r.ID.Name()
	}
	return o
}
