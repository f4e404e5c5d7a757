package awsresource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/auditmanager"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/databasemigrationservice"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/emr"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// clients are the services of one region.
type clients struct {
	acm            *acm.Client
	apigateway     *apigateway.Client
	apigatewayv2   *apigatewayv2.Client
	appscaling     *applicationautoscaling.Client
	auditmanager   *auditmanager.Client
	autoscaling    *autoscaling.Client
	backup         *backup.Client
	cloudcontrol   *cloudcontrol.Client
	cloudformation *cloudformation.Client
	cloudfront     *cloudfront.Client
	cloudtrail     *cloudtrail.Client
	cloudwatch     *cloudwatch.Client
	codebuild      *codebuild.Client
	config         *configservice.Client
	dms            *databasemigrationservice.Client
	dynamodb       *dynamodb.Client
	ec2            *ec2.Client
	ecr            *ecr.Client
	ecs            *ecs.Client
	efs            *efs.Client
	eks            *eks.Client
	elasticache    *elasticache.Client
	elb            *elasticloadbalancing.Client
	elbv2          *elasticloadbalancingv2.Client
	emr            *emr.Client
	events         *eventbridge.Client
	fsx            *fsx.Client
	guardduty      *guardduty.Client
	iam            *iam.Client
	inspector      *inspector2.Client
	kinesis        *kinesis.Client
	kms            *kms.Client
	lambda         *lambda.Client
	logs           *cloudwatchlogs.Client
	opensearch     *opensearch.Client
	organizations  *organizations.Client
	rds            *rds.Client
	redshift       *redshift.Client
	s3             *s3.Client
	s3control      *s3control.Client
	sagemaker      *jsonClient
	secrets        *secretsmanager.Client
	securityhub    *jsonClient
	sfn            *sfn.Client
	sns            *sns.Client
	sqs            *sqs.Client
	ssm            *ssm.Client
	sts            *sts.Client
	tagging        *resourcegroupstaggingapi.Client
	wafv2          *wafv2.Client
}

// in returns the clients of an account and a region, made on first use.
func (d *Describer) in(account, region string) *clients {
	d.mu.Lock()
	defer d.mu.Unlock()
	account = d.foreign(account)
	key := place{account, region}
	if c, ok := d.clients[key]; ok {
		return c
	}
	config := d.credentialed(account)
	// The services by the name that IAM, and so the evidence, gives them.
	service := func(name string) aws.Config {
		cfg := config.Copy()
		cfg.Region = region
		cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(s *middleware.Stack) error {
			step := &asking{service: name, operation: s.ID(), region: region, role: d.roleIn(account), timeout: d.timeout}
			return s.Initialize.Add(step, middleware.Before)
		})
		return cfg
	}
	c := &clients{
		acm:            acm.NewFromConfig(service("acm")),
		apigateway:     apigateway.NewFromConfig(service("apigateway")),
		apigatewayv2:   apigatewayv2.NewFromConfig(service("apigatewayv2")),
		appscaling:     applicationautoscaling.NewFromConfig(service("application-autoscaling")),
		auditmanager:   auditmanager.NewFromConfig(service("auditmanager")),
		autoscaling:    autoscaling.NewFromConfig(service("autoscaling")),
		backup:         backup.NewFromConfig(service("backup")),
		cloudcontrol:   cloudcontrol.NewFromConfig(service("cloudcontrol")),
		cloudformation: cloudformation.NewFromConfig(service("cloudformation")),
		cloudfront:     cloudfront.NewFromConfig(service("cloudfront")),
		cloudtrail:     cloudtrail.NewFromConfig(service("cloudtrail")),
		cloudwatch: cloudwatch.NewFromConfig(service("cloudwatch"), func(o *cloudwatch.Options) {
			// Evidence is for people too, and the default, CBOR, is binary.
			o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
		}),
		codebuild:     codebuild.NewFromConfig(service("codebuild")),
		config:        configservice.NewFromConfig(service("config")),
		dms:           databasemigrationservice.NewFromConfig(service("dms")),
		dynamodb:      dynamodb.NewFromConfig(service("dynamodb")),
		ec2:           ec2.NewFromConfig(service("ec2")),
		ecr:           ecr.NewFromConfig(service("ecr")),
		ecs:           ecs.NewFromConfig(service("ecs")),
		efs:           efs.NewFromConfig(service("elasticfilesystem")),
		eks:           eks.NewFromConfig(service("eks")),
		elasticache:   elasticache.NewFromConfig(service("elasticache")),
		elb:           elasticloadbalancing.NewFromConfig(service("elasticloadbalancing")),
		elbv2:         elasticloadbalancingv2.NewFromConfig(service("elasticloadbalancingv2")),
		emr:           emr.NewFromConfig(service("elasticmapreduce")),
		events:        eventbridge.NewFromConfig(service("events")),
		fsx:           fsx.NewFromConfig(service("fsx")),
		guardduty:     guardduty.NewFromConfig(service("guardduty")),
		iam:           iam.NewFromConfig(service("iam")),
		inspector:     inspector2.NewFromConfig(service("inspector2")),
		kinesis:       kinesis.NewFromConfig(service("kinesis")),
		kms:           kms.NewFromConfig(service("kms")),
		lambda:        lambda.NewFromConfig(service("lambda")),
		logs:          cloudwatchlogs.NewFromConfig(service("logs")),
		opensearch:    opensearch.NewFromConfig(service("es")),
		organizations: organizations.NewFromConfig(service("organizations")),
		rds:           rds.NewFromConfig(service("rds")),
		redshift:      redshift.NewFromConfig(service("redshift")),
		s3: s3.NewFromConfig(service("s3"), func(o *s3.Options) {
			// Another endpoint than AWS's own seldom answers to bucket host names.
			o.UsePathStyle = o.BaseEndpoint != nil
		}),
		s3control: s3control.NewFromConfig(service("s3control"), atAddress),
		sagemaker: &jsonClient{cfg: service("sagemaker"), id: "SageMaker", signing: "sagemaker", target: "SageMaker", host: "api.sagemaker"},
		secrets:   secretsmanager.NewFromConfig(service("secretsmanager")),
		securityhub: &jsonClient{
			cfg: service("securityhub"), id: "SecurityHub", signing: "securityhub", host: "securityhub",
			routes: map[string]string{"DescribeHub": "GET /accounts", "GetFindings": "POST /findings"},
		},
		sfn:     sfn.NewFromConfig(service("states")),
		sns:     sns.NewFromConfig(service("sns")),
		sqs:     sqs.NewFromConfig(service("sqs")),
		ssm:     ssm.NewFromConfig(service("ssm")),
		sts:     sts.NewFromConfig(service("sts")),
		tagging: resourcegroupstaggingapi.NewFromConfig(service("tag")),
		wafv2:   wafv2.NewFromConfig(service("wafv2")),
	}
	d.clients[key] = c
	return c
}
