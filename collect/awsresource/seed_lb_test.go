package awsresource_test

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apigatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	apigatewayv2types "github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cloudfronttypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbv2types "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	wafv2types "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// front is the network in which load balancers and containers of the tests are.
type front struct {
	*seeder
	vpc, group, certificate string
	subnets                 []string
}

func seedFront(s *seeder) {
	f := &front{seeder: s}
	f.network()
	f.classicBalancer()
	f.balancer()
	f.restAPI()
	f.api()
	f.firewall()
	f.repository()
	f.containers()
	f.kubernetes()
	f.distribution()
	f.queue()
}

func (f *front) network() {
	t, c := f.TB, ec2.NewFromConfig(f.cfg)
	f.vpc = *must[*ec2.CreateVpcOutput](t)(c.CreateVpc(f.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.40.0.0/16")})).Vpc.VpcId
	for i, cidr := range []string{"10.40.1.0/24", "10.40.2.0/24"} {
		out := must[*ec2.CreateSubnetOutput](t)(c.CreateSubnet(f.ctx, &ec2.CreateSubnetInput{
			VpcId: &f.vpc, CidrBlock: &cidr, AvailabilityZone: aws.String("eu-central-1" + string(rune('a'+i))),
		}))
		f.subnets = append(f.subnets, *out.Subnet.SubnetId)
	}
	f.group = *must[*ec2.CreateSecurityGroupOutput](t)(c.CreateSecurityGroup(f.ctx, &ec2.CreateSecurityGroupInput{
		VpcId: &f.vpc, GroupName: aws.String("lims-front"), Description: aws.String("LIMS front end"),
	})).GroupId
	must[*ec2.AuthorizeSecurityGroupIngressOutput](t)(c.AuthorizeSecurityGroupIngress(f.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &f.group, IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
			IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}},
		}},
	}))
	f.certificate = *must[*acm.RequestCertificateOutput](t)(acm.NewFromConfig(f.cfg).RequestCertificate(f.ctx, &acm.RequestCertificateInput{
		DomainName: aws.String("lims.example.com"),
	})).CertificateArn
}

func (f *front) classicBalancer() {
	t, c, name := f.TB, elb.NewFromConfig(f.cfg), aws.String("lims-gateway")
	must[*elb.CreateLoadBalancerOutput](t)(c.CreateLoadBalancer(f.ctx, &elb.CreateLoadBalancerInput{
		LoadBalancerName: name, Scheme: aws.String("internal"), Subnets: f.subnets, SecurityGroups: []string{f.group},
		Listeners: []elbtypes.Listener{{
			Protocol: aws.String("HTTPS"), LoadBalancerPort: 443, InstanceProtocol: aws.String("HTTPS"), InstancePort: aws.Int32(8443),
			SSLCertificateId: &f.certificate,
		}, {
			Protocol: aws.String("SSL"), LoadBalancerPort: 2575, InstanceProtocol: aws.String("SSL"), InstancePort: aws.Int32(2575),
			SSLCertificateId: &f.certificate,
		}},
		Tags: []elbtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	}))
	must[*elb.ModifyLoadBalancerAttributesOutput](t)(c.ModifyLoadBalancerAttributes(f.ctx, &elb.ModifyLoadBalancerAttributesInput{
		LoadBalancerName: name, LoadBalancerAttributes: &elbtypes.LoadBalancerAttributes{
			CrossZoneLoadBalancing: &elbtypes.CrossZoneLoadBalancing{Enabled: true},
			AccessLog: &elbtypes.AccessLog{
				Enabled: true, S3BucketName: aws.String("lims-access-logs"), S3BucketPrefix: aws.String("classic"), EmitInterval: aws.Int32(60),
			},
			ConnectionDraining: &elbtypes.ConnectionDraining{Enabled: true, Timeout: aws.Int32(300)},
		},
	}))
	must[*elb.ConfigureHealthCheckOutput](t)(c.ConfigureHealthCheck(f.ctx, &elb.ConfigureHealthCheckInput{
		LoadBalancerName: name, HealthCheck: &elbtypes.HealthCheck{
			Target: aws.String("HTTPS:8443/health"), Interval: aws.Int32(30), Timeout: aws.Int32(5),
			HealthyThreshold: aws.Int32(2), UnhealthyThreshold: aws.Int32(3),
		},
	}))
	must[*elb.CreateLoadBalancerPolicyOutput](t)(c.CreateLoadBalancerPolicy(f.ctx, &elb.CreateLoadBalancerPolicyInput{
		LoadBalancerName: name, PolicyName: aws.String("tls-1-2"), PolicyTypeName: aws.String("SSLNegotiationPolicyType"),
		PolicyAttributes: []elbtypes.PolicyAttribute{{
			AttributeName: aws.String("Reference-Security-Policy"), AttributeValue: aws.String("ELBSecurityPolicy-TLS-1-2-2017-01"),
		}},
	}))
	must[*elb.SetLoadBalancerPoliciesOfListenerOutput](t)(c.SetLoadBalancerPoliciesOfListener(f.ctx, &elb.SetLoadBalancerPoliciesOfListenerInput{
		LoadBalancerName: name, LoadBalancerPort: 443, PolicyNames: []string{"tls-1-2"},
	}))
	f.add("AWS::ElasticLoadBalancing::LoadBalancer", f.arn("elasticloadbalancing", "loadbalancer/"+*name))
}

func (f *front) balancer() {
	t, c := f.TB, elbv2.NewFromConfig(f.cfg)
	tags := []elbv2types.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	arn := must[*elbv2.CreateLoadBalancerOutput](t)(c.CreateLoadBalancer(f.ctx, &elbv2.CreateLoadBalancerInput{
		Name: aws.String("lims"), Scheme: "internal", Type: "application", Subnets: f.subnets, SecurityGroups: []string{f.group}, Tags: tags,
	})).LoadBalancers[0].LoadBalancerArn
	f.set(c, arn, map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "lims-access-logs", "access_logs.s3.prefix": "app",
		"deletion_protection.enabled": "true", "routing.http.drop_invalid_header_fields.enabled": "true",
	})
	targets := must[*elbv2.CreateTargetGroupOutput](t)(c.CreateTargetGroup(f.ctx, &elbv2.CreateTargetGroupInput{
		Name: aws.String("lims-app"), Protocol: "HTTPS", Port: aws.Int32(8443), VpcId: &f.vpc, TargetType: "ip", Tags: tags,
		HealthCheckProtocol: "HTTPS", HealthCheckPath: aws.String("/health"), Matcher: &elbv2types.Matcher{HttpCode: aws.String("200")},
	})).TargetGroups[0].TargetGroupArn
	f.add("AWS::ElasticLoadBalancingV2::TargetGroup", *targets)
	must[*elbv2.CreateListenerOutput](t)(c.CreateListener(f.ctx, &elbv2.CreateListenerInput{
		LoadBalancerArn: arn, Protocol: "HTTP", Port: aws.Int32(80), DefaultActions: []elbv2types.Action{{
			Type: "redirect", Order: aws.Int32(1), RedirectConfig: &elbv2types.RedirectActionConfig{
				Protocol: aws.String("HTTPS"), Port: aws.String("443"), StatusCode: "HTTP_301",
			},
		}},
	}))
	forward := []elbv2types.Action{{Type: "forward", Order: aws.Int32(1), TargetGroupArn: targets}}
	https := must[*elbv2.CreateListenerOutput](t)(c.CreateListener(f.ctx, &elbv2.CreateListenerInput{
		LoadBalancerArn: arn, Protocol: "HTTPS", Port: aws.Int32(443), SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-2-2021-06"),
		Certificates: []elbv2types.Certificate{{CertificateArn: &f.certificate}}, DefaultActions: forward,
	})).Listeners[0].ListenerArn
	must[*elbv2.CreateRuleOutput](t)(c.CreateRule(f.ctx, &elbv2.CreateRuleInput{
		ListenerArn: https, Priority: aws.Int32(10), Actions: forward, Conditions: []elbv2types.RuleCondition{{
			Field: aws.String("path-pattern"), PathPatternConfig: &elbv2types.PathPatternConditionConfig{Values: []string{"/api/*"}},
		}, {
			Field: aws.String("host-header"), HostHeaderConfig: &elbv2types.HostHeaderConditionConfig{Values: []string{"lims.example.com"}},
		}},
	}))
	f.add("AWS::ElasticLoadBalancingV2::LoadBalancer", *arn)
}

func (f *front) set(c *elbv2.Client, arn *string, values map[string]string) {
	input := &elbv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: arn}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		input.Attributes = append(input.Attributes, elbv2types.LoadBalancerAttribute{Key: &key, Value: aws.String(values[key])})
	}
	must[*elbv2.ModifyLoadBalancerAttributesOutput](f.TB)(c.ModifyLoadBalancerAttributes(f.ctx, input))
}

func (f *front) restAPI() {
	t, c := f.TB, apigateway.NewFromConfig(f.cfg)
	// AWS gives the policy back as escaped as this; the server gives back what it got.
	policy := `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"execute-api:Invoke\",` +
		`\"Resource\":\"execute-api:\/*\",\"Condition\":{\"IpAddress\":{\"aws:SourceIp\":[\"10.0.0.0\/8\"]}}}]}`
	api := must[*apigateway.CreateRestApiOutput](t)(c.CreateRestApi(f.ctx, &apigateway.CreateRestApiInput{
		Name: aws.String("lims-results"), Description: aws.String("Results for instruments"), Policy: &policy,
		EndpointConfiguration: &apigatewaytypes.EndpointConfiguration{Types: []apigatewaytypes.EndpointType{"REGIONAL"}},
		Tags:                  map[string]string{"System": "LIMS"}, DisableExecuteApiEndpoint: true,
	}))
	method := &apigateway.PutMethodInput{
		RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: aws.String("GET"), AuthorizationType: aws.String("AWS_IAM"),
	}
	must[*apigateway.PutMethodOutput](t)(c.PutMethod(f.ctx, method))
	must[*apigateway.PutIntegrationOutput](t)(c.PutIntegration(f.ctx, &apigateway.PutIntegrationInput{
		RestApiId: api.Id, ResourceId: api.RootResourceId, HttpMethod: method.HttpMethod, Type: "MOCK",
	}))
	deployment := must[*apigateway.CreateDeploymentOutput](t)(c.CreateDeployment(f.ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id}))
	must[*apigateway.CreateStageOutput](t)(c.CreateStage(f.ctx, &apigateway.CreateStageInput{
		RestApiId: api.Id, StageName: aws.String("prod"), DeploymentId: deployment.Id, CacheClusterEnabled: true, CacheClusterSize: "0.5",
		TracingEnabled: true, Variables: map[string]string{"token": secretVariable}, Tags: map[string]string{"System": "LIMS"},
	}))
	var patches []apigatewaytypes.PatchOperation
	for _, p := range [][2]string{
		{"/*/*/logging/loglevel", "INFO"}, {"/*/*/caching/enabled", "true"}, {"/*/*/caching/dataEncrypted", "true"}, {"/*/*/metrics/enabled", "true"},
		{"/accessLogSettings/destinationArn", f.arn("logs", "log-group:lims-results")}, {"/accessLogSettings/format", "$context.requestId"},
	} {
		patches = append(patches, apigatewaytypes.PatchOperation{Op: "replace", Path: &p[0], Value: &p[1]})
	}
	must[*apigateway.UpdateStageOutput](t)(c.UpdateStage(f.ctx, &apigateway.UpdateStageInput{
		RestApiId: api.Id, StageName: aws.String("prod"), PatchOperations: patches,
	}))
	f.add("AWS::ApiGateway::RestApi", "arn:aws:apigateway:eu-central-1::/restapis/"+*api.Id)
	f.add("AWS::ApiGateway::Stage", "arn:aws:apigateway:eu-central-1::/restapis/"+*api.Id+"/stages/prod")
}

func (f *front) api() {
	t, c := f.TB, apigatewayv2.NewFromConfig(f.cfg)
	api := must[*apigatewayv2.CreateApiOutput](t)(c.CreateApi(f.ctx, &apigatewayv2.CreateApiInput{
		Name: aws.String("lims-live"), ProtocolType: "WEBSOCKET", RouteSelectionExpression: aws.String("$request.body.action"),
		Description: aws.String("Live values of instruments"), DisableExecuteApiEndpoint: aws.Bool(true), Tags: map[string]string{"System": "LIMS"},
	}))
	must[*apigatewayv2.CreateStageOutput](t)(c.CreateStage(f.ctx, &apigatewayv2.CreateStageInput{
		ApiId: api.ApiId, StageName: aws.String("production"), StageVariables: map[string]string{"token": secretVariable},
		DefaultRouteSettings: &apigatewayv2types.RouteSettings{
			LoggingLevel: "INFO", DetailedMetricsEnabled: aws.Bool(true), DataTraceEnabled: aws.Bool(false),
			ThrottlingBurstLimit: aws.Int32(100), ThrottlingRateLimit: aws.Float64(50),
		},
		AccessLogSettings: &apigatewayv2types.AccessLogSettings{
			DestinationArn: aws.String(f.arn("logs", "log-group:lims-live")), Format: aws.String("$context.requestId"),
		},
		Tags: map[string]string{"System": "LIMS"},
	}))
	f.add("AWS::ApiGatewayV2::Api", "arn:aws:apigateway:eu-central-1::/apis/"+*api.ApiId)
	f.add("AWS::ApiGatewayV2::Stage", "arn:aws:apigateway:eu-central-1::/apis/"+*api.ApiId+"/stages/production")
}

func (f *front) firewall() {
	t, c := f.TB, wafv2.NewFromConfig(f.cfg)
	visible := func(name string) *wafv2types.VisibilityConfig {
		return &wafv2types.VisibilityConfig{MetricName: &name, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true}
	}
	managed := func(name string, priority int32) wafv2types.Rule {
		return wafv2types.Rule{
			Name: &name, Priority: priority, VisibilityConfig: visible(name),
			OverrideAction: &wafv2types.OverrideAction{None: &wafv2types.NoneAction{}},
			Statement: &wafv2types.Statement{ManagedRuleGroupStatement: &wafv2types.ManagedRuleGroupStatement{
				VendorName: aws.String("AWS"), Name: &name,
			}},
		}
	}
	arn := must[*wafv2.CreateWebACLOutput](t)(c.CreateWebACL(f.ctx, &wafv2.CreateWebACLInput{
		Name: aws.String("lims"), Scope: "REGIONAL", Description: aws.String("LIMS front end"), VisibilityConfig: visible("lims"),
		DefaultAction: &wafv2types.DefaultAction{Allow: &wafv2types.AllowAction{}},
		Rules:         []wafv2types.Rule{managed("AWSManagedRulesCommonRuleSet", 0), managed("AWSManagedRulesSQLiRuleSet", 1)},
		Tags:          []wafv2types.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	})).Summary.ARN
	must[*wafv2.PutLoggingConfigurationOutput](t)(c.PutLoggingConfiguration(f.ctx, &wafv2.PutLoggingConfigurationInput{
		LoggingConfiguration: &wafv2types.LoggingConfiguration{
			ResourceArn: arn, LogDestinationConfigs: []string{f.arn("logs", "log-group:aws-waf-logs-lims")},
			RedactedFields: []wafv2types.FieldToMatch{{SingleHeader: &wafv2types.SingleHeader{Name: aws.String("authorization")}}},
		},
	}))
	f.add("AWS::WAFv2::WebACL", *arn)
}

func (f *front) repository() {
	t, c, name := f.TB, ecr.NewFromConfig(f.cfg), aws.String("lims/app")
	arn := must[*ecr.CreateRepositoryOutput](t)(c.CreateRepository(f.ctx, &ecr.CreateRepositoryInput{
		RepositoryName: name, ImageTagMutability: "IMMUTABLE",
		ImageScanningConfiguration: &ecrtypes.ImageScanningConfiguration{ScanOnPush: true},
		EncryptionConfiguration:    &ecrtypes.EncryptionConfiguration{EncryptionType: "KMS"},
		Tags:                       []ecrtypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}},
	})).Repository.RepositoryArn
	must[*ecr.PutLifecyclePolicyOutput](t)(c.PutLifecyclePolicy(f.ctx, &ecr.PutLifecyclePolicyInput{RepositoryName: name, LifecyclePolicyText: aws.String(
		`{"rules":[{"rulePriority":1,"description":"untagged","selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":30},"action":{"type":"expire"}}]}`,
	)}))
	must[*ecr.SetRepositoryPolicyOutput](t)(c.SetRepositoryPolicy(f.ctx, &ecr.SetRepositoryPolicyInput{RepositoryName: name, PolicyText: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Sid":"Pull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/lims/lims-app"},"Action":["ecr:GetDownloadUrlForLayer","ecr:BatchGetImage"]}]}`,
	)}))
	f.add("AWS::ECR::Repository", *arn)
}

func (f *front) containers() {
	t, c := f.TB, ecs.NewFromConfig(f.cfg)
	tags := []ecstypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}
	role := aws.String("arn:aws:iam::111122223333:role/lims/lims-app")
	cluster := must[*ecs.CreateClusterOutput](t)(c.CreateCluster(f.ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String("lims-containers"), Tags: tags,
		Settings: []ecstypes.ClusterSetting{{Name: "containerInsights", Value: aws.String("enhanced")}},
		Configuration: &ecstypes.ClusterConfiguration{ExecuteCommandConfiguration: &ecstypes.ExecuteCommandConfiguration{
			Logging: "OVERRIDE", LogConfiguration: &ecstypes.ExecuteCommandLogConfiguration{
				CloudWatchLogGroupName: aws.String("lims-exec"), CloudWatchEncryptionEnabled: true,
			},
		}},
	})).Cluster
	task := must[*ecs.RegisterTaskDefinitionOutput](t)(c.RegisterTaskDefinition(f.ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("lims-app"), NetworkMode: "awsvpc", RequiresCompatibilities: []ecstypes.Compatibility{"FARGATE"},
		Cpu: aws.String("512"), Memory: aws.String("1024"), TaskRoleArn: role, ExecutionRoleArn: role, Tags: tags,
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("111122223333.dkr.ecr.eu-central-1.amazonaws.com/lims/app:4.2.1"), Essential: aws.Bool(true),
			User: aws.String("1000:1000"), Privileged: aws.Bool(false), ReadonlyRootFilesystem: aws.Bool(true),
			PortMappings: []ecstypes.PortMapping{{ContainerPort: aws.Int32(8443), Protocol: "tcp"}},
			Environment:  []ecstypes.KeyValuePair{{Name: aws.String("MODE"), Value: aws.String("validated")}, {Name: aws.String("TOKEN"), Value: aws.String(secretVariable)}},
			Secrets:      []ecstypes.Secret{{Name: aws.String("DB"), ValueFrom: aws.String(f.arn("secretsmanager", "secret:lims-db"))}},
			LogConfiguration: &ecstypes.LogConfiguration{LogDriver: "awslogs", Options: map[string]string{
				"awslogs-group": "lims-app", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app",
			}},
		}, {
			Name: aws.String("proxy"), Image: aws.String("111122223333.dkr.ecr.eu-central-1.amazonaws.com/lims/proxy:1.9"),
			User: aws.String("1001"), Privileged: aws.Bool(false), ReadonlyRootFilesystem: aws.Bool(true),
		}},
	})).TaskDefinition.TaskDefinitionArn
	service := must[*ecs.CreateServiceOutput](t)(c.CreateService(f.ctx, &ecs.CreateServiceInput{
		ServiceName: aws.String("lims-app"), Cluster: cluster.ClusterName, TaskDefinition: task, DesiredCount: aws.Int32(2), LaunchType: "FARGATE",
		PlatformVersion: aws.String("1.4.0"), PropagateTags: "SERVICE", Tags: tags,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: f.subnets, SecurityGroups: []string{f.group}, AssignPublicIp: "DISABLED",
		}},
	})).Service.ServiceArn
	f.add("AWS::ECS::Cluster", *cluster.ClusterArn)
	f.add("AWS::ECS::TaskDefinition", *task)
	f.add("AWS::ECS::Service", *service)
}

func (f *front) kubernetes() {
	t, c := f.TB, eks.NewFromConfig(f.cfg)
	cluster := must[*eks.CreateClusterOutput](t)(c.CreateCluster(f.ctx, &eks.CreateClusterInput{
		Name: aws.String("lims-analysis"), Version: aws.String("1.33"), RoleArn: aws.String("arn:aws:iam::111122223333:role/lims/lims-app"),
		ResourcesVpcConfig: &ekstypes.VpcConfigRequest{
			SubnetIds: f.subnets, SecurityGroupIds: []string{f.group}, EndpointPublicAccess: aws.Bool(false), EndpointPrivateAccess: aws.Bool(true),
		},
		Logging: &ekstypes.Logging{ClusterLogging: []ekstypes.LogSetup{{Enabled: aws.Bool(true), Types: []ekstypes.LogType{"api", "audit"}}}},
		EncryptionConfig: []ekstypes.EncryptionConfig{{
			Resources: []string{"secrets"}, Provider: &ekstypes.Provider{KeyArn: aws.String(f.arn("kms", "key/2c0c5b9e-4d43-4d0c-9c36-5c7f9a0f3b11"))},
		}},
		Tags: map[string]string{"System": "LIMS"},
	}))
	f.add("AWS::EKS::Cluster", *cluster.Cluster.Arn)
}

func (f *front) distribution() {
	t, c := f.TB, cloudfront.NewFromConfig(f.cfg)
	out := must[*cloudfront.CreateDistributionOutput](t)(c.CreateDistribution(f.ctx, &cloudfront.CreateDistributionInput{
		DistributionConfig: &cloudfronttypes.DistributionConfig{
			CallerReference: aws.String("lims-1"), Comment: aws.String("LIMS help pages"), Enabled: aws.Bool(true), HttpVersion: "http2",
			DefaultRootObject: aws.String("index.html"), PriceClass: "PriceClass_100",
			Aliases: &cloudfronttypes.Aliases{Quantity: aws.Int32(1), Items: []string{"help.lims.example.com"}},
			DefaultCacheBehavior: &cloudfronttypes.DefaultCacheBehavior{
				TargetOriginId: aws.String("pages"), ViewerProtocolPolicy: "redirect-to-https",
				CachePolicyId: aws.String("658327ea-f89d-4fab-a63d-7e88639e58f6"), Compress: aws.Bool(true),
			},
			Origins: &cloudfronttypes.Origins{Quantity: aws.Int32(1), Items: []cloudfronttypes.Origin{{
				Id: aws.String("pages"), DomainName: aws.String("origin.lims.example.com"),
				CustomHeaders: &cloudfronttypes.CustomHeaders{Quantity: aws.Int32(1), Items: []cloudfronttypes.OriginCustomHeader{{
					HeaderName: aws.String("X-Origin-Verify"), HeaderValue: aws.String(secretVariable),
				}}},
				CustomOriginConfig: &cloudfronttypes.CustomOriginConfig{
					HTTPPort: aws.Int32(80), HTTPSPort: aws.Int32(443), OriginProtocolPolicy: "https-only",
					OriginSslProtocols: &cloudfronttypes.OriginSslProtocols{Quantity: aws.Int32(1), Items: []cloudfronttypes.SslProtocol{"TLSv1.2"}},
				},
			}}},
			Logging: &cloudfronttypes.LoggingConfig{
				Enabled: aws.Bool(true), Bucket: aws.String("lims-access-logs.s3.amazonaws.com"), Prefix: aws.String("cdn"), IncludeCookies: aws.Bool(false),
			},
			ViewerCertificate: &cloudfronttypes.ViewerCertificate{
				ACMCertificateArn: aws.String("arn:aws:acm:us-east-1:111122223333:certificate/8d5b4a43-2f61-4c39-9e3d-6a5ad1f1f7a0"),
				SSLSupportMethod:  "sni-only", MinimumProtocolVersion: "TLSv1.2_2021",
			},
		},
	}))
	// The server's own ARN lacks a colon.
	arn := "arn:aws:cloudfront::111122223333:distribution/" + *out.Distribution.Id
	must[*cloudfront.TagResourceOutput](t)(c.TagResource(f.ctx, &cloudfront.TagResourceInput{
		Resource: &arn, Tags: &cloudfronttypes.Tags{Items: []cloudfronttypes.Tag{{Key: aws.String("System"), Value: aws.String("LIMS")}}},
	}))
	f.add("AWS::CloudFront::Distribution", arn)
}

func (f *front) queue() {
	t := f.TB
	must[*sqs.CreateQueueOutput](t)(sqs.NewFromConfig(f.cfg).CreateQueue(f.ctx, &sqs.CreateQueueInput{QueueName: aws.String("lims-imports")}))
	mapping := must[*lambda.CreateEventSourceMappingOutput](t)(lambda.NewFromConfig(f.cfg).CreateEventSourceMapping(f.ctx, &lambda.CreateEventSourceMappingInput{
		FunctionName: aws.String("lims-import"), EventSourceArn: aws.String(f.arn("sqs", "lims-imports")), BatchSize: aws.Int32(10), Enabled: aws.Bool(true),
		FunctionResponseTypes: []lambdatypes.FunctionResponseType{"ReportBatchItemFailures"},
		ScalingConfig:         &lambdatypes.ScalingConfig{MaximumConcurrency: aws.Int32(5)}, Tags: map[string]string{"System": "LIMS"},
	}))
	f.add("AWS::Lambda::EventSourceMapping", *mapping.EventSourceMappingArn)
}
