package awsresource

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// jsonClient asks a service that speaks JSON without its SDK client. It is for services
// of which few operations are wanted and whose clients weigh much: SageMaker's describes
// all its shapes in tables that no linker can drop, and a finding of Security Hub may
// show the details of any resource: 2 MB each, and a part of each start. Configuration,
// credentials, retries and the transport are the SDK's.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
// https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
type jsonClient struct {
	cfg     aws.Config
	id      string // of the service in AWS_ENDPOINT_URL_<SERVICE>
	signing string // its name in signatures
	target  string // what comes before the operation, in JSON 1.1
	host    string // before ".region.amazonaws.com"
	// routes are method and path of each operation, in REST JSON: none has a part of
	// its input in its path.
	routes map[string]string
}

// call asks for an operation. Members that are null are not there, as in the SDK.
func (c *jsonClient) call(ctx context.Context, operation string, in map[string]any) (map[string]any, error) {
	endpoint, err := c.endpoint(ctx)
	if err != nil {
		return nil, err
	}
	stack := middleware.NewStack(operation, smithyhttp.NewStackRequest)
	for _, add := range c.cfg.APIOptions {
		if err := add(stack); err != nil {
			return nil, err
		}
	}
	out := map[string]any{}
	attempt := retry.NewAttemptMiddleware(c.cfg.Retryer(), smithyhttp.RequestCloner)
	for _, err := range []error{
		stack.Serialize.Add(c.serialize(endpoint, operation), middleware.After),
		stack.Finalize.Add(attempt, middleware.After),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("Sign", c.sign), middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("JSON", deserialize(&out)), middleware.After),
	} {
		if err != nil {
			return nil, err
		}
	}
	handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(c.cfg.HTTPClient), stack)
	if _, _, err := handler.Handle(ctx, in); err != nil {
		return nil, &smithy.OperationError{ServiceID: c.id, OperationName: operation, Err: err}
	}
	if withoutNulls(out); len(out) == 0 {
		return nil, holdsNothing(c.signing + ":" + operation)
	}
	return out, nil
}

// The SDK's own sources of configuration answer these.
type (
	endpoints interface {
		GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
	}
	fips interface {
		GetUseFIPSEndpoint(ctx context.Context) (aws.FIPSEndpointState, bool, error)
	}
)

// endpoint is the configured one, else AWS's own of the region.
func (c *jsonClient) endpoint(ctx context.Context) (string, error) {
	prefix := c.host
	for _, source := range c.cfg.ConfigSources {
		if s, ok := source.(endpoints); ok {
			if url, found, err := s.GetServiceBaseEndpoint(ctx, c.id); err != nil || found {
				return url, err
			}
		}
		if s, ok := source.(fips); ok && prefix == c.host {
			state, found, err := s.GetUseFIPSEndpoint(ctx)
			if err != nil {
				return "", err
			}
			if found && state == aws.FIPSEndpointStateEnabled {
				prefix = strings.Replace(c.host, ".", "-fips.", 1)
			}
		}
	}
	if c.cfg.BaseEndpoint != nil {
		return *c.cfg.BaseEndpoint, nil
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(c.cfg.Region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://%s.%s.%s", prefix, c.cfg.Region, domain), nil
}

func (c *jsonClient) serialize(endpoint, operation string) middleware.SerializeMiddleware {
	return middleware.SerializeMiddlewareFunc("JSON", func(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
		out middleware.SerializeOutput, metadata middleware.Metadata, err error,
	) {
		request := in.Request.(*smithyhttp.Request)
		body, err := c.address(request, endpoint, operation, in.Parameters)
		if err != nil {
			return out, metadata, &smithy.SerializationError{Err: err}
		}
		if in.Request, err = request.SetStream(bytes.NewReader(body)); err != nil {
			return out, metadata, &smithy.SerializationError{Err: err}
		}
		return next.HandleSerialize(ctx, in)
	})
}

// address sets where the request goes, and returns its body.
func (c *jsonClient) address(request *smithyhttp.Request, endpoint, operation string, in any) (body []byte, err error) {
	method, path, rest := strings.Cut(c.routes[operation], " ")
	if !rest {
		method, path = http.MethodPost, "/"
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
		request.Header.Set("X-Amz-Target", c.target+"."+operation)
	}
	request.Method = method
	if request.URL, err = request.URL.Parse(strings.TrimRight(endpoint, "/") + path); err != nil || method == http.MethodGet {
		return nil, err
	}
	if rest {
		request.Header.Set("Content-Type", "application/json")
	}
	body, err = json.Marshal(in)
	request.ContentLength = int64(len(body))
	return body, err
}

// sign is done anew for each attempt.
func (c *jsonClient) sign(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	if aws.IsCredentialsProvider(c.cfg.Credentials, (*aws.AnonymousCredentials)(nil)) { // a recording asks for none
		return next.HandleFinalize(ctx, in)
	}
	request := in.Request.(*smithyhttp.Request)
	body, err := io.ReadAll(request.GetStream())
	if err == nil {
		err = request.RewindStream()
	}
	if err != nil {
		return out, metadata, &v4.SigningError{Err: err}
	}
	credentials, err := c.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return out, metadata, &v4.SigningError{Err: fmt.Errorf("get credentials: %w", err)}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request.Request, hex.EncodeToString(sum[:]), c.signing, c.cfg.Region, time.Now()); err != nil {
		return out, metadata, &v4.SigningError{Err: err}
	}
	return next.HandleFinalize(ctx, in)
}

// deserialize reads the reply into members, or the error that it is.
func deserialize(members *map[string]any) func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	return func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
		middleware.DeserializeOutput, middleware.Metadata, error,
	) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if err != nil {
			return out, metadata, err
		}
		response := out.RawResponse.(*smithyhttp.Response)
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return out, metadata, &smithy.DeserializationError{Err: err}
		}
		if response.StatusCode > 299 {
			return out, metadata, &smithyhttp.ResponseError{Response: response, Err: saidNo(response.Header, body)}
		}
		if err := json.Unmarshal(body, members); err != nil {
			return out, metadata, &smithy.DeserializationError{Err: err, Snapshot: body}
		}
		return out, metadata, nil
	}
}

// saidNo is the error that a service answered with. Its code may have a namespace
// before it, and an address behind.
func saidNo(h http.Header, body []byte) error {
	var said struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: body}
	}
	for _, code := range []string{h.Get("X-Amzn-ErrorType"), said.Code, said.Type} {
		code, _, _ = strings.Cut(code, ":")
		if code = code[strings.LastIndexByte(code, '#')+1:]; code != "" {
			return &smithy.GenericAPIError{Code: code, Message: said.Message}
		}
	}
	return &smithy.GenericAPIError{Code: "UnknownError", Message: said.Message}
}

func withoutNulls(members map[string]any) map[string]any {
	for name, v := range members {
		switch v := v.(type) {
		case nil:
			delete(members, name)
		case map[string]any:
			withoutNulls(v)
		case []any:
			for _, x := range v {
				if inner, ok := x.(map[string]any); ok {
					withoutNulls(inner)
				}
			}
		}
	}
	return members
}

// known leaves members out that are not named: what AWS may add one day is no change.
func known(members map[string]any, names ...string) map[string]any {
	maps.DeleteFunc(members, func(name string, _ any) bool { return !slices.Contains(names, name) })
	return members
}

// withTimes makes times of members that the protocol gives as seconds since 1970.
func withTimes(members map[string]any, names ...string) map[string]any {
	for _, name := range names {
		if seconds, ok := members[name].(float64); ok {
			members[name] = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC().Format(time.RFC3339Nano)
		}
	}
	return members
}

// pagesOf follows a listing by its NextToken and gathers the lists at a member.
func (c *jsonClient) pagesOf(ctx context.Context, operation string, in map[string]any, member string) ([]map[string]any, error) {
	return byToken(func(token *string) ([]map[string]any, *string, error) {
		ask := map[string]any{}
		for name, v := range in {
			ask[name] = v
		}
		if token != nil {
			ask["NextToken"] = *token
		}
		page, err := c.call(ctx, operation, ask)
		if err != nil {
			return nil, nil, err
		}
		list, ok := page[member].([]any)
		if !ok {
			return nil, nil, holdsNothing(c.signing + ":" + operation)
		}
		var items []map[string]any
		for _, x := range list {
			if item, ok := x.(map[string]any); ok {
				items = append(items, item)
			}
		}
		if next, ok := page["NextToken"].(string); ok && next != "" {
			return items, &next, nil
		}
		return items, nil, nil
	})
}
