package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

// webACL is a regional list, or one of CloudFront, which the region us-east-1
// keeps and whose ARN says "global".
var webACL = kind{
	name: "AWS::WAFv2::WebACL", version: 1, arn: "wafv2:", deep: true,
	named:    func(name string) bool { _, _, ok := webACLName(name); return ok },
	describe: describeWebACL, list: listWebACLs,
	actions:     []string{"wafv2:GetWebACL", "wafv2:GetLoggingConfiguration", "wafv2:ListTagsForResource"},
	listActions: []string{"wafv2:ListWebACLs"},
	missing:     []string{"WAFNonexistentItemException"},
	sets: []string{
		"Tags", "Rules", "TokenDomains", "PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups",
		"Rules[].RuleLabels", "LoggingConfiguration.LogDestinationConfigs", "LoggingConfiguration.RedactedFields",
		"DataProtectionConfig.DataProtections",
	},
}

// webACLName takes "regional/webacl/name/id" apart.
func webACLName(name string) (scope types.Scope, id [2]string, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[1] != "webacl" || parts[2] == "" || parts[3] == "" {
		return "", id, false
	}
	switch parts[0] {
	case "regional":
		scope = types.ScopeRegional
	case "global":
		scope = types.ScopeCloudfront
	}
	return scope, [2]string{parts[2], parts[3]}, scope != ""
}

func describeWebACL(ctx context.Context, l *look) {
	scope, id, _ := webACLName(l.name)
	arn := aws.String(string(l.resource.ID))
	acl, err := l.wafv2.GetWebACL(ctx, &wafv2.GetWebACLInput{Scope: scope, Name: &id[0], Id: &id[1]})
	if !l.read("", "wafv2:GetWebACL", err) {
		return
	}
	if acl.WebACL == nil || aws.ToString(acl.WebACL.ARN) != *arn {
		l.nothing("wafv2:GetWebACL")
		return
	}
	l.root(acl.WebACL)
	logging, err := l.wafv2.GetLoggingConfiguration(ctx, &wafv2.GetLoggingConfigurationInput{ResourceArn: arn})
	if l.read("LoggingConfiguration", "wafv2:GetLoggingConfiguration", err, "WAFNonexistentItemException") {
		l.set("LoggingConfiguration", logging.LoggingConfiguration)
	}
	tags, err := byToken(func(token *string) ([]types.Tag, *string, error) {
		page, err := l.wafv2.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: arn, NextMarker: token})
		if err != nil || page.TagInfoForResource == nil {
			return nil, nil, err
		}
		return page.TagInfoForResource.TagList, page.NextMarker, nil
	})
	if l.read("Tags", "wafv2:ListTagsForResource", err) {
		l.set("Tags", tags)
	}
}

// listWebACLs lists the regional ones, and in the region that keeps them those
// of CloudFront.
func listWebACLs(ctx context.Context, c *clients) ([]string, error) {
	scopes := []types.Scope{types.ScopeRegional}
	if c.wafv2.Options().Region == "us-east-1" {
		scopes = append(scopes, types.ScopeCloudfront)
	}
	var names []string
	for _, scope := range scopes {
		found, err := byToken(func(token *string) ([]types.WebACLSummary, *string, error) {
			page, err := c.wafv2.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: scope, NextMarker: token, Limit: aws.Int32(100)})
			if err != nil {
				return nil, nil, err
			}
			// A marker also comes with the last page, when it is full.
			if len(page.WebACLs) == 0 {
				return nil, nil, nil
			}
			return page.WebACLs, page.NextMarker, nil
		})
		if err != nil {
			return nil, err
		}
		names = append(names, namesOf(found, func(s types.WebACLSummary) *string { return s.ARN })...)
	}
	return names, nil
}
