package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var images = source[types.Image]{
	action: "ec2:DescribeImages",
	find: func(ctx context.Context, c *clients, name string) ([]types.Image, error) {
		pages := ec2.NewDescribeImagesPaginator(c.ec2, &ec2.DescribeImagesInput{
			ImageIds: only(name), Owners: []string{"self"}, IncludeDisabled: aws.Bool(true), MaxResults: pageSize(name),
		})
		return all(ctx, pages, func(o *ec2.DescribeImagesOutput) []types.Image { return o.Images })
	},
	id:   func(i types.Image) *string { return i.ImageId },
	more: imagePermissions,
}

// ec2Image is one of the account's own, also while it is disabled.
var ec2Image = kind{
	name: "AWS::EC2::Image", version: 1, arn: "ec2:image/",
	describe: images.describe, list: images.list,
	actions: []string{"ec2:DescribeImages", "ec2:DescribeImageAttribute"}, listActions: []string{"ec2:DescribeImages"},
	missing: []string{"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"},
	ending:  ending{"State", []string{"deregistered"}},
	sets: []string{
		"Tags", "LaunchPermissions", "BlockDeviceMappings", "ProductCodes", "ImageWatermarks",
		"InstanceTypeSpecification.SupportedInstanceTypes", "InstanceTypeSpecification.UnsupportedInstanceTypes",
	},
	volatile: []string{"LastLaunchedTime", "ScanResults"},
}

func imagePermissions(ctx context.Context, l *look, _ types.Image) {
	out, err := l.ec2.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{
		ImageId: &l.name, Attribute: types.ImageAttributeNameLaunchPermission,
	})
	if l.read("LaunchPermissions", "ec2:DescribeImageAttribute", err) {
		l.set("LaunchPermissions", out.LaunchPermissions)
	}
}
