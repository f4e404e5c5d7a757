package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var keyPairs = source[types.KeyPairInfo]{
	action: "ec2:DescribeKeyPairs",
	find: func(ctx context.Context, c *clients, name string) ([]types.KeyPairInfo, error) {
		o, err := c.ec2.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyPairIds: only(name)})
		if err != nil {
			return nil, err
		}
		return o.KeyPairs, nil
	},
	id: func(k types.KeyPairInfo) *string { return k.KeyPairId },
}

var ec2KeyPair = kind{
	name: "AWS::EC2::KeyPair", version: 1, arn: "ec2:key-pair/",
	describe: keyPairs.describe, list: keyPairs.list,
	actions: []string{"ec2:DescribeKeyPairs"}, listActions: []string{"ec2:DescribeKeyPairs"},
	missing: []string{"InvalidKeyPair.NotFound"},
	sets:    []string{"Tags"},
}
