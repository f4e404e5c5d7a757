package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// source is a call that both lists the resources of a type and finds one: most
// of AWS's Describe calls are one. T is the SDK's structure of the resource.
type source[T any] struct {
	action string // the IAM action of the call
	// find returns the resource of that name, or, with "", all of them: nil only
	// when the reply had no list. What it returns besides is passed over.
	find func(ctx context.Context, c *clients, name string) ([]T, error)
	id   func(T) *string // the name by which the service knows it, as in kind.nameIn
	// more makes the further calls of a resource that was found; nil for none.
	more func(ctx context.Context, l *look, found T)
}

// describe is kind.describe. An empty list, where others refuse with an error,
// means that there is none.
func (s source[T]) describe(ctx context.Context, l *look) {
	if one, ok := s.shared(ctx, l); ok {
		s.further(ctx, l, one)
		return
	}
	found, err := s.find(ctx, l.clients, l.name)
	if !l.read("", s.action, err) {
		return
	}
	if one, ok := oneOf(l, s.action, found, s.id); ok {
		s.further(ctx, l, one)
	}
}

// oneOf picks the resource out of a reply. An empty list means that there is none;
// no list means nothing.
func oneOf[T any](l *look, action string, found []T, id func(T) *string) (T, bool) {
	one, ok := theOne(found, id, l.name)
	switch {
	case !ok && found != nil && len(found) == 0:
		l.gone = true
	case !ok:
		l.nothing(action)
	}
	return one, ok
}

func (s source[T]) further(ctx context.Context, l *look, one T) {
	if l.root(one); !l.ended() && s.more != nil {
		s.more(ctx, l, one)
	}
}

// list is kind.list.
func (s source[T]) list(ctx context.Context, c *clients) ([]string, error) {
	found, err := s.find(ctx, c, "")
	return namesOf(found, s.id), err
}

// namesOf lists the ids of those that have one.
func namesOf[T any](found []T, id func(T) *string) []string {
	names := make([]string, 0, len(found))
	for _, f := range found {
		if name := id(f); name != nil {
			names = append(names, *name)
		}
	}
	return names
}

// List returns all resources of a type in a region of an account, "" being the
// caller's own; of a global type those of the partition. A refusal by AWS is a
// *collect.Refusal.
func (d *Describer) List(ctx context.Context, resourceType, account, region string) ([]everqual.Resource, error) {
	k, ok := kindOf(resourceType)
	if !ok || k.list == nil {
		return nil, &collect.Refusal{Unread: everqual.Unread{
			Reason: everqual.Unsupported, Message: "nothing lists the resources of type " + resourceType,
		}}
	}
	if region = d.orDefault(region); k.global {
		region = globalRegion(region)
	}
	caller, err := d.Caller(ctx, account, region)
	if err != nil {
		return nil, err
	}
	ctx, keep := d.remembering(ctx)
	names, err := k.list(ctx, d.in(account, region))
	keep()
	if err != nil {
		return nil, refusal(ctx, strings.Join(k.listActions, ", "), err)
	}
	found := make([]everqual.Resource, len(names))
	for i, name := range names {
		found[i] = everqual.Resource{ID: k.arnOf(name, region, caller.Account), Type: k.name, Account: caller.Account, Region: region}
	}
	return found, nil
}

// only is the list of ids to ask for: one, or none for all.
func only(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// optional is a name to ask for: nil for all.
func optional(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}

// arnOf is the ARN of the resource of that name, or the name where it is one.
func (k kind) arnOf(name, region, account string) everqual.ResourceID {
	if strings.HasPrefix(name, "arn:") {
		return everqual.ResourceID(name)
	}
	partition := everqual.Partition(region)
	if k.global || k.regionless {
		region = ""
	}
	if k.ownerless {
		account = ""
	}
	service, prefix, _ := strings.Cut(k.arn, ":")
	return everqual.ResourceID(strings.Join([]string{"arn", partition, service, region, account, prefix + name}, ":"))
}

// pageSize is how much of a listing to ask for at once: EC2 refuses to list much
// at once to accounts that have much of it. What is asked for by name is no listing.
func pageSize(name string) *int32 {
	if name != "" {
		return nil
	}
	const size = 1000 // the most that EC2 gives
	return aws.Int32(size)
}
