package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// configCompliance is how AWS Config's rules and conformance packs judge the
// resource now.
var configCompliance = attachment{
	name: "config", path: "ConfigCompliance", read: (*look).configCompliance,
	actions: []string{
		"config:GetComplianceDetailsByResource", "config:DescribeConformancePacks", "config:GetConformancePackComplianceDetails",
	},
	sets: []string{"ConfigCompliance.Rules", "ConfigCompliance.ConformancePacks"},
}

// ruleResult is one verdict of a Config rule, without the times of its evaluations.
type ruleResult struct {
	ConformancePackName, ConfigRuleName *string
	ComplianceType                      string
	Annotation                          *string
}

func (l *look) configCompliance(ctx context.Context) {
	const path = "ConfigCompliance"
	rules, err := l.ruleResults(ctx)
	if l.refused(path, "config:GetComplianceDetailsByResource", err, "NoSuchConfigurationRecorderException", "ResourceNotDiscoveredException") {
		return
	}
	pages := configservice.NewDescribeConformancePacksPaginator(l.config, &configservice.DescribeConformancePacksInput{})
	packs, err := all(ctx, pages, func(o *configservice.DescribeConformancePacksOutput) []types.ConformancePackDetail {
		return o.ConformancePackDetails
	})
	if l.refused(path, "config:DescribeConformancePacks", err) {
		return
	}
	results := []ruleResult{}
	for _, p := range packs {
		found, err := l.packResults(ctx, p.ConformancePackName)
		if l.refused(path, "config:GetConformancePackComplianceDetails", err) {
			return
		}
		results = append(results, found...)
	}
	l.set(path, struct{ Rules, ConformancePacks []ruleResult }{rules, results})
}

func (l *look) ruleResults(ctx context.Context) ([]ruleResult, error) {
	pages := configservice.NewGetComplianceDetailsByResourcePaginator(l.config, &configservice.GetComplianceDetailsByResourceInput{
		ResourceType: &l.kind.name, ResourceId: aws.String(l.configID()),
	})
	return all(ctx, pages, func(o *configservice.GetComplianceDetailsByResourceOutput) (list []ruleResult) {
		for _, r := range o.EvaluationResults {
			list = append(list, ruleResult{nil, ruleOf(r.EvaluationResultIdentifier), string(r.ComplianceType), r.Annotation})
		}
		return list
	})
}

func (l *look) packResults(ctx context.Context, pack *string) ([]ruleResult, error) {
	pages := configservice.NewGetConformancePackComplianceDetailsPaginator(l.config, &configservice.GetConformancePackComplianceDetailsInput{
		ConformancePackName: pack,
		Filters:             &types.ConformancePackEvaluationFilters{ResourceType: &l.kind.name, ResourceIds: []string{l.configID()}},
	})
	return all(ctx, pages, func(o *configservice.GetConformancePackComplianceDetailsOutput) (list []ruleResult) {
		for _, r := range o.ConformancePackRuleEvaluationResults {
			list = append(list, ruleResult{pack, ruleOf(r.EvaluationResultIdentifier), string(r.ComplianceType), r.Annotation})
		}
		return list
	})
}

func ruleOf(id *types.EvaluationResultIdentifier) *string {
	if id == nil || id.EvaluationResultQualifier == nil {
		return nil
	}
	return id.EvaluationResultQualifier.ConfigRuleName
}

// configID is the id by which Config knows the resource: for most types the
// service's own, for some the ARN.
// https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html
func (l *look) configID() string {
	switch l.kind.name {
	case "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener", "AWS::CloudFormation::Stack",
		"AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::CertificateManager::Certificate", "AWS::StepFunctions::StateMachine",
		"AWS::ECS::Cluster", "AWS::ECS::TaskDefinition", "AWS::ECS::Service", "AWS::WAFv2::WebACL":
		return l.arn()
	case "AWS::RDS::DBInstance", "AWS::RDS::DBCluster":
		for _, id := range []string{"DbiResourceId", "DbClusterResourceId"} {
			if s, ok := l.attributes[id].(string); ok {
				return s
			}
		}
	case "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group":
		for _, id := range []string{"RoleId", "UserId", "GroupId"} {
			if s, ok := l.attributes[id].(string); ok {
				return s
			}
		}
	}
	return l.name
}
