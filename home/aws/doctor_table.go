package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/everqual/everqual"
)

// table checks what keeps the ledger and the messages.
func (w *ward) table(ctx context.Context) []everqual.Check {
	db := dynamodb.NewFromConfig(w.cfg)
	out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &w.home.Table})
	if err != nil {
		return []everqual.Check{unasked("table", "dynamodb:DescribeTable", err)}
	}
	t := out.Table
	stream := t.StreamSpecification
	sse := t.SSEDescription
	kms := sse != nil && sse.Status == types.SSEStatusEnabled
	return []everqual.Check{
		everqual.OK("table", "%s is %s", w.home.Table, t.TableStatus).
			Else(t.TableStatus == types.TableStatusActive || t.TableStatus == types.TableStatusUpdating, everqual.CheckFail, "wait for it, or restore it"),
		everqual.OK("table key schema", "%s", schema(t.KeySchema)).
			Else(schema(t.KeySchema) == "pk HASH, sk RANGE", everqual.CheckFail, "it is no table of Everqual: compare the parameter with the deployment"),
		everqual.OK("table stream", "%s", streams(stream)).
			Else(stream != nil && aws.ToBool(stream.StreamEnabled), everqual.CheckFail, "enable the stream with NEW_IMAGE: without it nothing new is judged before the schedule comes"),
		everqual.OK("table encryption", "with KMS: %t", kms).
			Else(kms, everqual.CheckWarn, "encrypt it with a KMS key of your own"),
		everqual.OK("table deletion protection", "%t", aws.ToBool(t.DeletionProtectionEnabled)).
			Else(aws.ToBool(t.DeletionProtectionEnabled), everqual.CheckWarn, "enable it: the ledger could be deleted by one call"),
		w.recovery(ctx, db),
	}
}

func schema(keys []types.KeySchemaElement) (text string) {
	for i, k := range keys {
		if i > 0 {
			text += ", "
		}
		text += aws.ToString(k.AttributeName) + " " + string(k.KeyType)
	}
	return text
}

func streams(s *types.StreamSpecification) string {
	if s == nil || !aws.ToBool(s.StreamEnabled) {
		return "none"
	}
	return string(s.StreamViewType)
}

func (w *ward) recovery(ctx context.Context, db *dynamodb.Client) everqual.Check {
	const name = "table point-in-time recovery"
	out, err := db.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &w.home.Table})
	if err != nil {
		return unasked(name, "dynamodb:DescribeContinuousBackups", err)
	}
	var status types.PointInTimeRecoveryStatus
	if b := out.ContinuousBackupsDescription; b != nil && b.PointInTimeRecoveryDescription != nil {
		status = b.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
	}
	return everqual.OK(name, "%s", status).
		Else(status == types.PointInTimeRecoveryStatusEnabled, everqual.CheckFail, "enable it: it is the backup of the ledger")
}
