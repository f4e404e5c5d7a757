package awsresource

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// Scope says which resources a sweep is about: all of the types, or, when Tags or
// Stacks are given, those that bear all the tags and those of the stacks.
type Scope struct {
	Accounts []string // "" is one's own
	Regions  []string
	Types    []string
	Tags     map[string]string // "" as the value is any
	Stacks   []string          // names of CloudFormation stacks
}

// scopeActions are the IAM actions of finding a scope, besides those of listing
// types.
var scopeActions = []string{
	"cloudformation:ListStackResources", "ec2:DescribeRegions", "organizations:ListAccounts", "tag:GetResources",
}

// Lister is what a Scope needs to know of ids.
type Lister interface {
	// Resource tells which resource an ARN names.
	Resource(id everqual.ResourceID) (everqual.Resource, bool)
	// Named tells which resource of the type a native id or an ARN names.
	Named(resourceType, id, account, region string) (everqual.Resource, bool)
}

// listers is how many listings run at the same time; the token buckets see to it
// that none is too fast.
const listers = 16

// Find lists the resources of the scope, several places at the same time, in no
// order. What AWS refuses to list comes as Unlisted.
func (d *Describer) Find(ctx context.Context, s Scope, ids Lister) iter.Seq[everqual.Found] {
	return func(yield func(everqual.Found) bool) {
		ctx, stop := context.WithCancel(ctx)
		found := make(chan everqual.Found, 256)
		var all sync.WaitGroup
		go func() {
			free := make(chan struct{}, listers)
			for _, list := range d.listings(s, ids) {
				free <- struct{}{}
				all.Go(func() {
					defer func() { <-free }()
					for _, f := range list(ctx) {
						select {
						case found <- f:
						case <-ctx.Done():
							return
						}
					}
				})
			}
			all.Wait()
			close(found)
		}()
		defer func() {
			stop()
			for range found { // until the last listing has ended
			}
		}()
		for f := range found {
			if !yield(f) {
				return
			}
		}
	}
}

// listings are the calls that find the scope, each for one place.
func (d *Describer) listings(s Scope, ids Lister) (all []func(context.Context) []everqual.Found) {
	for _, account := range s.Accounts {
		for i, region := range s.Regions {
			if len(s.Tags) > 0 {
				all = append(all, func(ctx context.Context) []everqual.Found { return d.tagged(ctx, s.Tags, account, region, ids) })
			}
			for _, stack := range s.Stacks {
				all = append(all, func(ctx context.Context) []everqual.Found { return d.stacked(ctx, stack, account, region, ids) })
			}
			if len(s.Tags) > 0 || len(s.Stacks) > 0 {
				continue
			}
			for _, kind := range s.Types {
				if k, ok := kindOf(kind); ok && k.global && i > 0 {
					continue // it was listed with the first region
				}
				all = append(all, func(ctx context.Context) []everqual.Found { return d.ofType(ctx, kind, account, region) })
			}
		}
	}
	return all
}

func (d *Describer) ofType(ctx context.Context, kind, account, region string) []everqual.Found {
	resources, err := d.List(ctx, kind, account, region)
	if err != nil {
		return unlisted(everqual.Unlisted{Account: account, Region: region, Type: kind}, err)
	}
	found := make([]everqual.Found, len(resources))
	for i, r := range resources {
		found[i].Resource = r
	}
	return found
}

// unlisted says why a place could not be listed. What could be read before that
// is left out: half a listing is none.
func unlisted(u everqual.Unlisted, err error) []everqual.Found {
	var refused *collect.Refusal
	if errors.As(err, &refused) {
		u.Unread = refused.Unread
	} else {
		u.Unread = everqual.Unread{Reason: everqual.Unreachable, Message: err.Error()}
	}
	return []everqual.Found{{Unlisted: &u}}
}

func (d *Describer) tagged(ctx context.Context, tags map[string]string, account, region string, ids Lister) []everqual.Found {
	place := everqual.Unlisted{Account: account, Region: region, Source: "tags"}
	caller, err := d.Caller(ctx, account, region)
	if err != nil {
		return unlisted(place, err)
	}
	in := &resourcegroupstaggingapi.GetResourcesInput{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		f := taggingtypes.TagFilter{Key: aws.String(key)}
		if tags[key] != "" {
			f.Values = []string{tags[key]}
		}
		in.TagFilters = append(in.TagFilters, f)
	}
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(d.in(account, region).tagging, in)
	mappings, err := all(ctx, pages, func(o *resourcegroupstaggingapi.GetResourcesOutput) []taggingtypes.ResourceTagMapping {
		return o.ResourceTagMappingList
	})
	if err != nil {
		return unlisted(place, refusal(ctx, "tag:GetResources", err))
	}
	found := make([]everqual.Found, 0, len(mappings))
	for _, m := range mappings {
		r, ok := ids.Resource(everqual.ResourceID(aws.ToString(m.ResourceARN)))
		if !ok {
			r = unknown(aws.ToString(m.ResourceARN))
		}
		found = append(found, everqual.Found{Resource: Placed(r, caller.Account, region)})
	}
	return found
}

// unknown is a resource of which only the ARN is known. It is in the scope, so it
// is counted, and recorded as one that could not be read.
func unknown(arn string) everqual.Resource {
	parts, _ := everqual.ResourceID(arn).Parts()
	return everqual.Resource{ID: everqual.ResourceID(arn), Type: "unknown (" + parts.Service + ")", Account: parts.Account, Region: parts.Region}
}

// Placed fills in where a resource was found, for ARNs that do not say.
func Placed(r everqual.Resource, account, region string) everqual.Resource {
	if r.Account == "" {
		r.Account = account
	}
	if r.Region == "" {
		r.Region = region
	}
	if k, ok := kindOf(r.Type); ok && k.global {
		r.Region = globalRegion(r.Region)
	}
	return r
}

func (d *Describer) stacked(ctx context.Context, stack, account, region string, ids Lister) []everqual.Found {
	place := everqual.Unlisted{Account: account, Region: region, Source: "stack " + stack}
	caller, err := d.Caller(ctx, account, region)
	if err != nil {
		return unlisted(place, err)
	}
	pages := cloudformation.NewListStackResourcesPaginator(d.in(account, region).cloudformation, &cloudformation.ListStackResourcesInput{StackName: &stack})
	members, err := all(ctx, pages, func(o *cloudformation.ListStackResourcesOutput) []cloudformationtypes.StackResourceSummary {
		return o.StackResourceSummaries
	})
	if err != nil {
		return unlisted(place, refusal(ctx, "cloudformation:ListStackResources", err))
	}
	var found []everqual.Found
	for _, m := range members {
		id, kind := aws.ToString(m.PhysicalResourceId), aws.ToString(m.ResourceType)
		if id == "" || m.ResourceStatus == cloudformationtypes.ResourceStatusDeleteComplete {
			continue // it was never made, or is no more
		}
		r, ok := ids.Named(kind, id, caller.Account, region)
		if !ok {
			u := place
			u.Type, u.Unread = kind, everqual.Unread{Reason: everqual.Unsupported, Message: "no rule knows the id " + id}
			found = append(found, everqual.Found{Unlisted: &u})
			continue
		}
		found = append(found, everqual.Found{Resource: Placed(r, caller.Account, region)})
	}
	return found
}

// Regions lists the regions that are enabled in one's own account.
func (d *Describer) Regions(ctx context.Context) ([]string, error) {
	out, err := d.in("", d.region).ec2.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
	if err != nil {
		return nil, refusal(ctx, "ec2:DescribeRegions", err)
	}
	var names []string
	for _, r := range out.Regions {
		names = append(names, aws.ToString(r.RegionName))
	}
	slices.Sort(names)
	return names, nil
}

// Accounts lists the active accounts of the organisation.
func (d *Describer) Accounts(ctx context.Context) ([]string, error) {
	pages := organizations.NewListAccountsPaginator(d.in("", globalRegion(d.region)).organizations, &organizations.ListAccountsInput{})
	accounts, err := all(ctx, pages, func(o *organizations.ListAccountsOutput) []organizationstypes.Account { return o.Accounts })
	if err != nil {
		return nil, refusal(ctx, "organizations:ListAccounts", err)
	}
	var ids []string
	for _, a := range accounts {
		if a.Status == organizationstypes.AccountStatusActive {
			ids = append(ids, aws.ToString(a.Id))
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Region is where is asked when nothing else says where.
func (d *Describer) Region() string { return d.region }
