package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/emr/types"
)

// emrCluster: Kerberos passwords and the properties of applications, which may
// hold passwords of databases, are digests. Between running and waiting a
// cluster changes with every step, so its state is left out.
var emrCluster = kind{
	name: "AWS::EMR::Cluster", version: 1, arn: "elasticmapreduce:cluster/",
	describe: describeEMRCluster, list: listEMRClusters,
	actions:     []string{"elasticmapreduce:DescribeCluster", "elasticmapreduce:ListInstances"},
	listActions: []string{"elasticmapreduce:ListClusters"},
	missing:     []string{"InvalidRequestException", "NoSuchCluster"}, // "Cluster id ... is not valid."
	ending:      ending{"Status.State", []string{"TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"}},
	sets: []string{
		"Tags", "Applications", "Configurations", "PlacementGroups", "MasterInstances", "MasterInstances[].EbsVolumes",
		"Ec2InstanceAttributes.AdditionalMasterSecurityGroups", "Ec2InstanceAttributes.AdditionalSlaveSecurityGroups",
		"Ec2InstanceAttributes.RequestedEc2AvailabilityZones", "Ec2InstanceAttributes.RequestedEc2SubnetIds",
	},
	volatile: []string{"NormalizedInstanceHours", "Status", "MasterInstances[].Status"},
}

func describeEMRCluster(ctx context.Context, l *look) {
	out, err := l.emr.DescribeCluster(ctx, &emr.DescribeClusterInput{ClusterId: &l.name})
	if !l.read("", "elasticmapreduce:DescribeCluster", err) {
		return
	}
	if out.Cluster == nil || aws.ToString(out.Cluster.Id) != l.name {
		l.nothing("elasticmapreduce:DescribeCluster")
		return
	}
	if l.root(out.Cluster); l.ended() {
		return
	}
	l.orNull("KerberosAttributes", "SecurityConfiguration", "LogUri", "LogEncryptionKmsKeyId")
	masters, err := l.emrMasters(ctx, out.Cluster.InstanceCollectionType)
	if !l.read("MasterInstances", "elasticmapreduce:ListInstances", err) {
		return
	}
	l.set("MasterInstances", masters)
	list, _ := l.attributes["MasterInstances"].([]any)
	for _, master := range list {
		if members, ok := master.(map[string]any); ok {
			orNull(members, "PublicIpAddress")
		}
	}
}

// emrMasters are the instances that lead the cluster now.
func (l *look) emrMasters(ctx context.Context, collection types.InstanceCollectionType) ([]types.Instance, error) {
	input := &emr.ListInstancesInput{ClusterId: &l.name, InstanceStates: []types.InstanceState{
		types.InstanceStateAwaitingFulfillment, types.InstanceStateProvisioning, types.InstanceStateBootstrapping, types.InstanceStateRunning,
	}}
	if collection == types.InstanceCollectionTypeInstanceFleet {
		input.InstanceFleetType = types.InstanceFleetTypeMaster
	} else {
		input.InstanceGroupTypes = []types.InstanceGroupType{types.InstanceGroupTypeMaster}
	}
	return all(ctx, emr.NewListInstancesPaginator(l.emr, input), func(o *emr.ListInstancesOutput) []types.Instance { return o.Instances })
}

// listEMRClusters leaves out the terminated ones, which stay listed for weeks.
func listEMRClusters(ctx context.Context, c *clients) ([]string, error) {
	found, err := all(ctx, emr.NewListClustersPaginator(c.emr, &emr.ListClustersInput{ClusterStates: []types.ClusterState{
		types.ClusterStateStarting, types.ClusterStateBootstrapping, types.ClusterStateRunning, types.ClusterStateWaiting,
	}}), func(o *emr.ListClustersOutput) []types.ClusterSummary { return o.Clusters })
	ids := make([]string, 0, len(found))
	for _, s := range found {
		ids = append(ids, aws.ToString(s.Id))
	}
	return ids, err
}
