package awshome

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/everqual/everqual"
)

// watching tells w of every request of the home: what is called, never what with, and
// what came of it. Inside of the retries, so that each attempt is one.
func watching(w everqual.Watch) func(*middleware.Stack) error {
	return func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("EverqualWatch", func(
			ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
		) (out middleware.DeserializeOutput, about middleware.Metadata, err error) {
			ctx, ended := w.Begin(ctx, "home", slog.String("service", serviceOf(ctx)),
				slog.String("operation", awsmiddleware.GetOperationName(ctx)), slog.String("region", awsmiddleware.GetRegion(ctx)))
			out, about, err = next.HandleDeserialize(ctx, in)
			request, _ := awsmiddleware.GetRequestIDMetadata(about)
			status := 0
			if r, ok := out.RawResponse.(*smithyhttp.Response); ok && r != nil {
				status = r.StatusCode
			}
			ended(unspoken(err), slog.Int("status", status), slog.String("request", request))
			return out, about, err
		}), middleware.Before)
	}
}

// serviceOf is the service as those that observe are called.
func serviceOf(ctx context.Context) string {
	return strings.ReplaceAll(strings.ToLower(awsmiddleware.GetServiceID(ctx)), " ", "-")
}

// unspoken is an error without what AWS says about it, which may repeat what it was
// given, and without the address.
func unspoken(err error) error {
	if name := code(err); name != "" {
		return errors.New(name)
	}
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
