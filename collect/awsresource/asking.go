package awsresource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// asking is the outermost step of every operation: it tells the transport which
// call its requests belong to, bounds the call's time, and makes sure that a
// call that never reached AWS is in the evidence too.
type asking struct {
	service, operation, region string
	role                       string // whose credentials are used, "" for one's own
	timeout                    time.Duration
}

func (*asking) ID() string { return "EverqualAsking" }

func (a *asking) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	if action := Action(a.service, a.operation); !permitted[action] {
		return middleware.InitializeOutput{}, middleware.Metadata{},
			everqual.Permanent(fmt.Errorf("%s is not called: no resource type declares it", action))
	}
	parameters, err := collect.Canonical(tree(in.Parameters))
	if err != nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("keep the parameters of %s: %w", a.operation, err)
	}
	call := &collect.Call{Service: a.service, Operation: a.operation, Region: a.region, Parameters: parameters}
	bounded, cancel := context.WithTimeout(collect.WithCall(ctx, call), a.timeout)
	defer cancel()
	out, metadata, err := next.HandleInitialize(bounded, in)
	switch {
	case err == nil:
		err = holding(a.service+":"+a.operation, out.Result)
	case ctx.Err() != nil:
		err = ctx.Err()
	case bounded.Err() != nil:
		err = collect.RecorderFrom(ctx).Fail(call, fmt.Sprintf("no usable reply within %s", a.timeout), err)
	case !answered(err), roleRefused(err):
		err = collect.RecorderFrom(ctx).Fail(call, a.unsent(err), err)
	}
	return out, metadata, err
}

// roleRefused tells whether the role of another account could not be taken, before
// the call itself was made. A replay gives the words of it again, and is done.
func roleRefused(err error) bool {
	var silence *collect.NoReply
	return !errors.As(err, &silence) && strings.Contains(err.Error(), "operation error STS: AssumeRole")
}

// answered tells whether an error is AWS's answer, or one that a replay gives
// again without being told.
func answered(err error) bool {
	var (
		silence   *collect.NoReply
		response  *smithyhttp.ResponseError
		api       smithy.APIError
		malformed *smithy.DeserializationError
		wrong     smithy.InvalidParamsError
	)
	return errors.As(err, &silence) || errors.As(err, &response) || errors.As(err, &api) ||
		errors.As(err, &malformed) || errors.As(err, &wrong)
}

// roleUntaken begins what is said of a role that AWS refused. The role follows,
// and then AWS's code and words.
const roleUntaken = "the role could not be taken: "

// unsent says why a request was never sent; mostly nobody is logged in.
func (a *asking) unsent(err error) string {
	text := "the request could not be sent: " + err.Error()
	if api := smithy.APIError(nil); roleRefused(err) && errors.As(err, &api) {
		text = roleUntaken + api.ErrorCode() + ": " + api.ErrorMessage()
		if a.role != "" {
			text = roleUntaken + a.role + ": " + api.ErrorCode() + ": " + api.ErrorMessage()
		}
	} else if strings.Contains(text, "credentials") {
		text = "no AWS credentials: set AWS_PROFILE, name a profile, or log in with `aws sso login` (" + err.Error() + ")"
	}
	return strings.ToValidUTF8(text, "�")
}

// sender makes a transport of the SDK's own HTTP client.
type sender struct{ client aws.HTTPClient }

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s.client.Do(r) }
