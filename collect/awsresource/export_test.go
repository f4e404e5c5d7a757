package awsresource

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// Normalise lets the tests give attributes of a type their final form.
func Normalise(resourceType string, a everqual.Attributes) everqual.Attributes {
	k, _ := kindOf(resourceType)
	return normalise(k, a)
}

// Tree lets the tests turn SDK structures into JSON values.
var Tree = tree

// Policy lets the tests parse policy documents.
var Policy = policy

// PathsOf lists the volatile and the set-like paths of a type.
func PathsOf(resourceType string) (volatile, sets, policies, parts []string) {
	k, _ := kindOf(resourceType)
	for _, p := range k.parts {
		parts = append(parts, p.path)
	}
	return k.volatile, k.sets, k.policies, parts
}

// ManyActions are those of reading many resources at once.
func ManyActions(resourceType string) []string {
	k, _ := kindOf(resourceType)
	return k.manyActions
}

// ScopeActions are the actions of finding a scope.
var ScopeActions = scopeActions

// NewLimiter lets the tests see how a limiter learns.
func NewLimiter(base http.RoundTripper) (l http.RoundTripper, limit func(*http.Request) float64) {
	made := newLimiter(base)
	return made, func(r *http.Request) float64 { return float64(made.bucket(r).Limit()) }
}

// Selects lets the tests ask whether a backup selection takes a resource in.
var Selects = selects

// OpenOver is Open with a transport that needs no credentials and no patience.
func OpenOver(base http.RoundTripper) *Describer {
	return newDescriber(aws.Config{
		Credentials: aws.AnonymousCredentials{}, HTTPClient: clientOf(collect.Recording{Base: base}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}, 0)
}

// SaysNothing lets the tests know to what AWS answers with nothing.
var SaysNothing = saysNothing
