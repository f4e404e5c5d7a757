// Package awsresource describes AWS resources with the AWS SDK: one file per
// resource type, and one table, kinds, that lists them all. It serves package
// collect, live or from a recording, with the same code.
package awsresource

import (
	"context"
	"fmt"
	"maps"
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
	// Member says which role is taken to ask in other accounts than one's own.
	Member MemberRole
	// Share is how long a listing may serve to read the resources in it; 0 asks
	// for each resource by itself.
	Share time.Duration
	// Attach names what other services found that is read too, see Attachments.
	Attach []string
	// Watch is told of every request that observes.
	Watch everqual.Watch
	Poll  time.Duration // between two questions whether a command has ended; 0 means 2 s
}

// Describer implements collect.Describer. Many goroutines may use it at once.
type Describer struct {
	config   aws.Config
	region   string
	timeout  time.Duration
	member   MemberRole
	plain    aws.HTTPClient // sends what is no observation
	sharing  sharing
	poll     time.Duration // 0 waits for nothing
	attached []string

	mu      sync.Mutex
	own     string // the account of the credentials, "" until it is known
	clients map[place]*clients
	callers map[place]*identity
	roles   map[string]aws.CredentialsProvider // by account
}

// place is an account, "" being one's own, and a region.
type place struct{ account, region string }

// Open returns a describer that asks AWS. It reads the shared configuration,
// and fails when that is wrong, such as a profile that does not exist; it
// touches no credentials and no network before the first call. Environment and
// configuration are honoured as the AWS command line does: profiles, regions,
// AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>, AWS_CA_BUNDLE.
func Open(ctx context.Context, o Options) (*Describer, error) {
	if err := checkAttachments(o.Attach); err != nil {
		return nil, err
	}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(30 * time.Second).WithTransportOptions(keepConnections)),
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
	base, plain := o.Transport, cfg.HTTPClient
	if base == nil {
		base = sender{cfg.HTTPClient}
	} else {
		plain = clientOf(base)
	}
	transport := collect.Recording{Base: newLimiter(base), Watch: o.Watch}
	if slices.Contains(o.Attach, operatingSystem.name) {
		transport.Permit = commands
	}
	cfg.HTTPClient = clientOf(transport)
	cfg.Retryer = retryer(o, cfg.RetryMaxAttempts)
	cfg.RetryMaxAttempts = 0 // it is in the retryer now
	cfg.Logger = logging.Nop{}
	d := newDescriber(cfg, o.Timeout)
	d.poll = 2 * time.Second
	if o.Poll > 0 {
		d.poll = o.Poll
	}
	d.member, d.plain, d.sharing.age, d.attached = o.Member, plain, o.Share, o.Attach
	d.sharing.memory.Age = o.Share
	return d, nil
}

// keepConnections keeps one for each of many workers: the SDK keeps ten to a host, and
// beyond that a handshake would come before most calls.
func keepConnections(t *http.Transport) { t.MaxIdleConnsPerHost = 64 }

// OpenReplay returns a describer that gets its answers from recorded exchanges,
// and attaches what was attached, without credentials, configuration or network.
// What does not say where it is, is looked for where the recording began.
func OpenReplay(exchanges []everqual.Exchange, attached ...string) *Describer {
	region := ""
	if len(exchanges) > 0 {
		region = exchanges[0].Region
	}
	d := newDescriber(aws.Config{
		Region:                     region,
		Logger:                     logging.Nop{},
		Credentials:                aws.AnonymousCredentials{},
		HTTPClient:                 clientOf(collect.NewReplay(exchanges)),
		Retryer:                    func() aws.Retryer { return aws.NopRetryer{} },
		DisableClockSkewCorrection: true,
	}, 0)
	d.attached = attached
	d.sharing.replayed = slices.ContainsFunc(exchanges, func(x everqual.Exchange) bool { return x.BodyDigest != "" })
	return d
}

func newDescriber(cfg aws.Config, timeout time.Duration) *Describer {
	d := &Describer{
		config: cfg, region: cfg.Region, timeout: timeout,
		clients: map[place]*clients{}, callers: map[place]*identity{}, roles: map[string]aws.CredentialsProvider{},
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

// Describes tells whether a type can be described: those of Types, and whatever
// else has the name of a CloudFormation type, by Cloud Control API.
func (d *Describer) Describes(resourceType string) bool {
	_, ok := kindOf(resourceType)
	return ok
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
// or reading many of them at once, sorted; nil where it needs none, or cannot be
// done.
func (d *Describer) ListActions(resourceType string) []string {
	k, _ := kindOf(resourceType)
	return slices.Sorted(slices.Values(slices.Concat(k.listActions, k.manyActions)))
}

// Lists tells whether the resources of a type can be listed.
func (d *Describer) Lists(resourceType string) bool {
	k, _ := kindOf(resourceType)
	return k.list != nil
}

// identity is the remembered answer to who is asking, with its exchange.
type identity struct {
	mu       sync.Mutex
	caller   everqual.Caller
	exchange everqual.Exchange
}

// Caller asks sts:GetCallerIdentity once per account and region. The remembered
// exchange becomes part of every evidence, so that each can be replayed by itself.
func (d *Describer) Caller(ctx context.Context, account, region string) (everqual.Caller, error) {
	region = d.orDefault(region)
	if !plainRegion.MatchString(region) {
		return everqual.Caller{}, &collect.Refusal{Unread: badRegion(region)}
	}
	if err := d.knowOwn(ctx, account, region); err != nil {
		return everqual.Caller{}, err
	}
	d.mu.Lock()
	key := place{d.foreign(account), region}
	known := d.callers[key]
	if known == nil {
		known = &identity{}
		d.callers[key] = known
	}
	d.mu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.caller.Account != "" {
		collect.RecorderFrom(ctx).Add(known.exchange)
		return known.caller, nil
	}
	out, err := d.in(account, region).sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
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
	l := &look{clients: d.in(r.Account, out.Region), d: d, kind: k, resource: r, name: name, attributes: everqual.Attributes{}}
	l.resource.Region = out.Region
	k.describe(ctx, l)
	if l.kind.source != "" {
		out.Collector += " by " + l.kind.source
	}
	if l.readable() {
		out.Attached = l.attach(ctx)
	}
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

// arn is the ARN by which other services know the resource: the one among its
// attributes, where that says more than ours, such as the path of a role.
func (l *look) arn() string {
	for _, name := range slices.Sorted(maps.Keys(l.attributes)) {
		text, ok := l.attributes[name].(string)
		if !ok || !strings.HasPrefix(text, "arn:") {
			continue
		}
		if own, ok := l.kind.nameIn(everqual.ResourceID(text)); ok && own == l.name {
			return text
		}
	}
	return string(l.resource.ID)
}

// nameIn returns the id or name by which the service knows the resource.
func (k kind) nameIn(id everqual.ResourceID) (string, bool) {
	arn, ok := id.Parts()
	if k.arn == "" { // of any service
		return id.Name(), ok
	}
	service, prefix, _ := strings.Cut(k.arn, ":")
	name, found := everqual.CutPrefix(arn.Rest, prefix)
	if !ok || !found || name == "" || arn.Service != service {
		return "", false
	}
	if k.paths {
		name = id.Name()
	}
	if k.named != nil && !k.named(name) {
		return "", false
	}
	if k.deep {
		return name, !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f })
	}
	return name, !strings.ContainsAny(name, "/:")
}
