package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
)

// opensearchDomain serves Elasticsearch domains too: the API describes both,
// and EngineVersion tells them apart.
var opensearchDomain = kind{
	name: "AWS::OpenSearchService::Domain", version: 1, arn: "es:domain/",
	describe: describeDomain, list: listDomains,
	actions: []string{"es:DescribeDomain", "es:ListTags"}, listActions: []string{"es:ListDomainNames"},
	missing: []string{"ResourceNotFoundException"},
	sets: []string{
		"TagList", "VPCOptions.SubnetIds", "VPCOptions.SecurityGroupIds", "VPCOptions.AvailabilityZones",
		"ModifyingProperties", "ClusterConfig.NodeOptions",
	},
	policies: []string{"AccessPolicies"},
	// Which software AWS offers, and how far a change is, move by themselves.
	volatile: join([]string{"ChangeProgressDetails"}, under("ServiceSoftwareOptions",
		"NewVersion", "UpdateAvailable", "UpdateStatus", "Cancellable", "Description", "AutomatedUpdateDate", "OptionalDeployment")),
}

func describeDomain(ctx context.Context, l *look) {
	out, err := l.opensearch.DescribeDomain(ctx, &opensearch.DescribeDomainInput{DomainName: &l.name})
	if !l.read("", "es:DescribeDomain", err) {
		return
	}
	domain := out.DomainStatus
	if domain == nil || aws.ToString(domain.DomainName) != l.name {
		l.nothing("es:DescribeDomain")
		return
	}
	if l.gone = aws.ToBool(domain.Deleted); l.gone {
		return
	}
	l.root(domain)
	l.orNull("VPCOptions", "LogPublishingOptions", "AccessPolicies")
	tags, err := l.opensearch.ListTags(ctx, &opensearch.ListTagsInput{ARN: aws.String(string(l.resource.ID))})
	if l.read("TagList", "es:ListTags", err) {
		l.set("TagList", tags.TagList)
	}
}

func listDomains(ctx context.Context, c *clients) ([]string, error) {
	out, err := c.opensearch.ListDomainNames(ctx, &opensearch.ListDomainNamesInput{})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(out.DomainNames))
	for _, d := range out.DomainNames {
		names = append(names, aws.ToString(d.DomainName))
	}
	return names, nil
}
