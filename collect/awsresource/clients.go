package awsresource

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
)

// clients are the services of one region.
type clients struct {
	cloudtrail *cloudtrail.Client
	dynamodb   *dynamodb.Client
	ec2        *ec2.Client
	iam        *iam.Client
	kms        *kms.Client
	lambda     *lambda.Client
	rds        *rds.Client
	s3         *s3.Client
	sts        *sts.Client
}

// in returns the clients of a region, made on first use.
func (d *Describer) in(region string) *clients {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.clients[region]; ok {
		return c
	}
	// The services by the name that IAM, and so the evidence, gives them.
	service := func(name string) aws.Config {
		cfg := d.config.Copy()
		cfg.Region = region
		cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(s *middleware.Stack) error {
			step := &asking{service: name, operation: s.ID(), region: region, timeout: d.timeout}
			return s.Initialize.Add(step, middleware.Before)
		})
		return cfg
	}
	c := &clients{
		cloudtrail: cloudtrail.NewFromConfig(service("cloudtrail")),
		dynamodb:   dynamodb.NewFromConfig(service("dynamodb")),
		ec2:        ec2.NewFromConfig(service("ec2")),
		iam:        iam.NewFromConfig(service("iam")),
		kms:        kms.NewFromConfig(service("kms")),
		lambda:     lambda.NewFromConfig(service("lambda")),
		rds:        rds.NewFromConfig(service("rds")),
		s3: s3.NewFromConfig(service("s3"), func(o *s3.Options) {
			// Another endpoint than AWS's own seldom answers to bucket host names.
			o.UsePathStyle = o.BaseEndpoint != nil
		}),
		sts: sts.NewFromConfig(service("sts")),
	}
	d.clients[region] = c
	return c
}
