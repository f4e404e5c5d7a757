package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/specification"
	"github.com/everqual/everqual/verify"
)

// recomputing makes observations again from their evidence, and assessments from
// these and the specifications' texts, and compares with what was recorded.
type recomputing struct {
	*verify.Result
	blob func(ctx context.Context, d everqual.Digest) ([]byte, error)
	seen map[string]everqual.Observation // by resource and version
}

func recompute(ctx context.Context, r *verify.Result, records iter.Seq2[everqual.Record, error],
	blob func(ctx context.Context, d everqual.Digest) ([]byte, error),
) error {
	again := recomputing{Result: r, blob: blob, seen: map[string]everqual.Observation{}}
	for record, err := range records {
		if err != nil {
			return err
		}
		switch record.Kind {
		case everqual.KindObservation:
			err = again.observation(ctx, record)
		case everqual.KindAssessment:
			err = again.assessment(ctx, record)
		case everqual.KindCompleteness:
			err = again.completeness(ctx, record)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *recomputing) wrong(record everqual.Record, field, format string, args ...any) {
	r.Find(verify.Finding{Record: record.Sequence, Field: field, Message: fmt.Sprintf(format, args...)})
}

func ofVersion(id everqual.ResourceID, n int) string { return fmt.Sprintf("%s v%d", id, n) }

// observation replays the evidence through the collector of the type. One that
// another version of the collector made cannot be compared, nor can one whose evidence
// was deleted under the retention: they are counted.
func (r *recomputing) observation(ctx context.Context, record everqual.Record) error {
	var o everqual.Observation
	if err := json.Unmarshal(record.Body, &o); err != nil {
		r.wrong(record, "body", "it is no observation: %v", err)
		return nil
	}
	r.seen[ofVersion(o.Resource.ID, o.Version)] = o
	raw, err := r.blob(ctx, o.Evidence)
	var e everqual.Evidence
	if err == nil {
		e, err = collect.ReadEvidence(raw, func(d everqual.Digest) ([]byte, error) { return r.blob(ctx, d) })
	}
	switch {
	case errors.Is(err, fs.ErrNotExist): // all that must be there is there: this was verified before
		r.NotRecomputed++
		return nil
	case err != nil:
		r.wrong(record, "evidence", "it cannot be replayed: %v", err)
		return ctx.Err()
	}
	eyes := awsresource.OpenReplay(e.Exchanges, e.Attached...)
	made, _, evidence, err := collect.New(eyes, func() time.Time { return e.CollectedAt }).Observe(ctx, e.Resource)
	switch {
	case err != nil:
		return err
	case otherVersion(made.Collector, o.Collector):
		r.NotRecomputed++
	case made.Digest != o.Digest || made.Collector != o.Collector:
		r.wrong(record, "digest", "its evidence gives another state, %s: the observation or the evidence was not what AWS said", made.Digest.Short())
	case !bytes.Equal(evidence, raw):
		r.wrong(record, "evidence", "replaying the evidence gives other evidence")
	default:
		r.Recomputed++
	}
	return nil
}

// otherVersion tells whether two collectors, such as AWS::EC2::Volume/1, are of
// one type and differ in their version.
func otherVersion(a, b string) bool {
	kindA, versionA, ok := strings.Cut(a, "/")
	kindB, versionB, also := strings.Cut(b, "/")
	return ok && also && kindA == kindB && versionA != versionB
}

// assessment judges the version again by the specification's text.
func (r *recomputing) assessment(ctx context.Context, record everqual.Record) error {
	var a everqual.Assessment
	if err := json.Unmarshal(record.Body, &a); err != nil {
		r.wrong(record, "body", "it is no assessment: %v", err)
		return nil
	}
	o, ok := r.seen[ofVersion(a.Resource.ID, a.Version)]
	if !ok {
		r.wrong(record, "version", "the version that it judges is not here")
		return nil
	}
	text, err := r.blob(ctx, a.Specification.Digest)
	if err != nil {
		r.wrong(record, "specification", "its text cannot be read: %v", err)
		return ctx.Err()
	}
	s, problems := specification.Parse(a.Specification.ID, text)
	if len(problems) > 0 {
		r.wrong(record, "specification", "its text has problems: %v", problems[0])
		return nil
	}
	made := assess.Assess(o, s, a.AssessedAt)
	if n := len(a.Verdicts); n == len(made.Verdicts)+1 { // it had lost the tag that selected it
		made.Verdicts = append(made.Verdicts, assess.Selection(o, s))
	}
	want, err := json.Marshal(a)
	if err != nil {
		return err
	}
	got, err := json.Marshal(made)
	if err != nil {
		return err
	}
	if string(got) != string(want) {
		r.wrong(record, "verdicts", "the specification and the observation give other verdicts")
		return nil
	}
	r.Recomputed++
	return nil
}
