package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

var kinesisStream = kind{
	name: "AWS::Kinesis::Stream", version: 1, arn: "kinesis:stream/",
	describe: describeStream, list: listStreams,
	actions:     []string{"kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream", "kinesis:GetResourcePolicy"},
	listActions: []string{"kinesis:ListStreams"},
	missing:     []string{"ResourceNotFoundException"},
	ending:      ending{"StreamStatus", []string{"DELETING"}},
	sets:        []string{"Tags", "EnhancedMonitoring", "EnhancedMonitoring[].ShardLevelMetrics"},
	policies:    []string{"Policy"},
	volatile:    []string{"WarmThroughput.CurrentMiBps"},
}

func describeStream(ctx context.Context, l *look) {
	out, err := l.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &l.name})
	if !l.read("", "kinesis:DescribeStreamSummary", err) {
		return
	}
	stream := out.StreamDescriptionSummary
	if stream == nil || aws.ToString(stream.StreamName) != l.name {
		l.nothing("kinesis:DescribeStreamSummary")
		return
	}
	if l.root(stream); l.ended() {
		return
	}
	l.orNull("KeyId")
	if m := stream.StreamModeDetails; m != nil && m.StreamMode == types.StreamModeOnDemand {
		delete(l.attributes, "OpenShardCount") // the service splits and merges by itself
	}
	tags, err := l.streamTags(ctx)
	if l.read("Tags", "kinesis:ListTagsForStream", err) {
		l.set("Tags", tags)
	}
	policy, err := l.kinesis.GetResourcePolicy(ctx, &kinesis.GetResourcePolicyInput{ResourceARN: aws.String(string(l.resource.ID))})
	if l.read("Policy", "kinesis:GetResourcePolicy", err, "ResourceNotFoundException") {
		if p := aws.ToString(policy.Policy); p == "" || p == "{}" {
			policy.Policy = nil
		}
		l.set("Policy", policy.Policy)
	}
}

// streamTags follows the listing by hand: the SDK has no paginator for it.
func (l *look) streamTags(ctx context.Context) ([]types.Tag, error) {
	tags := []types.Tag{}
	var after *string
	for range maxPages {
		page, err := l.kinesis.ListTagsForStream(ctx, &kinesis.ListTagsForStreamInput{StreamName: &l.name, ExclusiveStartTagKey: after})
		if err != nil {
			return nil, err
		}
		tags = append(tags, page.Tags...)
		if !aws.ToBool(page.HasMoreTags) || len(page.Tags) == 0 {
			return tags, nil
		}
		after = page.Tags[len(page.Tags)-1].Key
	}
	return nil, errEndless
}

func listStreams(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, kinesis.NewListStreamsPaginator(c.kinesis, &kinesis.ListStreamsInput{}),
		func(o *kinesis.ListStreamsOutput) []string { return o.StreamNames })
}
