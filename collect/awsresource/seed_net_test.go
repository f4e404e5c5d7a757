package awsresource_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// plant is the network of a second site. It stands by itself, so that what is
// seeded besides stays as it is.
type plant struct {
	*seeder
	c                        *ec2.Client
	vpc, subnet, group, zone *string
}

func seedNetwork(s *seeder) {
	p := plant{seeder: s, c: ec2.NewFromConfig(s.cfg)}
	p.network()
	p.gateways()
	p.routes()
	p.filters()
	p.interfaces()
	p.connections()
	p.templates()
	p.images()
	s.add("AWS::EC2::VPNConnection", s.arn("ec2", "vpn-connection/"+seededVPN))
	p.scaling()
}

// limsTags are what everything here carries.
func limsTags(name string) []ec2types.Tag {
	return []ec2types.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}, {Key: aws.String("Name"), Value: &name}}
}

func tagged(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: limsTags(name)}}
}

// addEC2 keeps a resource by its id.
func (p *plant) addEC2(kind, prefix string, id *string) {
	p.add("AWS::EC2::"+kind, p.arn("ec2", prefix+"/"+*id))
}

func (p *plant) network() {
	t := p.TB
	vpc := must[*ec2.CreateVpcOutput](t)(p.c.CreateVpc(p.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.30.0.0/16"), TagSpecifications: tagged("vpc", "lims-plant")}))
	p.vpc, p.zone = vpc.Vpc.VpcId, aws.String("eu-central-1a")
	subnet := must[*ec2.CreateSubnetOutput](t)(p.c.CreateSubnet(p.ctx, &ec2.CreateSubnetInput{
		VpcId: p.vpc, CidrBlock: aws.String("10.30.1.0/24"), AvailabilityZone: p.zone, TagSpecifications: tagged("subnet", "lims-plant"),
	}))
	p.subnet = subnet.Subnet.SubnetId
	group := must[*ec2.CreateSecurityGroupOutput](t)(p.c.CreateSecurityGroup(p.ctx, &ec2.CreateSecurityGroupInput{
		VpcId: p.vpc, GroupName: aws.String("lims-plant"), Description: aws.String("Instruments of the plant"), TagSpecifications: tagged("security-group", "lims-plant"),
	}))
	p.group = group.GroupId
}

func (p *plant) gateways() {
	t := p.TB
	gateway := must[*ec2.CreateInternetGatewayOutput](t)(p.c.CreateInternetGateway(p.ctx, &ec2.CreateInternetGatewayInput{
		TagSpecifications: tagged("internet-gateway", "lims-plant"),
	})).InternetGateway
	must[*ec2.AttachInternetGatewayOutput](t)(p.c.AttachInternetGateway(p.ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGatewayId, VpcId: p.vpc}))
	p.addEC2("InternetGateway", "internet-gateway", gateway.InternetGatewayId)
	address := must[*ec2.AllocateAddressOutput](t)(p.c.AllocateAddress(p.ctx, &ec2.AllocateAddressInput{Domain: "vpc", TagSpecifications: tagged("elastic-ip", "lims-plant-nat")}))
	nat := must[*ec2.CreateNatGatewayOutput](t)(p.c.CreateNatGateway(p.ctx, &ec2.CreateNatGatewayInput{
		SubnetId: p.subnet, AllocationId: address.AllocationId, ConnectivityType: "public", TagSpecifications: tagged("natgateway", "lims-plant"),
	}))
	p.addEC2("NatGateway", "natgateway", nat.NatGateway.NatGatewayId)
	transit := must[*ec2.CreateTransitGatewayOutput](t)(p.c.CreateTransitGateway(p.ctx, &ec2.CreateTransitGatewayInput{
		Description: aws.String("LIMS sites"), TagSpecifications: tagged("transit-gateway", "lims"),
		Options: &ec2types.TransitGatewayRequestOptions{AutoAcceptSharedAttachments: "disable", DnsSupport: "enable", VpnEcmpSupport: "enable", DefaultRouteTableAssociation: "enable"},
	}))
	p.addEC2("TransitGateway", "transit-gateway", transit.TransitGateway.TransitGatewayId)
}

func (p *plant) routes() {
	t := p.TB
	table := must[*ec2.CreateRouteTableOutput](t)(p.c.CreateRouteTable(p.ctx, &ec2.CreateRouteTableInput{VpcId: p.vpc, TagSpecifications: tagged("route-table", "lims-plant")})).RouteTable
	must[*ec2.AssociateRouteTableOutput](t)(p.c.AssociateRouteTable(p.ctx, &ec2.AssociateRouteTableInput{RouteTableId: table.RouteTableId, SubnetId: p.subnet}))
	remote := must[*ec2.CreateVpnGatewayOutput](t)(p.c.CreateVpnGateway(p.ctx, &ec2.CreateVpnGatewayInput{Type: "ipsec.1"})).VpnGateway
	must[*ec2.CreateRouteOutput](t)(p.c.CreateRoute(p.ctx, &ec2.CreateRouteInput{
		RouteTableId: table.RouteTableId, DestinationCidrBlock: aws.String("10.10.0.0/16"), GatewayId: remote.VpnGatewayId,
	}))
	p.addEC2("RouteTable", "route-table", table.RouteTableId)
	endpoint := must[*ec2.CreateVpcEndpointOutput](t)(p.c.CreateVpcEndpoint(p.ctx, &ec2.CreateVpcEndpointInput{
		VpcId: p.vpc, ServiceName: aws.String("com.amazonaws.eu-central-1.s3"), VpcEndpointType: "Interface",
		SubnetIds: []string{*p.subnet}, SecurityGroupIds: []string{*p.group},
		PolicyDocument:    aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::lims-raw-data/*"}]}`),
		TagSpecifications: tagged("vpc-endpoint", "lims-raw-data"),
	})).VpcEndpoint
	p.addEC2("VPCEndpoint", "vpc-endpoint", endpoint.VpcEndpointId)
}

func (p *plant) filters() {
	t := p.TB
	acl := must[*ec2.CreateNetworkAclOutput](t)(p.c.CreateNetworkAcl(p.ctx, &ec2.CreateNetworkAclInput{VpcId: p.vpc, TagSpecifications: tagged("network-acl", "lims-plant")})).NetworkAcl
	must[*ec2.CreateNetworkAclEntryOutput](t)(p.c.CreateNetworkAclEntry(p.ctx, &ec2.CreateNetworkAclEntryInput{
		NetworkAclId: acl.NetworkAclId, RuleNumber: aws.Int32(100), Egress: aws.Bool(false), Protocol: aws.String("6"), RuleAction: "allow",
		CidrBlock: aws.String("10.10.0.0/16"), PortRange: &ec2types.PortRange{From: aws.Int32(443), To: aws.Int32(443)},
	}))
	inVPC := []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{*p.vpc}}, {Name: aws.String("default"), Values: []string{"true"}}}
	first := must[*ec2.DescribeNetworkAclsOutput](t)(p.c.DescribeNetworkAcls(p.ctx, &ec2.DescribeNetworkAclsInput{Filters: inVPC})).NetworkAcls[0]
	must[*ec2.ReplaceNetworkAclAssociationOutput](t)(p.c.ReplaceNetworkAclAssociation(p.ctx, &ec2.ReplaceNetworkAclAssociationInput{
		AssociationId: first.Associations[0].NetworkAclAssociationId, NetworkAclId: acl.NetworkAclId,
	}))
	p.addEC2("NetworkAcl", "network-acl", acl.NetworkAclId)
	group := aws.String("/lims/flow-logs")
	must[*cloudwatchlogs.CreateLogGroupOutput](t)(cloudwatchlogs.NewFromConfig(p.cfg).CreateLogGroup(p.ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group}))
	logs := must[*ec2.CreateFlowLogsOutput](t)(p.c.CreateFlowLogs(p.ctx, &ec2.CreateFlowLogsInput{
		ResourceType: "VPC", ResourceIds: []string{*p.vpc}, TrafficType: "ALL", LogDestinationType: "cloud-watch-logs", LogGroupName: group,
		DeliverLogsPermissionArn: aws.String("arn:aws:iam::111122223333:role/lims/lims-app"), MaxAggregationInterval: aws.Int32(60),
		TagSpecifications: tagged("vpc-flow-log", "lims-plant"),
	}))
	p.addEC2("FlowLog", "vpc-flow-log", &logs.FlowLogIds[0])
}

func (p *plant) interfaces() {
	t := p.TB
	face := must[*ec2.CreateNetworkInterfaceOutput](t)(p.c.CreateNetworkInterface(p.ctx, &ec2.CreateNetworkInterfaceInput{
		SubnetId: p.subnet, Groups: []string{*p.group}, Description: aws.String("Instrument gateway"), PrivateIpAddress: aws.String("10.30.1.10"),
		TagSpecifications: tagged("network-interface", "lims-instruments"),
	})).NetworkInterface
	p.addEC2("NetworkInterface", "network-interface", face.NetworkInterfaceId)
	address := must[*ec2.AllocateAddressOutput](t)(p.c.AllocateAddress(p.ctx, &ec2.AllocateAddressInput{Domain: "vpc", TagSpecifications: tagged("elastic-ip", "lims-instruments")}))
	must[*ec2.AssociateAddressOutput](t)(p.c.AssociateAddress(p.ctx, &ec2.AssociateAddressInput{AllocationId: address.AllocationId, NetworkInterfaceId: face.NetworkInterfaceId}))
	p.addEC2("EIP", "elastic-ip", address.AllocationId)
}

func (p *plant) connections() {
	t := p.TB
	other := must[*ec2.CreateVpcOutput](t)(p.c.CreateVpc(p.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.40.0.0/16")})).Vpc
	peering := must[*ec2.CreateVpcPeeringConnectionOutput](t)(p.c.CreateVpcPeeringConnection(p.ctx, &ec2.CreateVpcPeeringConnectionInput{
		VpcId: p.vpc, PeerVpcId: other.VpcId, TagSpecifications: tagged("vpc-peering-connection", "lims-plant"),
	})).VpcPeeringConnection
	must[*ec2.AcceptVpcPeeringConnectionOutput](t)(p.c.AcceptVpcPeeringConnection(p.ctx, &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: peering.VpcPeeringConnectionId}))
	p.addEC2("VPCPeeringConnection", "vpc-peering-connection", peering.VpcPeeringConnectionId)
	// A key that is made here would be another one every time.
	pair := must[*ec2.ImportKeyPairOutput](t)(p.c.ImportKeyPair(p.ctx, &ec2.ImportKeyPairInput{
		KeyName: aws.String("lims-break-glass"), PublicKeyMaterial: []byte(publicKey), TagSpecifications: tagged("key-pair", "lims-break-glass"),
	}))
	p.addEC2("KeyPair", "key-pair", pair.KeyPairId)
}

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEV2ZXJxdWFsVGVzdHNQdWJsaWNLZXlOb3RGb3JVc2Uh lims"

func (p *plant) templates() {
	t := p.TB
	data := func(size ec2types.InstanceType) *ec2types.RequestLaunchTemplateData {
		return &ec2types.RequestLaunchTemplateData{
			ImageId: p.image(), InstanceType: size, UserData: aws.String(secretUserData), EbsOptimized: aws.Bool(true),
			MetadataOptions:     &ec2types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: "required", HttpEndpoint: "enabled"},
			SecurityGroupIds:    []string{*p.group},
			BlockDeviceMappings: []ec2types.LaunchTemplateBlockDeviceMappingRequest{{DeviceName: aws.String("/dev/xvda"), Ebs: &ec2types.LaunchTemplateEbsBlockDeviceRequest{Encrypted: aws.Bool(true), VolumeSize: aws.Int32(20)}}},
		}
	}
	template := must[*ec2.CreateLaunchTemplateOutput](t)(p.c.CreateLaunchTemplate(p.ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String("lims-worker"), VersionDescription: aws.String("validated"), LaunchTemplateData: data("m5.large"),
		TagSpecifications: tagged("launch-template", "lims-worker"),
	})).LaunchTemplate
	must[*ec2.CreateLaunchTemplateVersionOutput](t)(p.c.CreateLaunchTemplateVersion(p.ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: template.LaunchTemplateId, VersionDescription: aws.String("larger, not validated"), LaunchTemplateData: data("m5.xlarge"),
	}))
	p.addEC2("LaunchTemplate", "launch-template", template.LaunchTemplateId)
}

func (p *plant) image() *string {
	return must[*ec2.DescribeImagesOutput](p.TB)(p.c.DescribeImages(p.ctx, &ec2.DescribeImagesInput{
		Filters: []ec2types.Filter{{Name: aws.String("name"), Values: []string{"amzn2-ami-*"}}},
	})).Images[0].ImageId
}

func (p *plant) images() {
	t := p.TB
	volume := must[*ec2.CreateVolumeOutput](t)(p.c.CreateVolume(p.ctx, &ec2.CreateVolumeInput{AvailabilityZone: p.zone, Size: aws.Int32(40), VolumeType: "gp3", Encrypted: aws.Bool(true)}))
	snapshot := must[*ec2.CreateSnapshotOutput](t)(p.c.CreateSnapshot(p.ctx, &ec2.CreateSnapshotInput{
		VolumeId: volume.VolumeId, Description: aws.String("LIMS before the migration"), TagSpecifications: tagged("snapshot", "lims-migration"),
	}))
	must[*ec2.ModifySnapshotAttributeOutput](t)(p.c.ModifySnapshotAttribute(p.ctx, &ec2.ModifySnapshotAttributeInput{
		SnapshotId: snapshot.SnapshotId, Attribute: "createVolumePermission", OperationType: "add", UserIds: []string{"444455556666"},
	}))
	p.addEC2("Snapshot", "snapshot", snapshot.SnapshotId)
	image := must[*ec2.RegisterImageOutput](t)(p.c.RegisterImage(p.ctx, &ec2.RegisterImageInput{
		Name: aws.String("lims-worker-1.4"), Description: aws.String("LIMS worker, validated"), RootDeviceName: aws.String("/dev/xvda"),
	}))
	must[*ec2.CreateTagsOutput](t)(p.c.CreateTags(p.ctx, &ec2.CreateTagsInput{Resources: []string{*image.ImageId}, Tags: limsTags("lims-worker")}))
	must[*ec2.ModifyImageAttributeOutput](t)(p.c.ModifyImageAttribute(p.ctx, &ec2.ModifyImageAttributeInput{
		ImageId: image.ImageId, LaunchPermission: &ec2types.LaunchPermissionModifications{Add: []ec2types.LaunchPermission{{UserId: aws.String("444455556666")}}},
	}))
	p.addEC2("Image", "image", image.ImageId)
}

func (p *plant) scaling() {
	t, c := p.TB, autoscaling.NewFromConfig(p.cfg)
	name := aws.String("lims-worker")
	must[*autoscaling.CreateLaunchConfigurationOutput](t)(c.CreateLaunchConfiguration(p.ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: name, ImageId: p.image(), InstanceType: aws.String("m5.large"), UserData: aws.String(secretUserData),
		AssociatePublicIpAddress: aws.Bool(false), SecurityGroups: []string{*p.group}, EbsOptimized: aws.Bool(true),
		InstanceMonitoring: &autoscalingtypes.InstanceMonitoring{Enabled: aws.Bool(true)},
		MetadataOptions:    &autoscalingtypes.InstanceMetadataOptions{HttpTokens: "required", HttpEndpoint: "enabled"},
	}))
	p.add("AWS::AutoScaling::LaunchConfiguration", p.arn("autoscaling", "launchConfiguration:*:launchConfigurationName/lims-worker"))
	must[*autoscaling.CreateAutoScalingGroupOutput](t)(c.CreateAutoScalingGroup(p.ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: name, LaunchConfigurationName: name, MinSize: aws.Int32(1), MaxSize: aws.Int32(3), DesiredCapacity: aws.Int32(1),
		VPCZoneIdentifier: p.subnet, HealthCheckType: aws.String("ELB"), HealthCheckGracePeriod: aws.Int32(300), NewInstancesProtectedFromScaleIn: aws.Bool(true),
		Tags: []autoscalingtypes.Tag{
			{Key: aws.String("System"), Value: aws.String("LIMS"), PropagateAtLaunch: aws.Bool(true), ResourceId: name, ResourceType: aws.String("auto-scaling-group")},
		},
	}))
	p.add("AWS::AutoScaling::AutoScalingGroup", p.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/lims-worker"))
}
