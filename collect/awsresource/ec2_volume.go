package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var volumes = source[types.Volume]{
	action: "ec2:DescribeVolumes",
	find: func(ctx context.Context, c *clients, name string) ([]types.Volume, error) {
		pages := ec2.NewDescribeVolumesPaginator(c.ec2, &ec2.DescribeVolumesInput{VolumeIds: only(name), MaxResults: pageSize(name)})
		return all(ctx, pages, func(o *ec2.DescribeVolumesOutput) []types.Volume { return o.Volumes })
	},
	id: func(v types.Volume) *string { return v.VolumeId },
}

var ec2Volume = kind{
	name: "AWS::EC2::Volume", version: 1, arn: "ec2:volume/",
	describe: volumes.describe, list: volumes.list,
	actions: []string{"ec2:DescribeVolumes"}, listActions: []string{"ec2:DescribeVolumes"},
	missing: []string{"InvalidVolume.NotFound"},
	ending:  ending{"State", []string{"deleting", "deleted"}},
	sets:    volumeSets,
}

var volumeSets = []string{"Tags", "Attachments"}
