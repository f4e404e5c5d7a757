package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var dynamodbTable = kind{
	name: "AWS::DynamoDB::Table", version: 1, arn: "dynamodb:table/",
	describe: describeTable,
	actions: []string{
		"dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource",
	},
	missing: []string{"ResourceNotFoundException", "TableNotFoundException"},
	ending:  ending{"TableStatus", []string{"DELETING"}},
	sets: []string{
		"Tags", "AttributeDefinitions", "Replicas", "GlobalTableWitnesses",
		"GlobalSecondaryIndexes", "GlobalSecondaryIndexes[].Projection.NonKeyAttributes",
		"LocalSecondaryIndexes", "LocalSecondaryIndexes[].Projection.NonKeyAttributes",
		"Replicas[].GlobalSecondaryIndexes",
	},
	volatile: join([]string{
		"ItemCount", "TableSizeBytes", "WarmThroughput", "ProvisionedThroughput.NumberOfDecreasesToday",
		"GlobalSecondaryIndexes[].ItemCount", "GlobalSecondaryIndexes[].IndexSizeBytes",
		"GlobalSecondaryIndexes[].ProvisionedThroughput.NumberOfDecreasesToday", "GlobalSecondaryIndexes[].WarmThroughput",
		"LocalSecondaryIndexes[].ItemCount", "LocalSecondaryIndexes[].IndexSizeBytes",
	}, under("ContinuousBackups.PointInTimeRecoveryDescription", "EarliestRestorableDateTime", "LatestRestorableDateTime")),
}

func describeTable(ctx context.Context, l *look) {
	out, err := l.dynamodb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &l.name})
	if !l.read("", "dynamodb:DescribeTable", err) {
		return
	}
	if out.Table == nil {
		l.nothing("dynamodb:DescribeTable")
		return
	}
	if l.root(out.Table); l.ended() {
		return
	}
	backups, err := l.dynamodb.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &l.name})
	if l.read("ContinuousBackups", "dynamodb:DescribeContinuousBackups", err) {
		l.set("ContinuousBackups", backups.ContinuousBackupsDescription)
	}
	ttl, err := l.dynamodb.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &l.name})
	if l.read("TimeToLive", "dynamodb:DescribeTimeToLive", err) {
		l.set("TimeToLive", ttl.TimeToLiveDescription)
	}
	tags, err := l.tableTags(ctx)
	if l.read("Tags", "dynamodb:ListTagsOfResource", err) {
		l.set("Tags", tags)
	}
}

// tableTags follows the listing by hand: the SDK has no paginator for it.
func (l *look) tableTags(ctx context.Context) ([]types.Tag, error) {
	tags := []types.Tag{}
	input := &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(string(l.resource.ID))}
	for range maxPages {
		page, err := l.dynamodb.ListTagsOfResource(ctx, input)
		if err != nil {
			return nil, err
		}
		tags = append(tags, page.Tags...)
		if aws.ToString(page.NextToken) == "" {
			return tags, nil
		}
		input = &dynamodb.ListTagsOfResourceInput{ResourceArn: input.ResourceArn, NextToken: page.NextToken}
	}
	return nil, errEndless
}
