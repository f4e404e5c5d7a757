package intake

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/everqual/everqual"
)

// identity is what is read of a record's userIdentity.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type identity struct {
	kind, arn, account, user, invokedBy, principal, session, onBehalfOf json.RawMessage
}

// actor reads who acted. Service events have no userIdentity, or one without a
// type; then the invoking service, else the service itself acted.
func (r *record) actor() (everqual.Actor, error) {
	var u identity
	err := pick(r.identity,
		field{"type", &u.kind}, field{"arn", &u.arn}, field{"accountId", &u.account},
		field{"userName", &u.user}, field{"invokedBy", &u.invokedBy}, field{"principalId", &u.principal},
		field{"sessionContext", &u.session}, field{"onBehalfOf", &u.onBehalfOf})
	if err != nil {
		return everqual.Actor{}, err
	}
	a := everqual.Actor{
		Type: text(u.kind), ARN: text(u.arn), Account: text(u.account), InvokedBy: text(u.invokedBy),
		SourceIP: text(r.sourceIP), UserAgent: text(r.userAgent),
	}
	a.Name = cmp.Or(u.name(a), text(u.user), everqual.ResourceID(a.ARN).Name(), a.InvokedBy, text(u.principal))
	if a.Name == "" && text(r.kind) == "AwsServiceEvent" {
		a.Name = text(r.source)
	}
	if a.Name == "" && a.Account != "" {
		a.Name = "account " + a.Account
	}
	return a, nil
}

// name returns the name by the type of identity, "" where the type knows none.
func (u identity) name(a everqual.Actor) string {
	switch a.Type {
	case "Root":
		return "root"
	case "AWSService":
		return a.InvokedBy
	case "AssumedRole":
		return u.inSession(a.ARN, ":assumed-role/")
	case "FederatedUser":
		return u.inSession(a.ARN, ":federated-user/")
	case "IdentityCenterUser":
		var user json.RawMessage
		_ = pick(u.onBehalfOf, field{"userId", &user})
		return text(user)
	}
	return ""
}

// inSession names role and session, or the user who federated and the name
// given then: both from the session's issuer where the ARN does not tell.
func (u identity) inSession(arn, kind string) string {
	_, rest, _ := strings.Cut(arn, kind)
	if strings.Contains(rest, "/") {
		return rest
	}
	var issuer, user json.RawMessage
	_ = pick(u.session, field{"sessionIssuer", &issuer})
	_ = pick(issuer, field{"userName", &user})
	if rest == "" {
		_, rest, _ = strings.Cut(text(u.principal), ":")
	}
	return strings.Trim(text(user)+"/"+rest, "/")
}
