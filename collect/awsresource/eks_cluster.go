package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
)

var eksCluster = kind{
	name: "AWS::EKS::Cluster", version: 1, arn: "eks:cluster/",
	describe: describeEKSCluster, list: listEKSClusters,
	actions: []string{"eks:DescribeCluster"}, listActions: []string{"eks:ListClusters"},
	missing: []string{"ResourceNotFoundException"},
	ending:  ending{"Status", []string{"DELETING"}},
	sets: []string{
		"EncryptionConfig", "EncryptionConfig[].Resources", "Logging.ClusterLogging", "Logging.ClusterLogging[].Types",
		"ResourcesVpcConfig.SubnetIds", "ResourcesVpcConfig.SecurityGroupIds", "ResourcesVpcConfig.PublicAccessCidrs",
		"ComputeConfig.NodePools", "RemoteNetworkConfig.RemoteNodeNetworks", "RemoteNetworkConfig.RemotePodNetworks",
		"RemoteNetworkConfig.RemoteNodeNetworks[].Cidrs", "RemoteNetworkConfig.RemotePodNetworks[].Cidrs",
	},
	volatile: []string{"Health", "ClientRequestToken"},
}

func describeEKSCluster(ctx context.Context, l *look) {
	out, err := l.eks.DescribeCluster(ctx, &eks.DescribeClusterInput{Name: &l.name})
	if !l.read("", "eks:DescribeCluster", err) {
		return
	}
	if out.Cluster == nil || aws.ToString(out.Cluster.Name) != l.name {
		l.nothing("eks:DescribeCluster")
		return
	}
	l.root(out.Cluster)
	l.orNull("AccessConfig", "EncryptionConfig", "Logging", "DeletionProtection")
	l.orEmpty("Tags")
}

func listEKSClusters(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, eks.NewListClustersPaginator(c.eks, &eks.ListClustersInput{}),
		func(o *eks.ListClustersOutput) []string { return o.Clusters })
}
