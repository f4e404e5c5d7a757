package awsresource

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// recorders are asked for by their ARN, by which also those are found that
// belong to another service. It holds an id besides the name that no event tells:
// the list of recorders does.
var recorders = source[types.ConfigurationRecorder]{
	action: "config:DescribeConfigurationRecorders",
	find: func(ctx context.Context, c *clients, id string) ([]types.ConfigurationRecorder, error) {
		out, err := c.config.DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{Arn: optional(id)})
		if err != nil {
			return nil, err
		}
		return out.ConfigurationRecorders, nil
	},
	id:   func(r types.ConfigurationRecorder) *string { return r.Arn },
	more: moreOfRecorder,
}

var configRecorder = kind{
	name: "AWS::Config::ConfigurationRecorder", version: 1, arn: "config:configuration-recorder/", deep: true,
	describe: describeRecorder, list: listRecorders,
	actions: []string{
		"config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus",
		"config:ListConfigurationRecorders", "config:ListTagsForResource",
	},
	listActions: []string{"config:ListConfigurationRecorders"},
	missing:     []string{"NoSuchConfigurationRecorderException"},
	sets: []string{
		"Tags", "RecordingGroup.ResourceTypes", "RecordingGroup.ExclusionByResourceTypes.ResourceTypes",
		"RecordingMode.RecordingModeOverrides", "RecordingMode.RecordingModeOverrides[].ResourceTypes",
	},
	volatile: []string{"Status.LastStatusChangeTime"},
}

func summaries(ctx context.Context, c *clients) ([]types.ConfigurationRecorderSummary, error) {
	pages := configservice.NewListConfigurationRecordersPaginator(c.config, &configservice.ListConfigurationRecordersInput{})
	return all(ctx, pages, func(o *configservice.ListConfigurationRecordersOutput) []types.ConfigurationRecorderSummary {
		return o.ConfigurationRecorderSummaries
	})
}

func listRecorders(ctx context.Context, c *clients) (names []string, err error) {
	found, err := summaries(ctx, c)
	for _, r := range found {
		names = append(names, aws.ToString(r.Name)+"/*")
	}
	return names, err
}

func describeRecorder(ctx context.Context, l *look) {
	found, err := summaries(ctx, l.clients)
	if !l.read("", "config:ListConfigurationRecorders", err) {
		return
	}
	name, _, _ := strings.Cut(l.name, "/")
	i := slices.IndexFunc(found, func(r types.ConfigurationRecorderSummary) bool { return aws.ToString(r.Name) == name })
	if l.gone = i < 0; !l.gone {
		l.name = aws.ToString(found[i].Arn)
		recorders.describe(ctx, l)
	}
}

func moreOfRecorder(ctx context.Context, l *look, _ types.ConfigurationRecorder) {
	l.orNull("RecordingMode")
	status, err := l.config.DescribeConfigurationRecorderStatus(ctx, &configservice.DescribeConfigurationRecorderStatusInput{Arn: &l.name})
	if l.read("Status", "config:DescribeConfigurationRecorderStatus", err) {
		l.set("Status", nil)
		id := func(s types.ConfigurationRecorderStatus) *string { return s.Arn }
		if one, ok := theOne(status.ConfigurationRecordersStatus, id, l.name); ok {
			l.set("Status", one)
		}
	}
	pages := configservice.NewListTagsForResourcePaginator(l.config, &configservice.ListTagsForResourceInput{ResourceArn: &l.name})
	tags, err := all(ctx, pages, func(o *configservice.ListTagsForResourceOutput) []types.Tag { return o.Tags })
	if l.read("Tags", "config:ListTagsForResource", err) {
		l.set("Tags", tags)
	}
}
