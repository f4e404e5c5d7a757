package awsresource_test

import (
	"maps"
	"strings"
)

const (
	statistics = "arn:aws:elasticmapreduce:eu-central-1:111122223333:cluster/j-2XQ7WZ9K4M1NB"
	migration  = "arn:aws:dms:eu-central-1:111122223333:rep:K7MZQW3VXH2BNJ5RTAY6LDPFCE"
)

func init() {
	maps.Copy(fixtures, map[string]func(string) answer{
		"dms:DescribeReplicationInstances": func(parameters string) answer {
			if strings.Contains(parameters, "Filters") && !strings.Contains(parameters, migration) {
				return notFound("ResourceNotFoundFault", "No Replication Instance found matching this specification.")
			}
			return answer{status: 200, body: replicationInstance}
		},
		// The server lists option groups by name only.
		"rds:DescribeOptionGroups": func(parameters string) answer {
			if strings.Contains(parameters, "OptionGroupName") && !strings.Contains(parameters, `"lims-mysql"`) {
				return answer{status: 404, body: `<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type>` +
					`<Code>OptionGroupNotFoundFault</Code><Message>There is no such option group.</Message></Error>` +
					`<RequestId>0d9c8b7a-6f5e-4d3c-8b2a-1908f7e6d5c4</RequestId></ErrorResponse>`}
			}
			return answer{status: 200, body: rdsOptionGroups}
		},
		"elasticmapreduce:DescribeCluster": func(parameters string) answer {
			if !strings.Contains(parameters, "j-2XQ7WZ9K4M1NB") {
				return notFound("InvalidRequestException", "Cluster id is not valid.")
			}
			return answer{status: 200, body: emrCluster}
		},
		"elasticmapreduce:ListInstances":     fixed(emrMaster),
		"elasticmapreduce:ListClusters":      fixed(emrClusters),
		"redshift:DescribeClusterParameters": fixed(redshiftParameters),
		"dms:ListTagsForResource":            fixed(`{"TagList":[{"Key":"Name","Value":"lims-migration"},{"Key":"System","Value":"LIMS"}]}`),
	})
}

// notFound is a refusal in the JSON protocols.
func notFound(code, message string) answer {
	return answer{status: 400, body: `{"__type":"` + code + `","message":"` + message + `"}`}
}

const replicationInstance = `{"ReplicationInstances":[{
"ReplicationInstanceIdentifier":"lims-migration","ReplicationInstanceArn":"` + migration + `",
"ReplicationInstanceClass":"dms.t3.medium","ReplicationInstanceStatus":"available","AllocatedStorage":100,
"InstanceCreateTime":1793606400.25,"EngineVersion":"3.5.4","AutoMinorVersionUpgrade":true,"MultiAZ":true,
"AvailabilityZone":"eu-central-1a","SecondaryAvailabilityZone":"eu-central-1b","PreferredMaintenanceWindow":"sun:03:00-sun:03:30",
"KmsKeyId":"arn:aws:kms:eu-central-1:111122223333:key/6f2e0c1d-8a47-4a1b-9c53-0d7b1e2f3a45","PubliclyAccessible":false,
"NetworkType":"IPV4","PendingModifiedValues":{},
"ReplicationInstancePrivateIpAddress":"10.30.1.27","ReplicationInstancePrivateIpAddresses":["10.30.1.27","10.30.2.31"],
"ReplicationInstancePublicIpAddresses":[],"ReplicationInstanceIpv6Addresses":[],
"VpcSecurityGroups":[{"VpcSecurityGroupId":"sg-0b4d6f8a1c3e5a7b9","Status":"active"},{"VpcSecurityGroupId":"sg-02468ace13579bdf0","Status":"active"}],
"ReplicationSubnetGroup":{"ReplicationSubnetGroupIdentifier":"lims","ReplicationSubnetGroupDescription":"LIMS",
"VpcId":"vpc-0a1b2c3d4e5f60718","SubnetGroupStatus":"Complete","SupportedNetworkTypes":["IPV4"],"Subnets":[
{"SubnetIdentifier":"subnet-0f1e2d3c4b5a69788","SubnetAvailabilityZone":{"Name":"eu-central-1a"},"SubnetStatus":"Active"},
{"SubnetIdentifier":"subnet-08192a3b4c5d6e7f0","SubnetAvailabilityZone":{"Name":"eu-central-1b"},"SubnetStatus":"Active"}]}}]}`

const emrCluster = `{"Cluster":{
"Id":"j-2XQ7WZ9K4M1NB","ClusterArn":"` + statistics + `","Name":"lims-statistics",
"Status":{"State":"WAITING","StateChangeReason":{"Message":"Cluster ready after last step completed."},
"Timeline":{"CreationDateTime":1793606400.125,"ReadyDateTime":1793606790.5}},
"Ec2InstanceAttributes":{"Ec2SubnetId":"subnet-0f1e2d3c4b5a69788","RequestedEc2SubnetIds":["subnet-0f1e2d3c4b5a69788"],
"Ec2AvailabilityZone":"eu-central-1a","RequestedEc2AvailabilityZones":[],"IamInstanceProfile":"lims-app",
"EmrManagedMasterSecurityGroup":"sg-0b4d6f8a1c3e5a7b9","EmrManagedSlaveSecurityGroup":"sg-02468ace13579bdf0",
"ServiceAccessSecurityGroup":"sg-0fedcba9876543210","AdditionalMasterSecurityGroups":[],"AdditionalSlaveSecurityGroups":[]},
"InstanceCollectionType":"INSTANCE_GROUP","LogUri":"s3n://lims-raw-data/emr/","ReleaseLabel":"emr-7.5.0","AutoTerminate":false,
"TerminationProtected":true,"UnhealthyNodeReplacement":true,"VisibleToAllUsers":true,"ServiceRole":"lims-emr","NormalizedInstanceHours":48,
"SecurityConfiguration":"lims","ScaleDownBehavior":"TERMINATE_AT_TASK_COMPLETION","EbsRootVolumeSize":15,"StepConcurrencyLevel":1,
"OSReleaseLabel":"2023.6.20241010.0","PlacementGroups":[],
"Applications":[{"Name":"Spark","Version":"3.5.2"},{"Name":"Hive","Version":"3.1.3"}],
"Configurations":[{"Classification":"hive-site","Properties":{"javax.jdo.option.ConnectionPassword":"hunter2-metastore"}}],
"KerberosAttributes":{"Realm":"EC2.INTERNAL","KdcAdminPassword":"hunter2-kerberos"},
"Tags":[{"Key":"Name","Value":"lims-statistics"},{"Key":"System","Value":"LIMS"}]}}`

const emrMaster = `{"Instances":[{
"Id":"ci-1A2B3C4D5E6F7","Ec2InstanceId":"i-0a9b8c7d6e5f40312","InstanceGroupId":"ig-3Q8ZKX2W5LMTV","InstanceType":"m5.xlarge","Market":"ON_DEMAND",
"PublicDnsName":"","PrivateDnsName":"ip-10-30-1-44.eu-central-1.compute.internal","PrivateIpAddress":"10.30.1.44",
"EbsVolumes":[{"Device":"/dev/sdb","VolumeId":"vol-0c1d2e3f4a5b60718"},{"Device":"/dev/sdc","VolumeId":"vol-0192a3b4c5d6e7f80"}],
"Status":{"State":"RUNNING","StateChangeReason":{},"Timeline":{"CreationDateTime":1793606410.0,"ReadyDateTime":1793606700.0}}}]}`

const emrClusters = `{"Clusters":[{"Id":"j-2XQ7WZ9K4M1NB","Name":"lims-statistics","ClusterArn":"` + statistics + `",
"Status":{"State":"WAITING","StateChangeReason":{},"Timeline":{"CreationDateTime":1793606400.125}},"NormalizedInstanceHours":48}]}`

// The server shows the defaults whatever was set.
const redshiftParameters = `<DescribeClusterParametersResponse xmlns="http://redshift.amazonaws.com/doc/2012-12-01/"><DescribeClusterParametersResult><Parameters>` +
	`<Parameter><ParameterName>enable_user_activity_logging</ParameterName><ParameterValue>true</ParameterValue>` +
	`<Description>log what users do</Description><Source>user</Source><DataType>boolean</DataType>` +
	`<AllowedValues>true,false</AllowedValues><ApplyType>static</ApplyType><IsModifiable>true</IsModifiable></Parameter>` +
	`<Parameter><ParameterName>require_ssl</ParameterName><ParameterValue>true</ParameterValue>` +
	`<Description>refuse connections without TLS</Description><Source>engine-default</Source><DataType>boolean</DataType>` +
	`<AllowedValues>true,false</AllowedValues><ApplyType>static</ApplyType><IsModifiable>true</IsModifiable></Parameter>` +
	`<Parameter><ParameterName>statement_timeout</ParameterName><ParameterValue>0</ParameterValue>` +
	`<Description>longest run of a statement in milliseconds</Description><Source>engine-default</Source><DataType>integer</DataType>` +
	`<AllowedValues>0,100-2147483647</AllowedValues><ApplyType>static</ApplyType><IsModifiable>true</IsModifiable></Parameter>` +
	`</Parameters></DescribeClusterParametersResult><ResponseMetadata><RequestId>5b1e6f0c-2d3a-4c8b-9e71-0a4f6d2b8c95</RequestId></ResponseMetadata></DescribeClusterParametersResponse>`

const rdsOptionGroups = `<DescribeOptionGroupsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeOptionGroupsResult><OptionGroupsList>` +
	`<OptionGroup><OptionGroupName>lims-mysql</OptionGroupName><OptionGroupDescription>LIMS</OptionGroupDescription><EngineName>mysql</EngineName>` +
	`<MajorEngineVersion>8.0</MajorEngineVersion><AllowsVpcAndNonVpcInstanceMemberships>true</AllowsVpcAndNonVpcInstanceMemberships>` +
	`<OptionGroupArn>arn:aws:rds:eu-central-1:111122223333:og:lims-mysql</OptionGroupArn><Options>` +
	`<Option><OptionName>MARIADB_AUDIT_PLUGIN</OptionName><OptionDescription>records who did what</OptionDescription><Persistent>false</Persistent><Permanent>false</Permanent>` +
	`<OptionSettings><OptionSetting><Name>SERVER_AUDIT_EVENTS</Name><Value>CONNECT,QUERY_DDL</Value><DefaultValue>CONNECT,QUERY</DefaultValue>` +
	`<ApplyType>DYNAMIC</ApplyType><DataType>STRING</DataType><IsModifiable>true</IsModifiable><IsCollection>true</IsCollection></OptionSetting>` +
	`<OptionSetting><Name>SERVER_AUDIT_FILE_ROTATIONS</Name><Value>30</Value><DefaultValue>9</DefaultValue>` +
	`<ApplyType>DYNAMIC</ApplyType><DataType>INTEGER</DataType><IsModifiable>true</IsModifiable><IsCollection>false</IsCollection></OptionSetting></OptionSettings>` +
	`<VpcSecurityGroupMemberships/><DBSecurityGroupMemberships/></Option>` +
	`<Option><OptionName>MEMCACHED</OptionName><OptionDescription>tables as a cache</OptionDescription><Port>11211</Port><Persistent>false</Persistent><Permanent>false</Permanent>` +
	`<OptionSettings/><VpcSecurityGroupMemberships><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-0b4d6f8a1c3e5a7b9</VpcSecurityGroupId><Status>active</Status>` +
	`</VpcSecurityGroupMembership></VpcSecurityGroupMemberships><DBSecurityGroupMemberships/></Option>` +
	`</Options></OptionGroup></OptionGroupsList></DescribeOptionGroupsResult>` +
	`<ResponseMetadata><RequestId>7e2f1a0b-9c8d-4e7f-a6b5-c4d3e2f1a0b9</RequestId></ResponseMetadata></DescribeOptionGroupsResponse>`
