package awsresource

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// MemberRole is the role that is taken in the other accounts of an organisation.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_aws-accounts.html
type MemberRole struct {
	// Name is the role's name, with its path, in every account; "" means that
	// only one's own account is asked.
	Name       string
	ExternalID string // "" for none
	// Session names the session. It stands in CloudTrail and, as part of the
	// caller, in the evidence.
	Session string
}

// foreign is the account whose role has to be taken, "" for one's own.
func (d *Describer) foreign(account string) string {
	if d.member.Name == "" || account == d.own {
		return ""
	}
	return account
}

// knowOwn finds out which account needs no role, once one is to be taken. This
// is no part of what is observed, and so of no evidence.
func (d *Describer) knowOwn(ctx context.Context, account, region string) error {
	d.mu.Lock()
	known := d.own != "" || d.member.Name == "" || account == ""
	d.mu.Unlock()
	if known {
		return nil
	}
	aside := collect.WithRecorder(ctx, collect.NewRecorder(time.Now))
	own, err := d.Caller(aside, "", region)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.own = own.Account
	return nil
}

// credentialed is the configuration with the credentials of a role in the
// account. They are taken when first needed and renewed before they expire.
func (d *Describer) credentialed(account string) aws.Config {
	if account == "" {
		return d.config
	}
	if d.roles[account] == nil {
		d.roles[account] = aws.NewCredentialsCache(&refusable{CredentialsProvider: d.assume(account)}, func(o *aws.CredentialsCacheOptions) {
			o.ExpiryWindow = 5 * time.Minute
		})
	}
	cfg := d.config.Copy()
	cfg.Credentials = d.roles[account]
	return cfg
}

// roleIn is the ARN of the role in another account, "" for one's own.
func (d *Describer) roleIn(account string) string {
	if account == "" {
		return ""
	}
	return "arn:" + everqual.Partition(d.region) + ":iam::" + account + ":role/" + strings.TrimPrefix(d.member.Name, "/")
}

func (d *Describer) assume(account string) aws.CredentialsProvider {
	cfg := d.config.Copy()
	cfg.Region = d.region
	cfg.HTTPClient = d.plain // credentials are no evidence
	return stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), d.roleIn(account), func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = d.member.Session
		if d.member.ExternalID != "" {
			o.ExternalID = &d.member.ExternalID
		}
	})
}

// refusedFor is how long a refused role is not asked for again: a sweep would, for
// each type in each region.
const refusedFor = time.Minute

// refusable remembers a refusal. What was no answer of AWS is asked for again.
type refusable struct {
	aws.CredentialsProvider
	mu    sync.Mutex
	err   error
	until time.Time
}

func (r *refusable) Retrieve(ctx context.Context) (aws.Credentials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil && time.Now().Before(r.until) {
		return aws.Credentials{}, r.err
	}
	c, err := r.CredentialsProvider.Retrieve(ctx)
	r.err = nil
	if code, _ := codeOf(orNone(err)); slices.Contains(roleDenials, code) {
		r.err, r.until = err, time.Now().Add(refusedFor)
	}
	return c, err
}
