package awsresource_test

import (
	"maps"

	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	dmstypes "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice/types"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	emrtypes "github.com/aws/aws-sdk-go-v2/service/emr/types"
	fsxtypes "github.com/aws/aws-sdk-go-v2/service/fsx/types"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	opensearchtypes "github.com/aws/aws-sdk-go-v2/service/opensearch/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	redshifttypes "github.com/aws/aws-sdk-go-v2/service/redshift/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	sagemakertypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

func init() {
	rdsTags := []rdstypes.Tag{}
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::RDS::DBSnapshot":              {"": rdstypes.DBSnapshot{}, "DBSnapshotAttributes": []rdstypes.DBSnapshotAttribute{}},
		"AWS::RDS::DBClusterSnapshot":       {"": rdstypes.DBClusterSnapshot{}, "DBClusterSnapshotAttributes": []rdstypes.DBClusterSnapshotAttribute{}},
		"AWS::RDS::DBSubnetGroup":           {"": rdstypes.DBSubnetGroup{}, "TagList": rdsTags},
		"AWS::RDS::DBParameterGroup":        {"": rdstypes.DBParameterGroup{}, "TagList": rdsTags, "Parameters": []rdstypes.Parameter{}},
		"AWS::RDS::DBClusterParameterGroup": {"": rdstypes.DBClusterParameterGroup{}, "TagList": rdsTags, "Parameters": []rdstypes.Parameter{}},
		"AWS::RDS::OptionGroup":             {"": rdstypes.OptionGroup{}, "TagList": rdsTags},
		"AWS::Redshift::Cluster": {
			"": redshifttypes.Cluster{}, "LoggingStatus": redshift.DescribeLoggingStatusOutput{},
			"ParameterGroups": []struct {
				ParameterGroupName *string
				Parameters         []redshifttypes.Parameter
			}{},
		},
		"AWS::ElastiCache::CacheCluster":     {"": cachetypes.CacheCluster{}, "TagList": []cachetypes.Tag{}},
		"AWS::ElastiCache::ReplicationGroup": {"": cachetypes.ReplicationGroup{}, "TagList": []cachetypes.Tag{}},
		"AWS::DMS::ReplicationInstance":      {"": dmstypes.ReplicationInstance{}, "TagList": []dmstypes.Tag{}},
		"AWS::FSx::FileSystem":               {"": fsxtypes.FileSystem{}},
		"AWS::EFS::FileSystem": {
			"": efstypes.FileSystemDescription{}, "Policy": "", "BackupPolicy": efstypes.BackupPolicy{},
			"LifecyclePolicies": efs.DescribeLifecycleConfigurationOutput{}.LifecyclePolicies,
		},
		"AWS::EFS::AccessPoint":            {"": efstypes.AccessPointDescription{}},
		"AWS::OpenSearchService::Domain":   {"": opensearchtypes.DomainStatus{}, "TagList": []opensearchtypes.Tag{}},
		"AWS::EMR::Cluster":                {"": emrtypes.Cluster{}, "MasterInstances": []emrtypes.Instance{}},
		"AWS::SageMaker::EndpointConfig":   {"": sagemaker.DescribeEndpointConfigOutput{}, "Tags": []sagemakertypes.Tag{}},
		"AWS::SageMaker::NotebookInstance": {"": sagemaker.DescribeNotebookInstanceOutput{}, "Tags": []sagemakertypes.Tag{}},
		"AWS::Kinesis::Stream":             {"": kinesistypes.StreamDescriptionSummary{}, "Policy": "", "Tags": []kinesistypes.Tag{}},
	})
	shapes["AWS::DynamoDB::Table"]["ScalableTargets"] = []scalingtypes.ScalableTarget{}
}
