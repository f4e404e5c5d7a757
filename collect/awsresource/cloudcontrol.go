package awsresource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/everqual/everqual"
)

// cloudFormationType is the form of the types that Cloud Control API may know.
var cloudFormationType = regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`)

// byCloudControl is the kind of a type that has no file of its own: its state is
// what Cloud Control API says, in the shape of the type's CloudFormation schema.
// https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-read.html
func byCloudControl(name string) kind {
	return kind{
		name: name, version: 1, source: "Cloud Control API", // or AWS Config, see byConfig
		describe: describeByCloudControl, actions: cloudControlActions,
		sets: []string{"Tags"},
	}
}

var cloudControlActions = []string{"cloudformation:GetResource", "cloudformation:ListResources", configHistoryAction}

// describeByCloudControl tries what a primary identifier may be: mostly the name
// or the ARN. Only the listing of the type tells a wrong identifier from a
// resource that is gone.
func describeByCloudControl(ctx context.Context, l *look) {
	tried := identifiers(l.resource.ID)
	for _, id := range tried {
		if l.byIdentifier(ctx, id) {
			return
		}
	}
	pages := cloudcontrol.NewListResourcesPaginator(l.cloudcontrol, &cloudcontrol.ListResourcesInput{TypeName: &l.kind.name})
	listed, err := all(ctx, pages, func(o *cloudcontrol.ListResourcesOutput) []types.ResourceDescription { return o.ResourceDescriptions })
	if !l.read("", "cloudformation:ListResources", err) {
		return
	}
	i := slices.IndexFunc(listed, func(r types.ResourceDescription) bool {
		parts := strings.Split(aws.ToString(r.Identifier), "|")
		return slices.ContainsFunc(tried, func(id string) bool { return slices.Contains(parts, id) })
	})
	if l.gone = i < 0; !l.gone && !l.byIdentifier(ctx, aws.ToString(listed[i].Identifier)) {
		l.nothing("cloudformation:GetResource")
	}
}

// identifiers are the forms in which an ARN may name its resource.
func identifiers(id everqual.ResourceID) []string {
	arn, _ := id.Parts()
	ids := []string{string(id), arn.Rest}
	if i := strings.IndexAny(arn.Rest, "/:"); i >= 0 {
		ids = append(ids, arn.Rest[i+1:])
	}
	ids = append(ids, id.Name())
	slices.Reverse(ids) // the name is the most frequent
	return slices.Compact(ids)
}

// byIdentifier is false when there is no such identifier.
func (l *look) byIdentifier(ctx context.Context, id string) bool {
	out, err := l.cloudcontrol.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &l.kind.name, Identifier: &id})
	var absent *types.ResourceNotFoundException
	var malformed *types.InvalidRequestException
	if errors.As(err, &absent) || errors.As(err, &malformed) {
		return false
	}
	if unknownType(err) && l.byConfig(ctx) {
		return true
	}
	if !l.read("", "cloudformation:GetResource", err) {
		return true
	}
	if out.ResourceDescription == nil {
		return false
	}
	var properties map[string]any
	if err := json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &properties); err != nil {
		l.fail("", everqual.Unread{Call: "cloudformation:GetResource", Reason: everqual.Invalid, Message: fmt.Sprintf("the properties are no JSON object: %v", err)})
		return true
	}
	maps.Copy(l.attributes, properties)
	return true
}

// unknownType tells whether Cloud Control API says that it cannot read the type.
func unknownType(err error) bool {
	var unsupported *types.UnsupportedActionException
	var unknown *types.TypeNotFoundException
	return errors.As(err, &unsupported) || errors.As(err, &unknown)
}
