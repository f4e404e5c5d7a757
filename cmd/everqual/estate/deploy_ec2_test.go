package estate_test

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/everqual/everqual/cmd/everqual/estate"
)

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func ec2Tags(kind types.ResourceType, tags [][2]string) []types.TagSpecification {
	return []types.TagSpecification{{
		ResourceType: kind, Tags: asTags(tags, func(k, v *string) types.Tag { return types.Tag{Key: k, Value: v} }),
	}}
}

// shownTags are tags as CloudTrail shows those of EC2.
func shownTags(tags [][2]string) []any {
	return asTags(tags, func(k, v *string) any { return m{"key": *k, "value": *v} })
}

func shownSpecification(kind string, tags [][2]string) m {
	return items(m{"resourceType": kind, "tags": shownTags(tags)})
}

func (s *story) deployNetwork() {
	c := ec2.NewFromConfig(s.cfg)
	tags := tagged("lims", "network")
	vpc := must(c.CreateVpc(s.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.20.0.0/16"), TagSpecifications: ec2Tags("vpc", tags)}))(s).Vpc
	s.tell(pipeline, change{service: "ec2", name: "CreateVpc", request: m{
		"cidrBlock": "10.20.0.0/16", "instanceTenancy": "default", "amazonProvidedIpv6CidrBlock": false, "tagSpecificationSet": shownSpecification("vpc", tags),
	}, response: m{"vpc": m{
		"vpcId": *vpc.VpcId, "state": "pending", "ownerId": estate.Account, "cidrBlock": "10.20.0.0/16", "dhcpOptionsId": "default", "instanceTenancy": "default",
		"cidrBlockAssociationSet":     items(m{"cidrBlock": "10.20.0.0/16", "associationId": *vpc.CidrBlockAssociationSet[0].AssociationId, "cidrBlockState": m{"state": "associated"}}),
		"ipv6CidrBlockAssociationSet": m{}, "tagSet": items(shownTags(tags)...), "isDefault": false,
	}}})
	s.touched("AWS::EC2::VPC", estate.Region, arn("ec2", "vpc/"+*vpc.VpcId))
	must(c.ModifyVpcAttribute(s.ctx, &ec2.ModifyVpcAttributeInput{VpcId: vpc.VpcId, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}}))(s)
	s.tell(pipeline, change{service: "ec2", name: "ModifyVpcAttribute", request: m{"vpcId": *vpc.VpcId, "enableDnsHostnames": m{"value": true}}, response: m{"_return": true}})

	app := s.subnet(c, *vpc.VpcId, "lims-app", "app", "10.20.1.0/24", "a")
	db := []string{s.subnet(c, *vpc.VpcId, "lims-db-a", "db", "10.20.11.0/24", "a"), s.subnet(c, *vpc.VpcId, "lims-db-b", "db", "10.20.12.0/24", "b")}
	s.appGroup = s.group(c, *vpc.VpcId, "lims-app", "app", "LIMS application servers")
	s.dbGroup = s.group(c, *vpc.VpcId, "lims-db", "db", "LIMS database")
	s.allow(pipeline, s.appGroup, 443, "10.0.0.0/8", "plant network")
	s.allow(pipeline, s.dbGroup, 5432, "10.20.1.0/24", "application servers")
	s.appSubnet = app

	input := &rds.CreateDBSubnetGroupInput{
		DBSubnetGroupName: aws.String("lims-db"), DBSubnetGroupDescription: aws.String("LIMS database"), SubnetIds: db,
		Tags: asTags(tagged("lims-db", "db"), func(k, v *string) rdstypes.Tag { return rdstypes.Tag{Key: k, Value: v} }),
	}
	out := must(rds.NewFromConfig(s.cfg).CreateDBSubnetGroup(s.ctx, input))(s)
	s.tell(pipeline, change{service: "rds", name: "CreateDBSubnetGroup", request: input, response: out.DBSubnetGroup})
}

func (s *story) subnet(c *ec2.Client, vpc, name, role, cidr, zone string) string {
	tags := tagged(name, role)
	subnet := must(c.CreateSubnet(s.ctx, &ec2.CreateSubnetInput{
		VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: aws.String(estate.Region + zone), TagSpecifications: ec2Tags("subnet", tags),
	}))(s).Subnet
	s.tell(pipeline, change{service: "ec2", name: "CreateSubnet", request: m{
		"vpcId": vpc, "cidrBlock": cidr, "availabilityZone": estate.Region + zone, "tagSpecificationSet": shownSpecification("subnet", tags),
	}, response: m{"subnet": m{
		"subnetId": *subnet.SubnetId, "subnetArn": arn("ec2", "subnet/"+*subnet.SubnetId), "state": "available", "vpcId": vpc, "ownerId": estate.Account,
		"cidrBlock": cidr, "availabilityZone": estate.Region + zone, "availableIpAddressCount": 251, "defaultForAz": false, "mapPublicIpOnLaunch": false,
		"tagSet": items(shownTags(tags)...),
	}}})
	s.touched("AWS::EC2::Subnet", estate.Region, arn("ec2", "subnet/"+*subnet.SubnetId))
	return *subnet.SubnetId
}

func (s *story) group(c *ec2.Client, vpc, name, role, description string) string {
	tags := tagged(name, role)
	group := must(c.CreateSecurityGroup(s.ctx, &ec2.CreateSecurityGroupInput{
		VpcId: &vpc, GroupName: &name, Description: &description, TagSpecifications: ec2Tags("security-group", tags),
	}))(s)
	s.tell(pipeline, change{service: "ec2", name: "CreateSecurityGroup", request: m{
		"groupName": name, "groupDescription": description, "vpcId": vpc, "tagSpecificationSet": shownSpecification("security-group", tags),
	}, response: m{"_return": true, "groupId": *group.GroupId, "tagSet": items(shownTags(tags)...)}})
	s.touched("AWS::EC2::SecurityGroup", estate.Region, arn("ec2", "security-group/"+*group.GroupId))
	return *group.GroupId
}

// allow opens a port of a group to an address range.
func (s *story) allow(by actor, group string, port int32, cidr, description string) {
	out := must(ec2.NewFromConfig(s.cfg).AuthorizeSecurityGroupIngress(s.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &group, IpPermissions: []types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: &cidr, Description: &description}},
		}},
	}))(s)
	s.tell(by, change{service: "ec2", name: "AuthorizeSecurityGroupIngress", request: m{"groupId": group, "ipPermissions": items(m{
		"ipProtocol": "tcp", "fromPort": port, "toPort": port, "groups": m{}, "ipRanges": items(m{"cidrIp": cidr, "description": description}), "ipv6Ranges": m{}, "prefixListIds": m{},
	})}, response: m{"_return": true, "securityGroupRuleSet": items(m{
		"groupOwnerId": estate.Account, "groupId": group, "securityGroupRuleId": *out.SecurityGroupRules[0].SecurityGroupRuleId, "isEgress": false,
		"ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": cidr, "description": description,
	})}})
}

func (s *story) deployServers() {
	c := ec2.NewFromConfig(s.cfg)
	image := *must(c.DescribeImages(s.ctx, &ec2.DescribeImagesInput{
		Filters: []types.Filter{{Name: aws.String("name"), Values: []string{"amzn2-ami-*"}}},
	}))(s).Images[0].ImageId
	for n := 1; n <= 2; n++ {
		name := fmt.Sprintf("lims-app-%d", n)
		id := s.run(c, image, name)
		s.servers = append(s.servers, id)
		s.touched("AWS::EC2::Instance", estate.Region, arn("ec2", "instance/"+id))
		must(c.ModifyInstanceAttribute(s.ctx, &ec2.ModifyInstanceAttributeInput{
			InstanceId: &id, DisableApiTermination: &types.AttributeBooleanValue{Value: aws.Bool(true)},
		}))(s)
		s.tell(pipeline, change{service: "ec2", name: "ModifyInstanceAttribute", request: m{
			"instanceId": id, "disableApiTermination": m{"value": true},
		}, response: m{"_return": true}})
		s.volume(c, id, name)
	}
}

func (s *story) run(c *ec2.Client, image, name string) string {
	tags, token := tagged(name, "app"), guid("token", s.told)
	out := must(c.RunInstances(s.ctx, &ec2.RunInstancesInput{
		ImageId: &image, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: "m5.large", ClientToken: &token, EbsOptimized: aws.Bool(true),
		SubnetId: &s.appSubnet, SecurityGroupIds: []string{s.appGroup}, UserData: aws.String("IyEvYmluL3NoCmluc3RhbGwtbGltcyAtLXRva2VuIG5vdC10aGUtcmVhbC1vbmUtNDcxMQo="),
		IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: aws.String("lims-app")},
		MetadataOptions:    &types.InstanceMetadataOptionsRequest{HttpTokens: "required", HttpEndpoint: "enabled", HttpPutResponseHopLimit: aws.Int32(1)},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{
			VolumeSize: aws.Int32(30), VolumeType: "gp3", Encrypted: aws.Bool(true), KmsKeyId: &s.key, DeleteOnTermination: aws.Bool(true),
		}}},
		TagSpecifications: append(ec2Tags("instance", tags), ec2Tags("volume", tags)...),
	}))(s)
	instance := out.Instances[0]
	s.tell(pipeline, change{service: "ec2", name: "RunInstances", request: m{
		"instancesSet": items(m{"imageId": image, "minCount": 1, "maxCount": 1}), "instanceType": "m5.large", "clientToken": token, "ebsOptimized": true,
		"userData": "<sensitiveDataRemoved>", "groupSet": items(m{"groupId": s.appGroup}), "subnetId": s.appSubnet, "monitoring": m{"enabled": false},
		"disableApiTermination": false, "iamInstanceProfile": m{"name": "lims-app"},
		"metadataOptions": m{"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
		"blockDeviceMapping": items(m{"deviceName": "/dev/xvda", "ebs": m{
			"volumeSize": 30, "volumeType": "gp3", "encrypted": true, "kmsKeyId": s.key, "deleteOnTermination": true,
		}}),
		"tagSpecificationSet": items(m{"resourceType": "instance", "tags": shownTags(tags)}, m{"resourceType": "volume", "tags": shownTags(tags)}),
	}, response: m{
		"reservationId": *out.ReservationId, "ownerId": estate.Account, "groupSet": m{}, "instancesSet": items(m{
			"instanceId": *instance.InstanceId, "imageId": image, "instanceState": m{"code": 0, "name": "pending"}, "instanceType": "m5.large", "amiLaunchIndex": 0,
			"launchTime": s.now.UnixMilli(), "placement": m{"availabilityZone": estate.Region + "a", "tenancy": "default"}, "monitoring": m{"state": "disabled"},
			"subnetId": s.appSubnet, "vpcId": *instance.VpcId, "privateIpAddress": *instance.PrivateIpAddress, "architecture": "x86_64", "rootDeviceType": "ebs",
			"groupSet": items(m{"groupId": s.appGroup, "groupName": "lims-app"}), "clientToken": token, "ebsOptimized": true, "tagSet": items(shownTags(tags)...),
		}),
	}})
	return *instance.InstanceId
}

// volume gives a server its data volume.
func (s *story) volume(c *ec2.Client, instance, name string) {
	tags, zone := tagged(name+"-data", "app"), estate.Region+"a"
	volume := must(c.CreateVolume(s.ctx, &ec2.CreateVolumeInput{
		AvailabilityZone: &zone, Size: aws.Int32(200), VolumeType: "gp3", Encrypted: aws.Bool(true), KmsKeyId: &s.key, TagSpecifications: ec2Tags("volume", tags),
	}))(s)
	s.tell(pipeline, change{service: "ec2", name: "CreateVolume", request: m{
		"size": "200", "zone": zone, "volumeType": "gp3", "encrypted": true, "kmsKeyId": s.key, "clientToken": guid("token", s.told), "tagSpecificationSet": shownSpecification("volume", tags),
	}, response: m{
		"volumeId": *volume.VolumeId, "size": "200", "zone": zone, "status": "creating", "createTime": s.now.UnixMilli(), "volumeType": "gp3", "iops": 3000,
		"encrypted": true, "kmsKeyId": s.key, "tagSet": items(shownTags(tags)...), "multiAttachEnabled": false,
	}})
	s.touched("AWS::EC2::Volume", estate.Region, arn("ec2", "volume/"+*volume.VolumeId))
	must(c.AttachVolume(s.ctx, &ec2.AttachVolumeInput{VolumeId: volume.VolumeId, InstanceId: &instance, Device: aws.String("/dev/sdf")}))(s)
	s.tell(pipeline, change{service: "ec2", name: "AttachVolume", request: m{
		"volumeId": *volume.VolumeId, "instanceId": instance, "device": "/dev/sdf", "deleteOnTermination": false,
	}, response: m{"volumeId": *volume.VolumeId, "instanceId": instance, "device": "/dev/sdf", "status": "attaching", "attachTime": s.now.UnixMilli(), "deleteOnTermination": false}})
}
