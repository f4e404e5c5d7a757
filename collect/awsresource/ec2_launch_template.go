package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/everqual/everqual"
)

var launchTemplates = source[types.LaunchTemplate]{
	action: "ec2:DescribeLaunchTemplates",
	find: func(ctx context.Context, c *clients, name string) ([]types.LaunchTemplate, error) {
		pages := ec2.NewDescribeLaunchTemplatesPaginator(c.ec2, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: only(name)})
		return all(ctx, pages, func(o *ec2.DescribeLaunchTemplatesOutput) []types.LaunchTemplate { return o.LaunchTemplates })
	},
	id:   func(t types.LaunchTemplate) *string { return t.LaunchTemplateId },
	more: templateVersions,
}

// ec2LaunchTemplate shows the two versions by which instances are launched. Of
// their user data only a digest is kept.
var ec2LaunchTemplate = kind{
	name: "AWS::EC2::LaunchTemplate", version: 1, arn: "ec2:launch-template/",
	describe: launchTemplates.describe, list: launchTemplates.list,
	actions:     []string{"ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"},
	listActions: []string{"ec2:DescribeLaunchTemplates"},
	missing:     []string{"InvalidLaunchTemplateId.NotFound"},
	sets: join(
		[]string{"Tags"},
		under("DefaultVersion.LaunchTemplateData", templateSets...),
		under("LatestVersion.LaunchTemplateData", templateSets...),
	),
}

var templateSets = join(
	[]string{
		"BlockDeviceMappings", "ElasticGpuSpecifications", "ElasticInferenceAccelerators", "LicenseSpecifications",
		"SecurityGroupIds", "SecurityGroups", "TagSpecifications", "TagSpecifications[].Tags", "SecondaryInterfaces",
		"NetworkInterfaces", "NetworkInterfaces[].Groups", "NetworkInterfaces[].PrivateIpAddresses",
		"NetworkInterfaces[].Ipv4Prefixes", "NetworkInterfaces[].Ipv6Prefixes", "NetworkInterfaces[].Ipv6Addresses",
	},
	under("InstanceRequirements",
		"AcceleratorManufacturers", "AcceleratorNames", "AcceleratorTypes", "AllowedInstanceTypes", "CpuManufacturers",
		"ExcludedInstanceTypes", "InstanceGenerations", "LocalStorageTypes"),
)

func templateVersions(ctx context.Context, l *look, t types.LaunchTemplate) {
	const action = "ec2:DescribeLaunchTemplateVersions"
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(l.ec2, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &l.name, Versions: []string{"$Default", "$Latest"},
	})
	found, err := all(ctx, pages, func(o *ec2.DescribeLaunchTemplateVersionsOutput) []types.LaunchTemplateVersion {
		return o.LaunchTemplateVersions
	})
	for _, v := range []struct {
		path   string
		number *int64
	}{{"DefaultVersion", t.DefaultVersionNumber}, {"LatestVersion", t.LatestVersionNumber}} {
		if l.read(v.path, action, err) {
			l.templateVersion(v.path, action, found, aws.ToInt64(v.number))
		}
	}
}

func (l *look) templateVersion(path, action string, found []types.LaunchTemplateVersion, number int64) {
	for _, v := range found {
		if aws.ToInt64(v.VersionNumber) == number {
			l.set(path, v)
			return
		}
	}
	// Somebody made another version between the two calls.
	l.fail(path, everqual.Unread{Call: action, Reason: everqual.Unreachable, Message: "the reply holds another version"})
}
