package awsresource

import (
	"context"
	"net/netip"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// atAddress leaves the account out of the host name, where the endpoint is no name
// but an address: nothing can stand before that. The account goes in a header too.
func atAddress(o *s3control.Options) {
	u, err := url.Parse(aws.ToString(o.BaseEndpoint))
	if err != nil {
		return // the call itself says so
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		o.EndpointResolverV2 = accountless{o.EndpointResolverV2}
	}
}

type accountless struct{ s3control.EndpointResolverV2 }

func (a accountless) ResolveEndpoint(ctx context.Context, p s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	p.RequiresAccountId = aws.Bool(false)
	return a.EndpointResolverV2.ResolveEndpoint(ctx, p)
}
