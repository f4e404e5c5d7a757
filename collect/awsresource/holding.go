package awsresource

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// saysNothing are the operations to which AWS answers with nothing in it when
// nothing is there. To all others it sends the empty list, or refuses with an error.
var saysNothing = []string{
	// Without a policy the result is empty:
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetStackPolicy.html
	"cloudformation:GetStackPolicy",
	// So AWS answers an account that has no administrator, against its own model.
	"guardduty:GetAdministratorAccount",
	// KeyRotationEnabled, which may be false, is all that is always there:
	// https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
	"kms:GetKeyRotationStatus",
	// The only member is left out where nothing is reserved:
	// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
	"lambda:GetFunctionConcurrency",
	// No member is required, and no error says that there is no policy:
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDataProtectionPolicy.html
	"logs:GetDataProtectionPolicy",
	// us-east-1 is an empty document: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
	"s3:GetBucketLocation",
	// As is a bucket that was never set so:
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html
	"s3:GetBucketLogging", "s3:GetBucketNotificationConfiguration", "s3:GetBucketVersioning",
	// SQS leaves empty lists out: https://github.com/boto/boto3/issues/1813
	"sqs:ListQueueTags", "sqs:ListQueues",
}

// besides are members that stand beside what a reply holds: those by which a
// listing is turned over, and what S3 says in a header.
var besides = []string{
	"NextToken", "NextMarker", "Marker", "Position", "IsTruncated", "MaxResults", "MaxItems", "TransitionDefaultMinimumObjectSize",
}

// holding refuses a reply that is well formed and has nothing in it: no list,
// where it is a page of a listing, or no member at all. It says neither that what
// was asked for is gone nor that there is none.
func holding(call string, result any) error {
	v := reflect.Indirect(reflect.ValueOf(result))
	if v.Kind() != reflect.Struct || slices.Contains(saysNothing, call) {
		return nil
	}
	page, lists, listed := false, false, false
	for i := range v.NumField() {
		kind := v.Field(i).Kind()
		list := kind == reflect.Slice || kind == reflect.Map
		page = page || slices.Contains(besides, v.Type().Field(i).Name)
		lists, listed = lists || list, listed || list && !v.Field(i).IsNil()
	}
	if page && lists && !listed || unset(v) {
		return holdsNothing(call)
	}
	return nil
}

func holdsNothing(call string) error {
	return &collect.NoReply{Reason: everqual.Invalid, Message: fmt.Sprintf("the reply to %s holds nothing, not even an empty list", call)}
}

// unset tells whether a structure has no member that is set. A list that is
// there counts, also when it is empty; false and 0 may not have been sent.
func unset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || v.Elem().Kind() == reflect.Struct && unset(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() && field.Name != "ResultMetadata" && !slices.Contains(besides, field.Name) && !unset(v.Field(i)) {
				return false
			}
		}
		return !isTime(v)
	}
	return v.IsZero()
}

func isTime(v reflect.Value) bool { return v.Type() == reflect.TypeFor[time.Time]() && !v.IsZero() }
