package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

var managedInstances = source[types.InstanceInformation]{
	action: "ssm:DescribeInstanceInformation",
	find: func(ctx context.Context, c *clients, name string) ([]types.InstanceInformation, error) {
		input := &ssm.DescribeInstanceInformationInput{}
		if name != "" {
			input.Filters = []types.InstanceInformationStringFilter{{Key: aws.String("InstanceIds"), Values: []string{name}}}
		}
		pages := ssm.NewDescribeInstanceInformationPaginator(c.ssm, input)
		return all(ctx, pages, func(o *ssm.DescribeInstanceInformationOutput) []types.InstanceInformation {
			return o.InstanceInformationList
		})
	},
	id:   func(i types.InstanceInformation) *string { return i.InstanceId },
	more: inventory,
}

// inventoryTypes are those that tell of the instance. Inventory has more, which
// repeat what other resources are: compliance, patches, associations, tags.
var inventoryTypes = []string{
	"AWSComponent", "Application", "BillingInfo", "File", "InstanceDetailedInformation",
	"Network", "Service", "WindowsRegistry", "WindowsRole", "WindowsUpdate",
}

var managedInstance = kind{
	name: "AWS::SSM::ManagedInstanceInventory", version: 1, arn: "ssm:managed-instance-inventory/",
	describe: managedInstances.describe, list: managedInstances.list,
	actions: join(instanceTagActions, []string{
		"ssm:DescribeInstanceInformation", "ssm:GetInventorySchema", "ssm:ListInventoryEntries",
	}),
	listActions: []string{"ssm:DescribeInstanceInformation"},
	missing:     []string{"InvalidInstanceId"},
	sets:        join([]string{"Tags"}, inventoryTypes),
	volatile: []string{
		"LastPingDateTime", "LastAssociationExecutionDate", "LastSuccessfulAssociationExecutionDate",
		"AssociationOverview", "File[].LastAccessTime",
	},
}

// inventory reads what an instance reports of itself, a listing for each type.
func inventory(ctx context.Context, l *look, _ types.InstanceInformation) {
	for _, name := range inventoryTypes {
		if entries, err := l.entries(ctx, "AWS:"+name); l.read(name, "ssm:ListInventoryEntries", err) {
			l.attributes[name] = entries
		}
	}
	l.customInventory(ctx)
	l.instanceTags(ctx)
}

// customInventory reads the types that somebody defined: an object of their names.
func (l *look) customInventory(ctx context.Context) {
	pages := ssm.NewGetInventorySchemaPaginator(l.ssm, &ssm.GetInventorySchemaInput{})
	schemas, err := all(ctx, pages, func(o *ssm.GetInventorySchemaOutput) []types.InventoryItemSchema { return o.Schemas })
	if !l.read("Custom", "ssm:GetInventorySchema", err) {
		return
	}
	custom := map[string]any{}
	for _, schema := range schemas {
		name, ok := strings.CutPrefix(aws.ToString(schema.TypeName), "Custom:")
		if !ok {
			continue
		}
		entries, err := l.entries(ctx, "Custom:"+name)
		if !l.read("Custom", "ssm:ListInventoryEntries", err) {
			return
		}
		custom[name] = sorted(entries)
	}
	l.attributes["Custom"] = custom
}

// entries is nil of a type that the instance never reported, and an empty list
// of one that it reported empty.
func (l *look) entries(ctx context.Context, name string) (any, error) {
	reported := false
	list, err := byToken(func(token *string) ([]map[string]string, *string, error) {
		page, err := l.ssm.ListInventoryEntries(ctx, &ssm.ListInventoryEntriesInput{InstanceId: &l.name, TypeName: &name, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		reported = reported || page.CaptureTime != nil || len(page.Entries) > 0
		return page.Entries, page.NextToken, nil
	})
	if err != nil || !reported {
		return nil, err
	}
	return tree(list), nil
}

// instanceTagActions are those of instanceTags.
var instanceTagActions = []string{"ec2:DescribeTags", "ssm:ListTagsForResource"}

// instanceTags reads the tags of a managed instance: EC2 has those of its own,
// Systems Manager those of machines elsewhere, whose ids begin with "mi-".
func (l *look) instanceTags(ctx context.Context) {
	if strings.HasPrefix(l.name, "mi-") {
		l.ssmTags(ctx, types.ResourceTypeForTaggingManagedInstance)
		return
	}
	pages := ec2.NewDescribeTagsPaginator(l.ec2, &ec2.DescribeTagsInput{
		Filters: []ec2types.Filter{{Name: aws.String("resource-id"), Values: []string{l.name}}},
	})
	tags, err := all(ctx, pages, func(o *ec2.DescribeTagsOutput) (list []ec2types.Tag) {
		for _, t := range o.Tags {
			list = append(list, ec2types.Tag{Key: t.Key, Value: t.Value})
		}
		return list
	})
	if l.read("Tags", "ec2:DescribeTags", err) {
		l.set("Tags", tags)
	}
}

func (l *look) ssmTags(ctx context.Context, kind types.ResourceTypeForTagging) {
	out, err := l.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceType: kind, ResourceId: &l.name})
	if l.read("Tags", "ssm:ListTagsForResource", err) {
		l.set("Tags", out.TagList)
	}
}
