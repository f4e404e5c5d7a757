package awsresource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// The error codes that AWS services use, by what they mean for the one who
// asked. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var (
	deniedCodes = []string{
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "AuthFailure",
		"AuthorizationError", "NotAuthorized", "OptInRequired", "SubscriptionRequiredException", "AllAccessDisabled",
		"AccountProblem", "NotSignedUp", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken",
		"MissingAuthenticationTokenException",
	}
	// Somebody has to log in again or set the clock; then the same call works.
	expiredCodes = []string{
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed", "TokenRefreshRequired",
	}
	throttledCodes   = []string{"SlowDown", "TooManyRequests", "RequestThrottledException", "ClientRequestLimitExceeded"}
	unreachableCodes = []string{
		"InternalError", "InternalFailure", "InternalServerError", "InternalServiceError", "KMSInternalException",
		"ServiceUnavailable", "ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException",
		"DependencyTimeoutException", "ServiceException",
	}
	unsupportedCodes = []string{
		"UnsupportedOperation", "UnsupportedOperationException", "OperationNotSupportedException", "NotImplemented",
		"MethodNotAllowed", "InvalidAction", "UnsupportedActionException", "TypeNotFoundException", "UnknownOperationException", "OperationNotPermittedException",
	}
)

// unreadOf says why a call failed.
func unreadOf(action string, err error) everqual.Unread {
	u := everqual.Unread{Call: action}
	var silence *collect.NoReply
	if errors.As(err, &silence) {
		u.Reason, u.Message = silence.Reason, silence.Message
		if roleDenied(silence.Message) {
			u.Call, u.Reason = "sts:AssumeRole", everqual.Denied
		}
		return u
	}
	code, message := codeOf(err)
	u.Reason, u.Message = reasonOf(code, statusOf(err)), short(message)
	if code != "" {
		u.Message = short(code + ": " + message)
	}
	return u
}

// roleDenials are the codes by which STS denies a role. Others, such as that one's
// own credentials are no good, say nothing of the role.
var roleDenials = []string{"AccessDenied", "AccessDeniedException"}

// roleDenied tells whether the role of another account was denied: whoever asks
// again is denied again. The words are all that the evidence has of it.
func roleDenied(message string) bool {
	said, ok := strings.CutPrefix(message, roleUntaken)
	role, said, named := strings.Cut(said, ": ")
	code, _, _ := strings.Cut(said, ": ")
	return ok && named && strings.HasPrefix(role, "arn:") && slices.Contains(roleDenials, code)
}

func reasonOf(code string, status int) everqual.Reason {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, slices.Contains(throttledCodes, code), status == http.StatusTooManyRequests:
		return everqual.Throttled
	case slices.Contains(expiredCodes, code):
		return everqual.Unreachable
	case slices.Contains(deniedCodes, code):
		return everqual.Denied
	case slices.Contains(unsupportedCodes, code), status == http.StatusNotImplemented:
		return everqual.Unsupported
	case slices.Contains(unreachableCodes, code), status >= 500:
		return everqual.Unreachable
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return everqual.Denied
	}
	return everqual.Invalid
}

// codeOf returns the error code of a service, "" when it gave none, and what
// went wrong in words.
func codeOf(err error) (code, message string) {
	var api smithy.APIError
	if errors.As(err, &api) {
		code, message = api.ErrorCode(), api.ErrorMessage()
		// The services' JSON protocols may put a namespace before the code.
		return code[strings.LastIndexByte(code, '#')+1:], message
	}
	var malformed *smithy.DeserializationError
	if errors.As(err, &malformed) {
		if m := foreign.FindSubmatch(malformed.Snapshot); m != nil {
			return string(m[1]), string(m[2])
		}
		return "", "the reply could not be read: " + malformed.Err.Error()
	}
	if status := statusOf(err); status != 0 {
		return "", fmt.Sprintf("HTTP status %d, and no error that could be read", status)
	}
	return "", err.Error()
}

// foreign is an error in another protocol than the service's own: proxies and
// AWS-compatible servers answer a refusal in XML whatever was asked.
var foreign = regexp.MustCompile(`<Code>([A-Za-z0-9.]+)</Code>\s*<Message>([^<]*)</Message>`)

func statusOf(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		return response.HTTPStatusCode()
	}
	return 0
}

// refusal makes an error of a failed call, and keeps the end of the context apart.
func refusal(ctx context.Context, action string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &collect.Refusal{Unread: unreadOf(action, err)}
}

// short keeps messages, some of which hold kilobytes of encoded text, readable.
func short(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s); len(r) > 500 {
		return string(r[:500]) + "…"
	}
	return s
}
