package awsresource_test

import (
	"maps"
	"strings"
)

const migration = "arn:aws:dms:eu-central-1:111122223333:rep:K7MZQW3VXH2BNJ5RTAY6LDPFCE"

func init() {
	maps.Copy(fixtures, map[string]func(string) answer{
		"dms:DescribeReplicationInstances": func(parameters string) answer {
			if strings.Contains(parameters, "Filters") && !strings.Contains(parameters, migration) {
				return notFound("ResourceNotFoundFault", "No Replication Instance found matching this specification.")
			}
			return answer{status: 200, body: replicationInstance}
		},
		"dms:ListTagsForResource": fixed(`{"TagList":[{"Key":"Name","Value":"lims-migration"},{"Key":"System","Value":"LIMS"}]}`),
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
