package awshome

import (
	"maps"
	"slices"
)

// What the program calls in a home, declared once: the policies of deploy/aws are
// made of it, and a test compares it with the calls that each role really makes.
// Actions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var (
	mayFind = grant{sid: "Home", actions: []string{"ssm:GetParameter"}, on: []string{"${parameter}"}}

	// Without the right to list, S3 calls what is absent forbidden. No function writes
	// under specs/: what they judge by is for people to say.
	mayReadFiles = grant{sid: "ReadFiles", actions: []string{"s3:GetObject"}, on: []string{"${bucket}/archive/*", "${bucket}/rules/*", "${bucket}/specs/*"}}
	mayReadKeys  = grant{sid: "ReadFormerKeys", actions: []string{"s3:GetObject"}, on: []string{"${bucket}/keys/*"}} // that signed before
	mayListFiles = grant{sid: "ListFiles", actions: []string{"s3:ListBucket"}, on: []string{"${bucket}"}}
	mayArchive   = grant{sid: "Archive", actions: []string{"s3:PutObject"}, on: []string{"${bucket}/archive/*"}}
	// Retention is a person's: no function deletes, and nobody goes by a governance lock.
	mayErase    = grant{sid: "Erase", actions: []string{"s3:DeleteObjectVersion", "s3:GetObjectLegalHold", "s3:GetObjectRetention"}, on: []string{"${bucket}/archive/*"}}
	mayAskLocks = grant{sid: "AskLocks", actions: []string{"s3:GetBucketObjectLockConfiguration", "s3:ListBucketVersions"}, on: []string{"${bucket}"}}
	mayReadLogs = grant{sid: "ReadLogs", actions: []string{"s3:GetObject"}, on: []string{"${log_bucket}/*"}}

	mayRead = grant{sid: "ReadTable", actions: []string{"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}, on: []string{"${table}"}}
	// The operations of a transaction are permitted one by one. Records and messages
	// are put where there is none: the program says so, and no policy can.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
	mayPut   = grant{sid: "AppendAndSend", actions: []string{"dynamodb:PutItem"}, on: []string{"${table}"}}
	mayIndex = grant{sid: "WriteRows", actions: []string{"dynamodb:BatchWriteItem"}, on: []string{"${table}"}, keys: []string{"kind#*", "subject#*"}}

	mayNumber = grant{sid: "CountMessages", actions: []string{"dynamodb:UpdateItem"}, on: []string{"${table}"}, keys: []string{"queue"}}
	mayRing   = grant{sid: "Ring", actions: []string{"sqs:SendMessage"}, on: []string{"${work_queue}"}}
	// AWS does not say whether the keys of an operation are its own or those of its
	// whole transaction, which for a burial and a redrive are these.
	mayEnd   = grant{sid: "EndMessages", actions: []string{"dynamodb:DeleteItem"}, on: []string{"${table}"}, keys: []string{"due#*", "letters", "message#*"}}
	mayCheck = grant{sid: "LeaveMessages", actions: []string{"dynamodb:ConditionCheckItem"}, on: []string{"${table}"}, keys: []string{"letters", "message#*"}}

	mayTell = grant{sid: "Tell", actions: []string{"sns:Publish"}, on: []string{"${topic}"}}
	maySeal = grant{sid: "Seal", actions: []string{"kms:GetPublicKey", "kms:Sign"}, on: []string{"${ledger_key}"}}

	mayObserve  = grant{sid: "Observe", actions: []string{"sts:AssumeRole"}, on: []string{"arn:${partition}:iam::*:role/${collector_role}"}}
	mayListAll  = grant{sid: "ListMembers", actions: []string{"organizations:ListAccounts"}, on: []string{"*"}} // takes no resource
	takingNames = polling("TakeNames", "${work_queue}")
)

// What Lambda does for a function, with the function's role.
var (
	// The variables of a function are encrypted too.
	mayLog = grant{sid: "Logs", lambda: true, actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, on: []string{"${logs}:*"}, reads: "lambda"}
	// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-create.html
	takingChanges = grant{sid: "ReadStream", lambda: true, on: []string{"${table}/stream/*"},
		actions: []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}}
	burying = grant{sid: "Bury", lambda: true, actions: []string{"sqs:SendMessage"}, on: []string{"${judge_dead}"}}
)

// polling is how Lambda takes messages out of SQS.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func polling(sid, queue string) grant {
	return grant{sid: sid, lambda: true, actions: []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}, on: []string{queue}}
}

// usesKey are the services that use the key of the data on behalf of who calls
// them, with the actions for which they make a data key.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
var usesKey = map[string]string{
	"dynamodb": "", // makes its keys by a grant of its own
	"s3":       "s3:PutObject",
	"sns":      "sns:Publish",
	"sqs":      "sqs:SendMessage",
}

var roles = func() map[string][]grant {
	// Whoever opens a home registers its specifications, and so archives and appends.
	opening := []grant{mayFind, mayReadFiles, mayListFiles, mayArchive, mayRead, mayPut, mayIndex}
	sending := slices.Concat(opening, []grant{mayNumber, mayRing})
	working := slices.Concat(sending, []grant{mayEnd, mayTell, mayObserve})
	with := func(grants []grant, more ...grant) []grant { return slices.Concat(grants, more) }
	return map[string][]grant{
		"intake":        with(sending, polling("TakeEvents", "${intake_queue}"), mayLog),
		"intake-logs":   {mayReadLogs}, // beside intake, for each bucket of log files
		"work":          with(working, takingNames, mayLog),
		"judge":         with(sending, takingChanges, burying, mayLog),
		"specification": with(sending, mayLog),
		"schedule":      with(working, mayListAll, maySeal, mayLog),
		"task":          with(sending, mayObserve, maySeal, mayLog), // a report holds the proof that it was recorded
		"worker":        with(working, maySeal),
		"operator":      with(sending, mayReadKeys, mayEnd, mayCheck, maySeal, mayAskLocks, mayErase),
	}
}()

// Roles are the names of those that work in a home: the functions, the worker,
// and the operator, who is a person with the command line.
func Roles() []string { return slices.Sorted(maps.Keys(roles)) }
