package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

var distribution = kind{
	name: "AWS::CloudFront::Distribution", version: 1, arn: "cloudfront:distribution/", global: true,
	describe: describeDistribution, list: listDistributions,
	actions:     []string{"cloudfront:GetDistribution", "cloudfront:ListTagsForResource"},
	listActions: []string{"cloudfront:ListDistributions"},
	missing:     []string{"NoSuchDistribution", "NoSuchResource"},
	// The cache behaviours have an order: the first whose path matches is taken.
	sets: join([]string{"Tags", "AliasICPRecordals", "ActiveTrustedKeyGroups.Items", "ActiveTrustedSigners.Items"},
		under("DistributionConfig", "Aliases.Items", "CustomErrorResponses.Items", "Origins.Items", "Origins.Items[].CustomHeaders.Items",
			"Origins.Items[].CustomOriginConfig.OriginSslProtocols.Items", "OriginGroups.Items",
			"OriginGroups.Items[].FailoverCriteria.StatusCodes.Items", "Restrictions.GeoRestriction.Items"),
		behaviourSets("DistributionConfig.DefaultCacheBehavior"), behaviourSets("DistributionConfig.CacheBehaviors.Items[]")),
	volatile: []string{"InProgressInvalidationBatches"},
}

func behaviourSets(path string) []string {
	return under(path, "AllowedMethods.Items", "AllowedMethods.CachedMethods.Items", "TrustedKeyGroups.Items", "TrustedSigners.Items",
		"LambdaFunctionAssociations.Items", "FunctionAssociations.Items", "ForwardedValues.Headers.Items",
		"ForwardedValues.QueryStringCacheKeys.Items", "ForwardedValues.Cookies.WhitelistedNames.Items")
}

func describeDistribution(ctx context.Context, l *look) {
	out, err := l.cloudfront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &l.name})
	if !l.read("", "cloudfront:GetDistribution", err) {
		return
	}
	if out.Distribution == nil || aws.ToString(out.Distribution.Id) != l.name {
		l.nothing("cloudfront:GetDistribution")
		return
	}
	l.root(out.Distribution)
	tags, err := l.cloudfront.ListTagsForResource(ctx, &cloudfront.ListTagsForResourceInput{Resource: aws.String(string(l.resource.ID))})
	if !l.read("Tags", "cloudfront:ListTagsForResource", err) {
		return
	}
	l.attributes["Tags"] = []any{}
	if tags.Tags != nil {
		l.set("Tags", tags.Tags.Items)
	}
}

func listDistributions(ctx context.Context, c *clients) ([]string, error) {
	found, err := all(ctx, cloudfront.NewListDistributionsPaginator(c.cloudfront, &cloudfront.ListDistributionsInput{}),
		func(o *cloudfront.ListDistributionsOutput) []types.DistributionSummary {
			if o.DistributionList == nil {
				return nil
			}
			return o.DistributionList.Items
		})
	return namesOf(found, func(d types.DistributionSummary) *string { return d.Id }), err
}
