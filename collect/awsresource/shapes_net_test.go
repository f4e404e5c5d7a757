package awsresource_test

import (
	"maps"

	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	maps.Copy(shapes, map[string]map[string]any{
		"AWS::AutoScaling::AutoScalingGroup":    {"": autoscalingtypes.AutoScalingGroup{}},
		"AWS::AutoScaling::LaunchConfiguration": {"": autoscalingtypes.LaunchConfiguration{}},
		"AWS::EC2::EIP":                         {"": ec2types.Address{}},
		"AWS::EC2::FlowLog":                     {"": ec2types.FlowLog{}},
		"AWS::EC2::Image":                       {"": ec2types.Image{}, "LaunchPermissions": []ec2types.LaunchPermission{}},
		"AWS::EC2::InternetGateway":             {"": ec2types.InternetGateway{}},
		"AWS::EC2::KeyPair":                     {"": ec2types.KeyPairInfo{}},
		"AWS::EC2::LaunchTemplate": {
			"": ec2types.LaunchTemplate{}, "DefaultVersion": ec2types.LaunchTemplateVersion{}, "LatestVersion": ec2types.LaunchTemplateVersion{},
		},
		"AWS::EC2::NatGateway":           {"": ec2types.NatGateway{}},
		"AWS::EC2::NetworkAcl":           {"": ec2types.NetworkAcl{}},
		"AWS::EC2::NetworkInterface":     {"": ec2types.NetworkInterface{}},
		"AWS::EC2::RouteTable":           {"": ec2types.RouteTable{}},
		"AWS::EC2::Snapshot":             {"": ec2types.Snapshot{}, "CreateVolumePermissions": []ec2types.CreateVolumePermission{}, "Lock": ec2types.LockedSnapshotsInfo{}},
		"AWS::EC2::TransitGateway":       {"": ec2types.TransitGateway{}},
		"AWS::EC2::VPCEndpoint":          {"": ec2types.VpcEndpoint{}},
		"AWS::EC2::VPCPeeringConnection": {"": ec2types.VpcPeeringConnection{}},
		"AWS::EC2::VPNConnection":        {"": ec2types.VpnConnection{}},
	})
	shapes["AWS::EC2::Instance"]["ManagedInstance"] = ssmtypes.InstanceInformation{}
	shapes["AWS::EC2::SecurityGroup"]["NetworkInterfaces"] = []string{}
}
