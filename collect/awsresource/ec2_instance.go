package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/everqual/everqual"
)

var instances = source[types.Instance]{
	action: "ec2:DescribeInstances",
	find: func(ctx context.Context, c *clients, name string) ([]types.Instance, error) {
		pages := ec2.NewDescribeInstancesPaginator(c.ec2, &ec2.DescribeInstancesInput{InstanceIds: only(name), MaxResults: pageSize(name)})
		return all(ctx, pages, func(o *ec2.DescribeInstancesOutput) (list []types.Instance) {
			for _, r := range o.Reservations {
				list = append(list, r.Instances...)
			}
			return list
		})
	},
	id:   func(i types.Instance) *string { return i.InstanceId },
	more: describeInstance,
}

// ec2Instance counts an instance as deleted from "shutting-down" on: there is
// no way back, and for an hour after its end it still is shown, half empty.
var ec2Instance = kind{
	name: "AWS::EC2::Instance", version: 2, arn: "ec2:instance/",
	describe: instances.describe, list: instances.list, listActions: []string{"ec2:DescribeInstances"},
	actions: []string{
		"ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSecurityGroups",
		"ec2:DescribeInstanceAttribute", "iam:GetInstanceProfile", "ssm:DescribeInstanceInformation",
	},
	missing: []string{"InvalidInstanceID.NotFound"},
	ending:  ending{"State.Name", []string{"shutting-down", "terminated"}},
	sets: join(
		[]string{
			"Tags", "Volumes", "SecurityGroups", "BlockDeviceMappings", "ProductCodes", "Licenses",
			"ElasticGpuAssociations", "ElasticInferenceAcceleratorAssociations", "SecondaryInterfaces",
			"NetworkInterfaces", "NetworkInterfaces[].Groups", "NetworkInterfaces[].PrivateIpAddresses",
			"NetworkInterfaces[].Ipv6Addresses", "NetworkInterfaces[].Ipv4Prefixes", "NetworkInterfaces[].Ipv6Prefixes",
			"InstanceProfile.Roles", "InstanceProfile.Roles[].Tags", "InstanceProfile.Tags",
		},
		under("Volumes[]", volumeSets...),
		under("SecurityGroups[]", groupSets...),
	),
	policies: []string{"InstanceProfile.Roles[].AssumeRolePolicyDocument"},
	volatile: join(
		[]string{"InstanceProfile.Roles[].RoleLastUsed"},
		under("ManagedInstance", "LastPingDateTime", "IsLatestVersion", "AssociationStatus", "AssociationOverview",
			"LastAssociationExecutionDate", "LastSuccessfulAssociationExecutionDate"),
	),
	parts: []part{
		ec2Part("Volumes[].VolumeId", "volume"), ec2Part("SecurityGroups[].GroupId", "security-group"),
		ec2Part("NetworkInterfaces[].NetworkInterfaceId", "network-interface"),
		ec2Part("NetworkInterfaces[].Attachment.AttachmentId", "network-interface-attachment"),
		{"InstanceProfile.InstanceProfileName", func(_, account, id string) string { return "iam::" + account + ":instance-profile/" + id }},
		{"InstanceProfile.Roles[].RoleName", func(_, account, id string) string { return "iam::" + account + ":role/" + id }},
	},
}

func describeInstance(ctx context.Context, l *look, instance types.Instance) {
	l.set("PublicIpAddress", instance.PublicIpAddress) // null where AWS leaves it out
	l.instanceVolumes(ctx)
	l.instanceGroups(ctx, instance)
	l.instanceAttributes(ctx)
	l.instanceProfile(ctx, instance)
	l.managedInstance(ctx)
}

func (l *look) instanceVolumes(ctx context.Context) {
	attached := []types.Filter{{Name: aws.String("attachment.instance-id"), Values: []string{l.name}}}
	pages := ec2.NewDescribeVolumesPaginator(l.ec2, &ec2.DescribeVolumesInput{Filters: attached})
	volumes, err := all(ctx, pages, func(o *ec2.DescribeVolumesOutput) []types.Volume { return o.Volumes })
	if l.read("Volumes", "ec2:DescribeVolumes", err) {
		l.set("Volumes", volumes)
	}
}

// instanceGroups puts the groups with their rules in place of their names.
func (l *look) instanceGroups(ctx context.Context, instance types.Instance) {
	var ids []string
	for _, g := range instance.SecurityGroups {
		ids = append(ids, aws.ToString(g.GroupId))
	}
	if len(ids) == 0 {
		l.set("SecurityGroups", instance.SecurityGroups)
		return
	}
	pages := ec2.NewDescribeSecurityGroupsPaginator(l.ec2, &ec2.DescribeSecurityGroupsInput{GroupIds: ids})
	groups, err := all(ctx, pages, func(o *ec2.DescribeSecurityGroupsOutput) []types.SecurityGroup { return o.SecurityGroups })
	if l.read("SecurityGroups", "ec2:DescribeSecurityGroups", err) {
		l.set("SecurityGroups", groups)
	}
}

// instanceAttributes reads what describe-instances does not show. Of the user
// data only a digest is kept: the transport never lets its content through.
func (l *look) instanceAttributes(ctx context.Context) {
	for _, a := range []struct {
		path, name string
		of         func(*ec2.DescribeInstanceAttributeOutput) any
	}{
		{"DisableApiTermination", "disableApiTermination", func(o *ec2.DescribeInstanceAttributeOutput) any { return o.DisableApiTermination }},
		{"DisableApiStop", "disableApiStop", func(o *ec2.DescribeInstanceAttributeOutput) any { return o.DisableApiStop }},
		{"InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", func(o *ec2.DescribeInstanceAttributeOutput) any {
			return o.InstanceInitiatedShutdownBehavior
		}},
		{"UserData", "userData", func(o *ec2.DescribeInstanceAttributeOutput) any { return o.UserData }},
	} {
		out, err := l.ec2.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{
			InstanceId: &l.name, Attribute: types.InstanceAttributeName(a.name),
		})
		if l.read(a.path, "ec2:DescribeInstanceAttribute", err) {
			l.setOrNull(a.path, a.of(out))
		}
	}
}

func (l *look) instanceProfile(ctx context.Context, instance types.Instance) {
	if instance.IamInstanceProfile == nil {
		l.set("InstanceProfile", nil)
		return
	}
	name := everqual.ResourceID(aws.ToString(instance.IamInstanceProfile.Arn)).Name()
	global := l.d.in(l.resource.Account, globalRegion(l.resource.Region))
	out, err := global.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &name})
	if l.read("InstanceProfile", "iam:GetInstanceProfile", err, "NoSuchEntity", "NoSuchEntityException") {
		l.set("InstanceProfile", out.InstanceProfile)
	}
}

// managedInstance reads what Systems Manager knows of the instance, null when it
// does not manage it.
func (l *look) managedInstance(ctx context.Context) {
	pages := ssm.NewDescribeInstanceInformationPaginator(l.ssm, &ssm.DescribeInstanceInformationInput{
		Filters: []ssmtypes.InstanceInformationStringFilter{{Key: aws.String("InstanceIds"), Values: []string{l.name}}},
	})
	found, err := all(ctx, pages, func(o *ssm.DescribeInstanceInformationOutput) []ssmtypes.InstanceInformation {
		return o.InstanceInformationList
	})
	if !l.read("ManagedInstance", "ssm:DescribeInstanceInformation", err) {
		return
	}
	l.set("ManagedInstance", nil)
	if managed, ok := theOne(found, func(i ssmtypes.InstanceInformation) *string { return i.InstanceId }, l.name); ok {
		l.set("ManagedInstance", managed)
	}
}
