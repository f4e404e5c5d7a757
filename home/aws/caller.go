package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Caller is the ARN of whoever works in the home, as AWS knows him. Asking needs no
// permission.
func Caller(ctx context.Context, name string, opt Options) (string, error) {
	cfg, _, err := resolve(ctx, name, opt)
	if err != nil {
		return "", err
	}
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", said("ask AWS who decides", err)
	}
	return aws.ToString(out.Arn), nil
}
