package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var ec2Volume = kind{
	name: "AWS::EC2::Volume", version: 1, arn: "ec2:volume/",
	describe: describeVolume,
	actions:  []string{"ec2:DescribeVolumes"},
	missing:  []string{"InvalidVolume.NotFound"},
	ending:   ending{"State", []string{"deleting", "deleted"}},
	sets:     volumeSets,
}

var volumeSets = []string{"Tags", "Attachments"}

func describeVolume(ctx context.Context, l *look) {
	pages := ec2.NewDescribeVolumesPaginator(l.ec2, &ec2.DescribeVolumesInput{VolumeIds: []string{l.name}})
	found, err := all(ctx, pages, func(o *ec2.DescribeVolumesOutput) []types.Volume { return o.Volumes })
	if !l.read("", "ec2:DescribeVolumes", err) {
		return
	}
	if volume, ok := theOne(found, func(v types.Volume) *string { return v.VolumeId }, l.name); ok {
		l.root(volume)
	} else {
		l.nothing("ec2:DescribeVolumes")
	}
}
