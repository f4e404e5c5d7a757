package awsresource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var dynamodbTable = kind{
	name: "AWS::DynamoDB::Table", version: 2, arn: "dynamodb:table/",
	describe: describeTable, list: listTables, listActions: []string{"dynamodb:ListTables"},
	actions: []string{
		"dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource",
		"application-autoscaling:DescribeScalableTargets",
	},
	missing: []string{"ResourceNotFoundException", "TableNotFoundException"},
	ending:  ending{"TableStatus", []string{"DELETING"}},
	sets: []string{
		"Tags", "AttributeDefinitions", "Replicas", "GlobalTableWitnesses",
		"GlobalSecondaryIndexes", "GlobalSecondaryIndexes[].Projection.NonKeyAttributes",
		"LocalSecondaryIndexes", "LocalSecondaryIndexes[].Projection.NonKeyAttributes",
		"Replicas[].GlobalSecondaryIndexes", "ScalableTargets",
	},
	volatile: join([]string{
		"ItemCount", "TableSizeBytes", "WarmThroughput", "ProvisionedThroughput.NumberOfDecreasesToday",
		"GlobalSecondaryIndexes[].ItemCount", "GlobalSecondaryIndexes[].IndexSizeBytes",
		"GlobalSecondaryIndexes[].ProvisionedThroughput.NumberOfDecreasesToday", "GlobalSecondaryIndexes[].WarmThroughput",
		"LocalSecondaryIndexes[].ItemCount", "LocalSecondaryIndexes[].IndexSizeBytes",
		"ScalableTargets[].PredictedCapacity",
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
	l.orNull("SSEDescription") // left out while AWS's own key encrypts
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
	targets, err := l.scalableTargets(ctx, out.Table)
	if l.read("ScalableTargets", "application-autoscaling:DescribeScalableTargets", err) {
		l.set("ScalableTargets", targets)
	}
}

// scalableTargets are those of the table and of its indexes.
func (l *look) scalableTargets(ctx context.Context, table *types.TableDescription) ([]scaling.ScalableTarget, error) {
	ids := []string{"table/" + l.name}
	for _, index := range table.GlobalSecondaryIndexes {
		ids = append(ids, "table/"+l.name+"/index/"+aws.ToString(index.IndexName))
	}
	slices.Sort(ids)
	pages := applicationautoscaling.NewDescribeScalableTargetsPaginator(l.appscaling, &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: scaling.ServiceNamespaceDynamodb, ResourceIds: ids,
	})
	return all(ctx, pages, func(o *applicationautoscaling.DescribeScalableTargetsOutput) []scaling.ScalableTarget {
		return o.ScalableTargets
	})
}

func listTables(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, dynamodb.NewListTablesPaginator(c.dynamodb, &dynamodb.ListTablesInput{}),
		func(o *dynamodb.ListTablesOutput) []string { return o.TableNames })
}

func (l *look) tableTags(ctx context.Context) ([]types.Tag, error) {
	return byToken(func(token *string) ([]types.Tag, *string, error) {
		page, err := l.dynamodb.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(string(l.resource.ID)), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.Tags, page.NextToken, nil
	})
}
