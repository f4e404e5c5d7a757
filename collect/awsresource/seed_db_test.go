package awsresource_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	cachetypes "github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	fsxtypes "github.com/aws/aws-sdk-go-v2/service/fsx/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	opensearchtypes "github.com/aws/aws-sdk-go-v2/service/opensearch/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	redshifttypes "github.com/aws/aws-sdk-go-v2/service/redshift/types"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	sagemakertypes "github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// databaseNetwork makes two subnets and a group, and finds the key of the first seeds.
func (s *seeder) databaseNetwork() (subnets []string, group, key string) {
	c := ec2.NewFromConfig(s.cfg)
	vpc := must[*ec2.CreateVpcOutput](s)(c.CreateVpc(s.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.30.0.0/16")})).Vpc
	for zone, cidr := range []string{"10.30.1.0/24", "10.30.2.0/24"} {
		subnet := must[*ec2.CreateSubnetOutput](s)(c.CreateSubnet(s.ctx, &ec2.CreateSubnetInput{
			VpcId: vpc.VpcId, CidrBlock: &cidr, AvailabilityZone: aws.String(mototest.Region + "ab"[zone:zone+1]),
		})).Subnet
		subnets = append(subnets, *subnet.SubnetId)
	}
	made := must[*ec2.CreateSecurityGroupOutput](s)(c.CreateSecurityGroup(s.ctx, &ec2.CreateSecurityGroupInput{
		VpcId: vpc.VpcId, GroupName: aws.String("lims-db"), Description: aws.String("LIMS databases"),
	}))
	found := must[*kms.DescribeKeyOutput](s)(kms.NewFromConfig(s.cfg).DescribeKey(s.ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/lims")}))
	return subnets, *made.GroupId, *found.KeyMetadata.Arn
}

func seedDB(s *seeder) {
	subnets, group, key := s.databaseNetwork()
	s.seedDBGroups(subnets)
	s.seedDBSnapshots()
	s.seedRedshift(subnets, group, key)
	s.seedCaches(subnets, group, key)
	// Of these all is a fixture: the server's replies are in another form, or another region.
	s.add("AWS::DMS::ReplicationInstance", migration)
	s.add("AWS::EMR::Cluster", statistics)
	s.seedFileSystems(subnets, group, key)
	s.seedDomain(subnets, group, key)
	s.seedSageMaker(subnets, group, key)
	s.seedStream(key)
}

func (s *seeder) seedDBGroups(subnets []string) {
	c := rds.NewFromConfig(s.cfg)
	tags := []rdstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	subnetGroup := must[*rds.CreateDBSubnetGroupOutput](s)(c.CreateDBSubnetGroup(s.ctx, &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("lims-db"), DBSubnetGroupDescription: aws.String("LIMS databases"), SubnetIds: subnets, Tags: tags,
	}))
	s.add("AWS::RDS::DBSubnetGroup", *subnetGroup.DBSubnetGroup.DBSubnetGroupArn)
	force := []rdstypes.Parameter{{ParameterName: aws.String("rds.force_ssl"), ParameterValue: aws.String("1"), ApplyMethod: "immediate", Source: aws.String("user")}}
	group := must[*rds.CreateDBParameterGroupOutput](s)(c.CreateDBParameterGroup(s.ctx, &rds.CreateDBParameterGroupInput{
		DBParameterGroupName: aws.String("lims-postgres"), DBParameterGroupFamily: aws.String("postgres16"), Description: aws.String("LIMS"), Tags: tags,
	}))
	must[*rds.ModifyDBParameterGroupOutput](s)(c.ModifyDBParameterGroup(s.ctx, &rds.ModifyDBParameterGroupInput{
		DBParameterGroupName: aws.String("lims-postgres"), Parameters: force,
	}))
	s.add("AWS::RDS::DBParameterGroup", *group.DBParameterGroup.DBParameterGroupArn)
	cluster := must[*rds.CreateDBClusterParameterGroupOutput](s)(c.CreateDBClusterParameterGroup(s.ctx, &rds.CreateDBClusterParameterGroupInput{
		DBClusterParameterGroupName: aws.String("lims-aurora"), DBParameterGroupFamily: aws.String("aurora-postgresql16"), Description: aws.String("LIMS"), Tags: tags,
	}))
	must[*rds.ModifyDBClusterParameterGroupOutput](s)(c.ModifyDBClusterParameterGroup(s.ctx, &rds.ModifyDBClusterParameterGroupInput{
		DBClusterParameterGroupName: aws.String("lims-aurora"), Parameters: force,
	}))
	s.add("AWS::RDS::DBClusterParameterGroup", *cluster.DBClusterParameterGroup.DBClusterParameterGroupArn)
	options := must[*rds.CreateOptionGroupOutput](s)(c.CreateOptionGroup(s.ctx, &rds.CreateOptionGroupInput{
		OptionGroupName: aws.String("lims-mysql"), OptionGroupDescription: aws.String("LIMS"), EngineName: aws.String("mysql"), MajorEngineVersion: aws.String("8.0"), Tags: tags,
	}))
	s.add("AWS::RDS::OptionGroup", *options.OptionGroup.OptionGroupArn)
}

func (s *seeder) seedDBSnapshots() {
	c := rds.NewFromConfig(s.cfg)
	tags := []rdstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	snapshot := must[*rds.CreateDBSnapshotOutput](s)(c.CreateDBSnapshot(s.ctx, &rds.CreateDBSnapshotInput{
		DBInstanceIdentifier: aws.String("lims"), DBSnapshotIdentifier: aws.String("lims-release-7"), Tags: tags,
	}))
	must[*rds.ModifyDBSnapshotAttributeOutput](s)(c.ModifyDBSnapshotAttribute(s.ctx, &rds.ModifyDBSnapshotAttributeInput{
		DBSnapshotIdentifier: aws.String("lims-release-7"), AttributeName: aws.String("restore"), ValuesToAdd: []string{"444455556666", "222233334444"},
	}))
	s.add("AWS::RDS::DBSnapshot", *snapshot.DBSnapshot.DBSnapshotArn)
	cluster := must[*rds.CreateDBClusterSnapshotOutput](s)(c.CreateDBClusterSnapshot(s.ctx, &rds.CreateDBClusterSnapshotInput{
		DBClusterIdentifier: aws.String("lims-reports"), DBClusterSnapshotIdentifier: aws.String("lims-reports-release-7"), Tags: tags,
	}))
	must[*rds.ModifyDBClusterSnapshotAttributeOutput](s)(c.ModifyDBClusterSnapshotAttribute(s.ctx, &rds.ModifyDBClusterSnapshotAttributeInput{
		DBClusterSnapshotIdentifier: aws.String("lims-reports-release-7"), AttributeName: aws.String("restore"), ValuesToAdd: []string{"444455556666", "222233334444"},
	}))
	s.add("AWS::RDS::DBClusterSnapshot", *cluster.DBClusterSnapshot.DBClusterSnapshotArn)
}

func (s *seeder) seedRedshift(subnets []string, group, key string) {
	c := redshift.NewFromConfig(s.cfg)
	must[*redshift.CreateClusterSubnetGroupOutput](s)(c.CreateClusterSubnetGroup(s.ctx, &redshift.CreateClusterSubnetGroupInput{
		ClusterSubnetGroupName: aws.String("lims"), Description: aws.String("LIMS"), SubnetIds: subnets,
	}))
	must[*redshift.CreateClusterParameterGroupOutput](s)(c.CreateClusterParameterGroup(s.ctx, &redshift.CreateClusterParameterGroupInput{
		ParameterGroupName: aws.String("lims"), ParameterGroupFamily: aws.String("redshift-2.0"), Description: aws.String("LIMS"),
	}))
	must[*redshift.CreateClusterOutput](s)(c.CreateCluster(s.ctx, &redshift.CreateClusterInput{
		ClusterIdentifier: aws.String("lims-trends"), NodeType: aws.String("ra3.large"), NumberOfNodes: aws.Int32(2), DBName: aws.String("trends"),
		ClusterType: aws.String("multi-node"), MasterUsername: aws.String("lims"), MasterUserPassword: aws.String(secretPassword), Encrypted: aws.Bool(true), KmsKeyId: &key,
		EnhancedVpcRouting: aws.Bool(true), PubliclyAccessible: aws.Bool(false), AutomatedSnapshotRetentionPeriod: aws.Int32(14),
		ClusterParameterGroupName: aws.String("lims"), ClusterSubnetGroupName: aws.String("lims"), VpcSecurityGroupIds: []string{group},
		Tags: []redshifttypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*redshift.EnableLoggingOutput](s)(c.EnableLogging(s.ctx, &redshift.EnableLoggingInput{
		ClusterIdentifier: aws.String("lims-trends"), LogDestinationType: "cloudwatch", LogExports: []string{"connectionlog", "userlog"},
	}))
	s.add("AWS::Redshift::Cluster", s.arn("redshift", "cluster:lims-trends"))
}

func (s *seeder) seedCaches(subnets []string, group, key string) {
	c := elasticache.NewFromConfig(s.cfg)
	tags := []cachetypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	must[*elasticache.CreateCacheSubnetGroupOutput](s)(c.CreateCacheSubnetGroup(s.ctx, &elasticache.CreateCacheSubnetGroupInput{
		CacheSubnetGroupName: aws.String("lims"), CacheSubnetGroupDescription: aws.String("LIMS"), SubnetIds: subnets,
	}))
	one := must[*elasticache.CreateCacheClusterOutput](s)(c.CreateCacheCluster(s.ctx, &elasticache.CreateCacheClusterInput{
		CacheClusterId: aws.String("lims-labels"), Engine: aws.String("redis"), EngineVersion: aws.String("7.1"), CacheNodeType: aws.String("cache.t4g.small"),
		NumCacheNodes: aws.Int32(1), SnapshotRetentionLimit: aws.Int32(7), CacheSubnetGroupName: aws.String("lims"), SecurityGroupIds: []string{group},
		AutoMinorVersionUpgrade: aws.Bool(true), TransitEncryptionEnabled: aws.Bool(true), Tags: tags,
	}))
	s.add("AWS::ElastiCache::CacheCluster", *one.CacheCluster.ARN)
	many := must[*elasticache.CreateReplicationGroupOutput](s)(c.CreateReplicationGroup(s.ctx, &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: aws.String("lims-sessions"), ReplicationGroupDescription: aws.String("LIMS sessions"), Engine: aws.String("redis"), EngineVersion: aws.String("7.1"),
		CacheNodeType: aws.String("cache.t4g.small"), NumCacheClusters: aws.Int32(2), AutomaticFailoverEnabled: aws.Bool(true), MultiAZEnabled: aws.Bool(true),
		SnapshotRetentionLimit: aws.Int32(7), AtRestEncryptionEnabled: aws.Bool(true), TransitEncryptionEnabled: aws.Bool(true), KmsKeyId: &key,
		AuthToken: aws.String("hunter2-auth-token-of-the-cache"), CacheSubnetGroupName: aws.String("lims"), SecurityGroupIds: []string{group}, Tags: tags,
	}))
	s.add("AWS::ElastiCache::ReplicationGroup", *many.ReplicationGroup.ARN)
}

func (s *seeder) seedFileSystems(subnets []string, group, key string) {
	windows := must[*fsx.CreateFileSystemOutput](s)(fsx.NewFromConfig(s.cfg).CreateFileSystem(s.ctx, &fsx.CreateFileSystemInput{
		FileSystemType: "WINDOWS", StorageCapacity: aws.Int32(300), StorageType: "SSD", SubnetIds: subnets, SecurityGroupIds: []string{group}, KmsKeyId: &key,
		ClientRequestToken: aws.String("seed-lims-shares"), Tags: []fsxtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
		WindowsConfiguration: &fsxtypes.CreateFileSystemWindowsConfiguration{
			ThroughputCapacity: aws.Int32(32), DeploymentType: "MULTI_AZ_1", PreferredSubnetId: &subnets[0], AutomaticBackupRetentionDays: aws.Int32(30),
			CopyTagsToBackups: aws.Bool(true), ActiveDirectoryId: aws.String("d-9267a1b2c3"),
		},
	}))
	s.add("AWS::FSx::FileSystem", *windows.FileSystem.ResourceARN)
	c := efs.NewFromConfig(s.cfg)
	tags := []efstypes.Tag{{Key: aws.String("Name"), Value: aws.String("lims-instruments")}, {Key: aws.String("System"), Value: aws.String("LIMS")}}
	linux := must[*efs.CreateFileSystemOutput](s)(c.CreateFileSystem(s.ctx, &efs.CreateFileSystemInput{
		CreationToken: aws.String("lims-instruments"), Encrypted: aws.Bool(true), KmsKeyId: &key, PerformanceMode: "generalPurpose", ThroughputMode: "bursting",
		Backup: aws.Bool(true), Tags: tags,
	}))
	must[*efs.PutLifecycleConfigurationOutput](s)(c.PutLifecycleConfiguration(s.ctx, &efs.PutLifecycleConfigurationInput{
		FileSystemId: linux.FileSystemId, LifecyclePolicies: []efstypes.LifecyclePolicy{{TransitionToIA: "AFTER_30_DAYS"}, {TransitionToPrimaryStorageClass: "AFTER_1_ACCESS"}},
	}))
	must[*efs.PutFileSystemPolicyOutput](s)(c.PutFileSystemPolicy(s.ctx, &efs.PutFileSystemPolicyInput{
		FileSystemId: linux.FileSystemId, Policy: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Sid":"Tls","Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`),
	}))
	s.add("AWS::EFS::FileSystem", *linux.FileSystemArn)
	point := must[*efs.CreateAccessPointOutput](s)(c.CreateAccessPoint(s.ctx, &efs.CreateAccessPointInput{
		ClientToken: aws.String("lims-import"), FileSystemId: linux.FileSystemId, PosixUser: &efstypes.PosixUser{Uid: aws.Int64(1001), Gid: aws.Int64(1001)},
		RootDirectory: &efstypes.RootDirectory{Path: aws.String("/import"), CreationInfo: &efstypes.CreationInfo{
			OwnerUid: aws.Int64(1001), OwnerGid: aws.Int64(1001), Permissions: aws.String("0750"),
		}},
		Tags: tags,
	}))
	s.add("AWS::EFS::AccessPoint", *point.AccessPointArn)
}

func (s *seeder) seedDomain(subnets []string, group, key string) {
	logs := func(name string) opensearchtypes.LogPublishingOption {
		return opensearchtypes.LogPublishingOption{Enabled: aws.Bool(true), CloudWatchLogsLogGroupArn: aws.String(s.arn("logs", "log-group:/lims/search/"+name))}
	}
	out := must[*opensearch.CreateDomainOutput](s)(opensearch.NewFromConfig(s.cfg).CreateDomain(s.ctx, &opensearch.CreateDomainInput{
		DomainName: aws.String("lims-search"), EngineVersion: aws.String("OpenSearch_2.19"),
		ClusterConfig: &opensearchtypes.ClusterConfig{
			InstanceType: "m7g.large.search", InstanceCount: aws.Int32(3), ZoneAwarenessEnabled: aws.Bool(true),
			ZoneAwarenessConfig: &opensearchtypes.ZoneAwarenessConfig{AvailabilityZoneCount: aws.Int32(3)},
		},
		EBSOptions: &opensearchtypes.EBSOptions{EBSEnabled: aws.Bool(true), VolumeType: "gp3", VolumeSize: aws.Int32(100)},
		AccessPolicies: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/lims/lims-app"]},` +
			`"Action":["es:ESHttpPut","es:ESHttpGet"],"Resource":"arn:aws:es:eu-central-1:111122223333:domain/lims-search/*"}]}`),
		VPCOptions:                  &opensearchtypes.VPCOptions{SubnetIds: subnets, SecurityGroupIds: []string{group}},
		EncryptionAtRestOptions:     &opensearchtypes.EncryptionAtRestOptions{Enabled: aws.Bool(true), KmsKeyId: &key},
		NodeToNodeEncryptionOptions: &opensearchtypes.NodeToNodeEncryptionOptions{Enabled: aws.Bool(true)},
		DomainEndpointOptions:       &opensearchtypes.DomainEndpointOptions{EnforceHTTPS: aws.Bool(true), TLSSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10"},
		AdvancedSecurityOptions: &opensearchtypes.AdvancedSecurityOptionsInput{
			Enabled: aws.Bool(true), InternalUserDatabaseEnabled: aws.Bool(false),
			MasterUserOptions: &opensearchtypes.MasterUserOptions{MasterUserARN: aws.String("arn:aws:iam::111122223333:role/lims/lims-app")},
		},
		LogPublishingOptions: map[string]opensearchtypes.LogPublishingOption{"AUDIT_LOGS": logs("audit")},
		TagList:              []opensearchtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	s.add("AWS::OpenSearchService::Domain", *out.DomainStatus.ARN)
}

func (s *seeder) seedSageMaker(subnets []string, group, key string) {
	c := sagemaker.NewFromConfig(s.cfg)
	tags := []sagemakertypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	role := aws.String("arn:aws:iam::111122223333:role/lims/lims-app")
	must[*sagemaker.CreateModelOutput](s)(c.CreateModel(s.ctx, &sagemaker.CreateModelInput{
		ModelName: aws.String("lims-peaks"), ExecutionRoleArn: role, PrimaryContainer: &sagemakertypes.ContainerDefinition{
			Image: aws.String("111122223333.dkr.ecr.eu-central-1.amazonaws.com/peaks:7"),
		},
	}))
	endpoint := must[*sagemaker.CreateEndpointConfigOutput](s)(c.CreateEndpointConfig(s.ctx, &sagemaker.CreateEndpointConfigInput{
		EndpointConfigName: aws.String("lims-peaks"), KmsKeyId: &key, Tags: tags, ProductionVariants: []sagemakertypes.ProductionVariant{{
			VariantName: aws.String("all"), ModelName: aws.String("lims-peaks"), InstanceType: "ml.m5.large", InitialInstanceCount: aws.Int32(2), InitialVariantWeight: aws.Float32(1),
		}},
	}))
	s.add("AWS::SageMaker::EndpointConfig", *endpoint.EndpointConfigArn)
	notebook := must[*sagemaker.CreateNotebookInstanceOutput](s)(c.CreateNotebookInstance(s.ctx, &sagemaker.CreateNotebookInstanceInput{
		NotebookInstanceName: aws.String("lims-statistics"), InstanceType: "ml.t3.medium", RoleArn: role, KmsKeyId: &key, SubnetId: &subnets[0], SecurityGroupIds: []string{group},
		DirectInternetAccess: "Disabled", RootAccess: "Disabled", VolumeSizeInGB: aws.Int32(20), Tags: tags,
	}))
	s.add("AWS::SageMaker::NotebookInstance", *notebook.NotebookInstanceArn)
}

func (s *seeder) seedStream(key string) {
	c, name := kinesis.NewFromConfig(s.cfg), aws.String("lims-instrument-readings")
	must[*kinesis.CreateStreamOutput](s)(c.CreateStream(s.ctx, &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(2)}))
	must[*kinesis.AddTagsToStreamOutput](s)(c.AddTagsToStream(s.ctx, &kinesis.AddTagsToStreamInput{StreamName: name, Tags: map[string]string{"System": "LIMS"}}))
	must[*kinesis.StartStreamEncryptionOutput](s)(c.StartStreamEncryption(s.ctx, &kinesis.StartStreamEncryptionInput{
		StreamName: name, EncryptionType: kinesistypes.EncryptionTypeKms, KeyId: &key,
	}))
	must[*kinesis.IncreaseStreamRetentionPeriodOutput](s)(c.IncreaseStreamRetentionPeriod(s.ctx, &kinesis.IncreaseStreamRetentionPeriodInput{
		StreamName: name, RetentionPeriodHours: aws.Int32(168),
	}))
	s.add("AWS::Kinesis::Stream", s.arn("kinesis", "stream/"+*name))
}
