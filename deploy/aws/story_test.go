package aws_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

// story is what happens to a deployed home, and what can be seen of it.
type story struct {
	*stack
	ec2    *ec2.Client         // in the member account
	events *eventbridge.Client // in the member account too
	queues *sqs.Client
	s3     *s3.Client
	told   []notice // so far, in their order
	put    atomic.Int64
}

// notice is a message of the topic, as SNS gives it to a queue.
type notice struct {
	Subject, Message  string
	MessageAttributes map[string]struct{ Value string }
}

func (n notice) id() string { return n.MessageAttributes["notice"].Value }

func begin(t *testing.T) *story {
	s := &story{stack: deploy(t)}
	moto := s.cfg.Copy()
	moto.BaseEndpoint = &s.moto.URL
	role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(moto), "arn:aws:iam::"+member+":role/deployer")
	moto.Credentials = aws.NewCredentialsCache(role)
	s.ec2 = ec2.NewFromConfig(moto)
	s.events, s.queues = eventbridge.NewFromConfig(s.as(member)), sqs.NewFromConfig(s.cfg)
	s.s3 = s3.NewFromConfig(s.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	for _, name := range []string{"notices", "lost"} {
		got(s.queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
			"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`,
		}}))(t)
	}
	got(sns.NewFromConfig(s.cfg).Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: &s.home.Topic, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:" + mototest.Region + ":" + tooling + ":notices"),
	}))(t)
	// What a killed function held comes back sooner than after six times its time-out,
	// and a name that means nothing is given up sooner than after ten tries.
	for name, tries := range map[string]int{"intake": 10, "work": 5} {
		got(s.queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: s.queue("prod-" + name), Attributes: map[string]string{
			"VisibilityTimeout": "15", "RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:prod-%s-dlq","maxReceiveCount":"%d"}`, mototest.Region, tooling, name, tries),
		}}))(t)
	}
	return s
}

func (s *story) queue(name string) *string { return aws.String(s.url + "/" + tooling + "/" + name) }

// specify uploads the specification of security groups.
func (s *story) specify() {
	for key, text := range map[string]string{
		"system.json": `{"id": "LAB", "title": "Laboratory", "scope": {"tags": {"System": "LAB"}}}`,
		"group.json": `{"id": "LAB-GROUP", "version": "1", "title": "Security groups", "system": "LAB", "effective": {"from": "2020-01-01"},
			"approval": {"by": "A. Person", "role": "QA", "at": "2020-01-01T00:00:00Z"},
			"applies": {"type": "AWS::EC2::SecurityGroup", "tags": {"System": "LAB"}},
			"test_cases": [{"id": "G-1", "title": "Closed to the world", "attribute": "IpPermissions[].IpRanges[].CidrIp",
				"expect": {"excludes_cidr": "0.0.0.0/0"}, "empty": "PASS", "risk": "high", "rationale": "r", "requirements": ["URS-1"]}]}`,
	} {
		got(s.s3.PutObject(s.Context(), &s3.PutObjectInput{Bucket: &s.home.Bucket, Key: aws.String("specs/" + key), Body: strings.NewReader(text)}))(s)
	}
	s.until("the specification is in force", time.Minute, func() bool {
		for _, r := range s.records(everqual.KindInForce) {
			if strings.Contains(string(r.Body), "LAB-GROUP") {
				return true
			}
		}
		return false
	})
}

// group makes a security group in the member account, and returns its id and the
// event of that.
func (s *story) group(name string) (id, event string) {
	out := got(s.ec2.CreateSecurityGroup(s.Context(), &ec2.CreateSecurityGroupInput{GroupName: &name, Description: &name,
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: "security-group", Tags: []ec2types.Tag{{Key: aws.String("System"), Value: aws.String("LAB")}}}},
	}))(s)
	return *out.GroupId, s.event("CreateSecurityGroup", "{}", fmt.Sprintf(`{"groupId":%q}`, *out.GroupId))
}

// openUp lets the world into a security group.
func (s *story) openUp(id string) (event string) {
	got(s.ec2.AuthorizeSecurityGroupIngress(s.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: []ec2types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}}))(s)
	return s.event("AuthorizeSecurityGroupIngress", fmt.Sprintf(`{"groupId":%q}`, id), "{}")
}

// event is what CloudTrail tells of a call.
func (s *story) event(name, request, response string) string {
	return fmt.Sprintf(`{"eventVersion":"1.10","eventID":"event-%d","eventSource":"ec2.amazonaws.com","eventName":%q,"eventTime":%q,"awsRegion":%q,
		"recipientAccountId":%q,"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"sourceIPAddress":"192.0.2.1",
		"userIdentity":{"type":"AssumedRole","principalId":"AROA:d","arn":"arn:aws:sts::%[5]s:assumed-role/deployer/d","accountId":%[5]q},
		"requestParameters":%s,"responseElements":%s}`, s.put.Add(1), name, time.Now().UTC().Format(time.RFC3339), mototest.Region, member, request, response)
}

// onBus puts events on the bus of the member account, as CloudTrail does.
func (s *story) onBus(events ...string) {
	s.Helper()
	for some := range slices.Chunk(events, 10) {
		var entries []ebtypes.PutEventsRequestEntry
		for _, e := range some {
			entries = append(entries, ebtypes.PutEventsRequestEntry{
				Source: aws.String("aws.ec2"), DetailType: aws.String("AWS API Call via CloudTrail"), Detail: &e,
			})
		}
		if out := got(s.events.PutEvents(s.Context(), &eventbridge.PutEventsInput{Entries: entries}))(s); out.FailedEntryCount > 0 {
			s.Fatalf("the bus refused: %s", aws.ToString(out.Entries[0].ErrorMessage))
		}
	}
}

// records are those of a kind that the ledger holds now; of all when it is "".
func (s *story) records(kind everqual.Kind) (all []everqual.Record) {
	s.Helper()
	h := got(awshome.Open(s.Context(), "prod", awshome.Options{}))(s)
	for r, err := range h.Ledger.Records(s.Context(), ledger.Query{Kind: kind}) {
		check(s, err)
		all = append(all, r)
	}
	return all
}

// about are the records whose text names something.
func (s *story) about(kind everqual.Kind, what string) (some []everqual.Record) {
	s.Helper()
	for _, r := range s.records(kind) {
		if strings.Contains(string(r.Body), what) {
			some = append(some, r)
		}
	}
	return some
}

// listen reads what the topic has said, and returns the notices that pass.
func (s *story) listen(pass func(n notice) bool) (some []notice) {
	s.Helper()
	for {
		out := got(s.queues.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: s.queue("notices"), MaxNumberOfMessages: 10}))(s)
		for _, m := range out.Messages {
			var n notice
			check(s, json.Unmarshal([]byte(*m.Body), &n))
			s.told = append(s.told, n)
			got(s.queues.DeleteMessage(s.Context(), &sqs.DeleteMessageInput{QueueUrl: s.queue("notices"), ReceiptHandle: m.ReceiptHandle}))(s)
		}
		if len(out.Messages) == 0 {
			break
		}
	}
	for _, n := range s.told {
		if pass(n) {
			some = append(some, n)
		}
	}
	return some
}

// hear waits for a notice.
func (s *story) hear(what string, pass func(n notice) bool) (n notice) {
	s.Helper()
	s.until("a notice: "+what, time.Minute, func() bool {
		some := s.listen(pass)
		if len(some) > 0 {
			n = some[0]
		}
		return len(some) > 0
	})
	return n
}

func mentions(text string) func(notice) bool {
	return func(n notice) bool { return strings.Contains(n.Subject+"\n"+n.Message, text) }
}

// waiting counts the messages in the table.
func (s *story) waiting() (n int) {
	s.Helper()
	pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(s.cfg), &dynamodb.ScanInput{
		TableName: aws.String("prod"), FilterExpression: aws.String("begins_with(pk, :m)"), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: map[string]dbtypes.AttributeValue{":m": &dbtypes.AttributeValueMemberS{Value: "message#"}},
	})
	for pages.HasMorePages() {
		n += len(got(pages.NextPage(s.Context()))(s).Items)
	}
	return n
}

// say puts a body into a queue, past whatever else fills it.
func (s *story) say(queue, body string) {
	s.Helper()
	got(s.queues.SendMessage(s.Context(), &sqs.SendMessageInput{QueueUrl: s.queue(queue), MessageBody: &body}))(s)
}

// held is how many messages a queue holds, those included that a function has, or
// had when it was killed.
func (s *story) held(queue string) (n int) {
	s.Helper()
	out := got(s.queues.GetQueueAttributes(s.Context(), &sqs.GetQueueAttributesInput{QueueUrl: s.queue(queue), AttributeNames: []sqstypes.QueueAttributeName{
		"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
	}}))(s)
	for _, value := range out.Attributes {
		n += got(strconv.Atoi(value))(s)
	}
	return n
}

// letters are the open dead letters.
func (s *story) letters() (open []everqual.DeadLetter) {
	s.Helper()
	check(s, json.Unmarshal([]byte(s.everqual("deadletter", "list", "--output", "json")), &open))
	return open
}
