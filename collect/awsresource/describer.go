// Package awsresource describes AWS resources with the AWS SDK: one file per
// resource type, and one table, kinds, that lists them all. It serves package
// collect, live or from a recording, with the same code.
package awsresource

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// Options say as whom and how AWS is asked. The zero value is what the AWS
// command line would do.
type Options struct {
	Profile string // in the shared configuration; "" means AWS_PROFILE or the default
	// Region is asked for resources that do not say where they are; "" means
	// the configured one, else us-east-1.
	Region string
	// Transport sends the requests; nil means the SDK's own client, which
	// honours AWS_CA_BUNDLE and the proxy variables.
	Transport   http.RoundTripper
	MaxAttempts int           // HTTP requests per call; 0 means AWS_MAX_ATTEMPTS, else 5
	MaxBackoff  time.Duration // longest wait between two; 0 means 20 s
	Timeout     time.Duration // of one call with all its attempts; 0 means 1 minute
}

// Describer implements collect.Describer. Many goroutines may use it at once.
type Describer struct {
	config  aws.Config
	region  string
	timeout time.Duration

	mu      sync.Mutex
	clients map[string]*clients
	callers map[string]*identity
}

// Open returns a describer that asks AWS. It reads the shared configuration,
// and fails when that is wrong, such as a profile that does not exist; it
// touches no credentials and no network before the first call. Environment and
// configuration are honoured as the AWS command line does: profiles, regions,
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>, AWS_CA_BUNDLE.
func Open(ctx context.Context, o Options) (*Describer, error) {
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(30 * time.Second)),
	}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	base := o.Transport
	if base == nil {
		base = sender{cfg.HTTPClient}
	}
	cfg.HTTPClient = clientOf(collect.Recording{Base: newLimiter(base)})
	cfg.Retryer = retryer(o, cfg.RetryMaxAttempts)
	cfg.RetryMaxAttempts = 0 // it is in the retryer now
	cfg.Logger = logging.Nop{}
	return newDescriber(cfg, o.Timeout), nil
}

// OpenReplay returns a describer that gets its answers from recorded exchanges,
// without credentials, configuration or network. What does not say where it is,
// is looked for where the recording began.
func OpenReplay(exchanges []everqual.Exchange) *Describer {
	region := ""
	if len(exchanges) > 0 {
		region = exchanges[0].Region
	}
	return newDescriber(aws.Config{
		Region:                     region,
		Logger:                     logging.Nop{},
		Credentials:                aws.AnonymousCredentials{},
		HTTPClient:                 clientOf(collect.NewReplay(exchanges)),
		Retryer:                    func() aws.Retryer { return aws.NopRetryer{} },
		DisableClockSkewCorrection: true,
	}, 0)
}

func newDescriber(cfg aws.Config, timeout time.Duration) *Describer {
	d := &Describer{
		config: cfg, region: cfg.Region, timeout: timeout,
		clients: map[string]*clients{}, callers: map[string]*identity{},
	}
	if d.region == "" {
		d.region = "us-east-1"
	}
	if d.timeout <= 0 {
		d.timeout = time.Minute
	}
	return d
}

func clientOf(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// retryer is the SDK's standard one, which waits longer from attempt to attempt
// with a random part. Its retry quota is off: the limiter already slows us down.
func retryer(o Options, configured int) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewStandard(func(s *retry.StandardOptions) {
			s.RateLimiter = ratelimit.None
			s.MaxAttempts = 5
			if configured > 0 {
				s.MaxAttempts = configured
			}
			if o.MaxAttempts > 0 {
				s.MaxAttempts = o.MaxAttempts
			}
			if o.MaxBackoff > 0 {
				s.MaxBackoff = o.MaxBackoff
				s.Backoff = retry.NewExponentialJitterBackoff(o.MaxBackoff)
			}
		})
	}
}

// Types lists the resource types, sorted.
func (d *Describer) Types() []string {
	var types []string
	for _, k := range kinds {
		types = append(types, k.name)
	}
	slices.Sort(types)
	return types
}

// Actions lists the IAM actions that describing a type needs, sorted; nil for
// a type that has no collector.
func (d *Describer) Actions(resourceType string) []string {
	k, ok := kindOf(resourceType)
	if !ok {
		return nil
	}
	return slices.Sorted(slices.Values(k.actions))
}

// ListActions lists the IAM actions that listing the resources of a type needs,
// sorted; nil for a type that cannot be listed.
func (d *Describer) ListActions(resourceType string) []string {
	k, _ := kindOf(resourceType)
	return slices.Sorted(slices.Values(k.listActions))
}

// identity is the remembered answer to who is asking, with its exchange.
type identity struct {
	mu       sync.Mutex
	caller   everqual.Caller
	exchange everqual.Exchange
}

// Caller asks sts:GetCallerIdentity once per region. The remembered exchange
// becomes part of every evidence, so that each can be replayed by itself.
func (d *Describer) Caller(ctx context.Context, region string) (everqual.Caller, error) {
	region = d.orDefault(region)
	if !plainRegion.MatchString(region) {
		return everqual.Caller{}, &collect.Refusal{Unread: badRegion(region)}
	}
	d.mu.Lock()
	known := d.callers[region]
	if known == nil {
		known = &identity{}
		d.callers[region] = known
	}
	d.mu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.caller.Account != "" {
		collect.RecorderFrom(ctx).Add(known.exchange)
		return known.caller, nil
	}
	out, err := d.in(region).sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return everqual.Caller{}, refusal(ctx, "sts:GetCallerIdentity", err)
	}
	caller := everqual.Caller{ARN: aws.ToString(out.Arn), Account: aws.ToString(out.Account)}
	exchanges := collect.RecorderFrom(ctx).Exchanges()
	if len(exchanges) > 0 {
		known.caller, known.exchange = caller, exchanges[len(exchanges)-1]
	}
	return caller, nil
}

// plainRegion keeps a region that comes out of an event from naming another host.
var plainRegion = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func badRegion(region string) everqual.Unread {
	return everqual.Unread{Reason: everqual.Invalid, Message: fmt.Sprintf("%q is no AWS region", region)}
}

func (d *Describer) orDefault(region string) string {
	if region == "" {
		return d.region
	}
	return region
}

// Describe reads one resource.
func (d *Describer) Describe(ctx context.Context, r everqual.Resource) (collect.Description, error) {
	k, ok := kindOf(r.Type)
	if !ok {
		return collect.Description{Unread: []everqual.Unread{{
			Reason: everqual.Unsupported, Message: "there is no collector for " + r.Type,
		}}}, nil
	}
	out := collect.Description{Collector: fmt.Sprintf("%s/%d", k.name, k.version), Region: d.orDefault(r.Region)}
	if k.global {
		out.Region = globalRegion(out.Region)
	}
	name, ok := k.nameIn(r.ID)
	switch {
	case !ok:
		message := fmt.Sprintf("%s is no ARN of an %s", r.ID, k.name)
		out.Unread = []everqual.Unread{{Reason: everqual.Invalid, Message: message}}
		return out, nil
	case !plainRegion.MatchString(out.Region):
		out.Unread = []everqual.Unread{badRegion(out.Region)}
		return out, nil
	}
	l := &look{clients: d.in(out.Region), d: d, kind: k, resource: r, name: name, attributes: everqual.Attributes{}}
	l.resource.Region = out.Region
	k.describe(ctx, l)
	if err := ctx.Err(); err != nil {
		return collect.Description{}, err
	}
	return l.finish(out), nil
}

// globalRegion is where the global services of a region's partition answer.
func globalRegion(region string) string {
	switch everqual.Partition(region) {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	}
	return "us-east-1"
}

// nameIn returns the id or name by which the service knows the resource.
func (k kind) nameIn(id everqual.ResourceID) (string, bool) {
	arn, ok := id.Parts()
	service, prefix, _ := strings.Cut(k.arn, ":")
	name, found := strings.CutPrefix(arn.Rest, prefix)
	if !ok || !found || name == "" || arn.Service != service {
		return "", false
	}
	if k.paths {
		name = id.Name()
	}
	if k.deep {
		return name, !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f })
	}
	return name, !strings.ContainsAny(name, "/:")
}
