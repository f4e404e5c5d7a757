package rule_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
)

const (
	ec2 = "arn:aws:ec2:eu-central-1:111122223333:"
	key = "11111111-2222-3333-4444-555555555555"
)

// call builds a CloudTrail record of eu-central-1 in account 111122223333.
// rest are further members, such as `"resources": [...]`.
func call(t *testing.T, service, name, request, response string, rest ...string) everqual.ChangeEvent {
	t.Helper()
	record := fmt.Sprintf(`{"eventVersion": "1.11", "eventSource": "%s.amazonaws.com", "eventName": %q, "awsRegion": "eu-central-1",
		"eventTime": "2026-03-01T10:00:00Z", "eventID": "e-1", "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
		"requestParameters": %s, "responseElements": %s%s}`, service, name, request, response, strings.Join(append([]string{""}, rest...), ", "))
	return wrap(t, []byte(record))
}

// lines writes a match as one line per resource, "TYPE ARN", with account and
// region where they are not those of call.
func lines(m rule.Match) []string {
	var out []string
	for _, r := range m.Resources {
		s := r.Type + " " + string(r.ID)
		if r.Account != "111122223333" {
			s += " account " + r.Account
		}
		if r.Region != "eu-central-1" {
			s += " region " + r.Region
		}
		out = append(out, s)
	}
	return out
}

func TestMatchResources(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct {
		service, name     string
		request, response string
		rest              string
		want              []string
	}{
		// EC2: lists under items, the newer calls under one key, lists of the XML form.
		{"ec2", "RunInstances", `{"instanceType":"t3.micro"}`, `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1"},{"instanceId":"i-0aaaaaaaaaaaaaaa2"}]}}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1", "AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa2"}},
		{"ec2", "TerminateInstances", `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1"}]}}`, `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1","currentState":{"code":32}}]}}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "ModifyInstanceAttribute", `{"instanceId":"i-12345678","instanceType":{"value":"m5.large"}}`, `{"_return":true}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-12345678"}},
		{"ec2", "ModifyInstanceMetadataOptions", `{"ModifyInstanceMetadataOptionsRequest":{"HttpTokens":"optional","InstanceId":"i-0aaaaaaaaaaaaaaa1"}}`, `{"ModifyInstanceMetadataOptionsResponse":{"instanceId":"i-0aaaaaaaaaaaaaaa1"}}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "DisassociateIamInstanceProfile", `{"DisassociateIamInstanceProfileRequest":{"AssociationId":"iip-assoc-0aaaaaaaaaaaaaaa1"}}`,
			`{"DisassociateIamInstanceProfileResponse":{"iamInstanceProfileAssociation":{"associationId":"iip-assoc-0aaaaaaaaaaaaaaa1","instanceId":"i-0aaaaaaaaaaaaaaa1"}}}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "ModifyInstanceCreditSpecification", `{"ModifyInstanceCreditSpecificationRequest":{"InstanceCreditSpecification":{"CpuCredits":"standard","InstanceId":"i-0aaaaaaaaaaaaaaa1","tag":1}}}`, `null`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "AttachVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa1","instanceId":"i-0aaaaaaaaaaaaaaa1","device":"/dev/sdf"}`, `{"volumeId":"vol-0aaaaaaaaaaaaaaa1","instanceId":"i-0aaaaaaaaaaaaaaa1"}`, "",
			[]string{"AWS::EC2::Volume " + ec2 + "volume/vol-0aaaaaaaaaaaaaaa1", "AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "DetachVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa1"}`, `{"instanceId":"i-0aaaaaaaaaaaaaaa1"}`, "",
			[]string{"AWS::EC2::Volume " + ec2 + "volume/vol-0aaaaaaaaaaaaaaa1", "AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "ModifyVolume", `{"ModifyVolumeRequest":{"VolumeId":"vol-0aaaaaaaaaaaaaaa1","Size":20}}`, `null`, "", []string{"AWS::EC2::Volume " + ec2 + "volume/vol-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"i-0aaaaaaaaaaaaaaa1"},{"resourceId":"ipam-0aaaaaaaaaaaaaaa1"},{"resourceId":"subnet-0aaaaaaaaaaaaaaa1"},{"resourceId":"vpc-0aaaaaaaaaaaaaaa1"}]}}`, `{"_return":true}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1", "AWS::EC2::Subnet " + ec2 + "subnet/subnet-0aaaaaaaaaaaaaaa1", "AWS::EC2::VPC " + ec2 + "vpc/vpc-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"tgw-attach-0aaaaaaaaaaaaaaa1"}]}}`, `null`, "", []string{"AWS::EC2::TransitGatewayAttachment " + ec2 + "transit-gateway-attachment/tgw-attach-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-0aaaaaaaaaaaaaaa1","ipPermissions":{"items":[{"groups":{"items":[{"groupId":"sg-0bbbbbbbbbbbbbbb1"}]}}]}}`, `{"_return":true}`, "",
			[]string{"AWS::EC2::SecurityGroup " + ec2 + "security-group/sg-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "AuthorizeSecurityGroupIngress", `{"groupName":"default","ipPermissions":{}}`, `{"securityGroupRuleSet":{"items":[{"groupId":"sg-0aaaaaaaaaaaaaaa1"}]}}`, "",
			[]string{"AWS::EC2::SecurityGroup " + ec2 + "security-group/sg-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "ModifySecurityGroupRules", `{"ModifySecurityGroupRulesRequest":{"GroupId":"sg-0aaaaaaaaaaaaaaa1","SecurityGroupRule":{"tag":1}}}`, `null`, "", []string{"AWS::EC2::SecurityGroup " + ec2 + "security-group/sg-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "CreateVpc", `{"cidrBlock":"10.0.0.0/16"}`, `{"vpc":{"vpcId":"vpc-0aaaaaaaaaaaaaaa1"}}`, "", []string{"AWS::EC2::VPC " + ec2 + "vpc/vpc-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "ModifySubnetAttribute", `{"subnetId":"subnet-0aaaaaaaaaaaaaaa1","mapPublicIpOnLaunch":{"value":true}}`, `{"_return":true}`, "", []string{"AWS::EC2::Subnet " + ec2 + "subnet/subnet-0aaaaaaaaaaaaaaa1"}},
		{"ec2", "CreateFlowLogs", `{"CreateFlowLogsRequest":{"ResourceId":[{"tag":1,"content":"vpc-0aaaaaaaaaaaaaaa1"},{"tag":2,"content":"vpc-0aaaaaaaaaaaaaaa2"}]}}`, `{"CreateFlowLogsResponse":{"flowLogIdSet":{"item":"fl-0aaaaaaaaaaaaaaa1"}}}`, "",
			[]string{"AWS::EC2::VPC " + ec2 + "vpc/vpc-0aaaaaaaaaaaaaaa1", "AWS::EC2::VPC " + ec2 + "vpc/vpc-0aaaaaaaaaaaaaaa2", "AWS::EC2::FlowLog " + ec2 + "vpc-flow-log/fl-0aaaaaaaaaaaaaaa1"}},

		// S3: the ARN has no account, so the owner is read beside it.
		{"s3", "PutBucketPublicAccessBlock", `{"bucketName":"lims-raw","publicAccessBlock":""}`, `null`, `"resources":[{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::lims-raw"}]`,
			[]string{"AWS::S3::Bucket arn:aws:s3:::lims-raw"}},
		{"s3", "PutBucketPolicy", `{"bucketName":"theirs"}`, `null`, `"resources":[{"accountId":"444455556666","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::theirs"}]`,
			[]string{"AWS::S3::Bucket arn:aws:s3:::theirs account 444455556666"}},
		{"s3", "CreateBucket", `{"bucketName":"lims.raw"}`, `null`, "", []string{"AWS::S3::Bucket arn:aws:s3:::lims.raw"}},

		// RDS: names are lower case, tags go by ARN, a member changes its cluster.
		{"rds", "ModifyDBInstance", `{"dBInstanceIdentifier":"LIMS-db","deletionProtection":false}`, `{"dBInstanceIdentifier":"lims-db","dBInstanceArn":"arn:aws:rds:eu-central-1:111122223333:db:lims-db","dBClusterIdentifier":"lims"}`, "",
			[]string{"AWS::RDS::DBInstance arn:aws:rds:eu-central-1:111122223333:db:lims-db", "AWS::RDS::DBCluster arn:aws:rds:eu-central-1:111122223333:cluster:lims"}},
		{"rds", "AddTagsToResource", `{"resourceName":"arn:aws:rds:eu-central-1:111122223333:cluster:lims"}`, `null`, "", []string{"AWS::RDS::DBCluster arn:aws:rds:eu-central-1:111122223333:cluster:lims"}},
		{"rds", "ModifyDBCluster", `{"dBClusterIdentifier":"lims","deletionProtection":false}`, `{"dBClusterIdentifier":"lims"}`, "", []string{"AWS::RDS::DBCluster arn:aws:rds:eu-central-1:111122223333:cluster:lims"}},
		{"rds", "RestoreDBInstanceToPointInTime", `{"sourceDBInstanceIdentifier":"lims-db","targetDBInstanceIdentifier":"lims-new"}`, `null`, "", []string{"AWS::RDS::DBInstance arn:aws:rds:eu-central-1:111122223333:db:lims-new"}},

		// KMS: id, ARN, or only the resources list.
		{"kms", "DisableKeyRotation", `{"keyId":"` + key + `"}`, `null`, `"resources":[{"ARN":"arn:aws:kms:eu-central-1:111122223333:key/` + key + `","accountId":"111122223333"}]`,
			[]string{"AWS::KMS::Key arn:aws:kms:eu-central-1:111122223333:key/" + key}},
		{"kms", "PutKeyPolicy", `{"keyId":"arn:aws:kms:eu-west-1:444455556666:key/mrk-0123456789abcdef0123456789abcdef"}`, `null`, "",
			[]string{"AWS::KMS::Key arn:aws:kms:eu-west-1:444455556666:key/mrk-0123456789abcdef0123456789abcdef account 444455556666 region eu-west-1"}},
		{"kms", "DeleteAlias", `{"aliasName":"alias/lims"}`, `null`, `"resources":[{"ARN":"arn:aws:kms:eu-central-1:111122223333:alias/lims"},{"ARN":"arn:aws:kms:eu-central-1:111122223333:key/` + key + `"}]`,
			[]string{"AWS::KMS::Alias arn:aws:kms:eu-central-1:111122223333:alias/lims", "AWS::KMS::Key arn:aws:kms:eu-central-1:111122223333:key/" + key}},
		{"kms", "CreateKey", `{"description":"x"}`, `{"keyMetadata":{"keyId":"` + key + `","arn":"arn:aws:kms:eu-central-1:111122223333:key/` + key + `"}}`, "",
			[]string{"AWS::KMS::Key arn:aws:kms:eu-central-1:111122223333:key/" + key}},
		{"kms", "RotateKey", `null`, `null`, `"serviceEventDetails":{"keyId":"` + key + `"}, "eventType":"AwsServiceEvent"`, []string{"AWS::KMS::Key arn:aws:kms:eu-central-1:111122223333:key/" + key}},

		// IAM: most calls give the name only, so the path is left out everywhere.
		{"iam", "CreateRole", `{"roleName":"app","path":"/lims/"}`, `{"role":{"roleName":"app","arn":"arn:aws:iam::111122223333:role/lims/app"}}`, "", []string{"AWS::IAM::Role arn:aws:iam::111122223333:role/app"}},
		{"iam", "AttachRolePolicy", `{"roleName":"app","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, `null`, "", []string{"AWS::IAM::Role arn:aws:iam::111122223333:role/app"}},
		{"iam", "AddRoleToInstanceProfile", `{"roleName":"app","instanceProfileName":"web"}`, `null`, "", []string{"AWS::IAM::Role arn:aws:iam::111122223333:role/app", "AWS::IAM::InstanceProfile arn:aws:iam::111122223333:instance-profile/web"}},

		// Lambda: API date in the event name; name, partial ARN, full ARN, qualifier.
		{"lambda", "UpdateFunctionConfiguration20150331v2", `{"functionName":"parse","timeout":30}`, `{}`, "", []string{"AWS::Lambda::Function arn:aws:lambda:eu-central-1:111122223333:function:parse"}},
		{"lambda", "PublishVersion20150331", `{"functionName":"111122223333:function:parse"}`, `{}`, "", []string{"AWS::Lambda::Function arn:aws:lambda:eu-central-1:111122223333:function:parse"}},
		{"lambda", "AddPermission20150331v2", `{"functionName":"arn:aws:lambda:eu-central-1:111122223333:function:parse:live"}`, `{}`, "", []string{"AWS::Lambda::Function arn:aws:lambda:eu-central-1:111122223333:function:parse"}},
		{"lambda", "TagResource20170331v2", `{"resource":"arn:aws:lambda:eu-central-1:111122223333:function:parse"}`, `null`, "", []string{"AWS::Lambda::Function arn:aws:lambda:eu-central-1:111122223333:function:parse"}},
		{"lambda", "PutFunctionConcurrency20171031", `{"functionName":"parse:$LATEST"}`, `null`, "", []string{"AWS::Lambda::Function arn:aws:lambda:eu-central-1:111122223333:function:parse"}},

		// CloudTrail: a trail is at home where its ARN says.
		{"cloudtrail", "StopLogging", `{"name":"arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"}`, `null`, "", []string{"AWS::CloudTrail::Trail arn:aws:cloudtrail:us-east-1:111122223333:trail/audit region us-east-1", "AWS::::Account arn:aws:account::111122223333:account"}},
		{"cloudtrail", "UpdateTrail", `{"name":"audit"}`, `{"name":"audit","trailARN":"arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit"}`, "", []string{"AWS::CloudTrail::Trail arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit", "AWS::::Account arn:aws:account::111122223333:account"}},
		{"cloudtrail", "PutEventSelectors", `{"trailName":"audit"}`, `null`, "", []string{"AWS::CloudTrail::Trail arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit", "AWS::::Account arn:aws:account::111122223333:account"}},

		// DynamoDB: table name, or the ARN of anything below the table.
		{"dynamodb", "UpdateContinuousBackups", `{"tableName":"samples","pointInTimeRecoverySpecification":{"pointInTimeRecoveryEnabled":false}}`, `{}`, "", []string{"AWS::DynamoDB::Table arn:aws:dynamodb:eu-central-1:111122223333:table/samples"}},
		{"dynamodb", "TagResource", `{"resourceArn":"arn:aws:dynamodb:eu-central-1:111122223333:table/samples"}`, `null`, "", []string{"AWS::DynamoDB::Table arn:aws:dynamodb:eu-central-1:111122223333:table/samples"}},
		{"dynamodb", "UpdateTable", `{"tableName":"samples"}`, `{}`, `"resources":[{"ARN":"arn:aws:dynamodb:eu-central-1:111122223333:table/samples/index/by-date","accountId":"111122223333"}]`, []string{"AWS::DynamoDB::Table arn:aws:dynamodb:eu-central-1:111122223333:table/samples"}},

		// An ARN tells its type across rules.
		{"tagging", "TagResources", `{"resourceARNList":["arn:aws:ec2:eu-central-1:111122223333:instance/i-0aaaaaaaaaaaaaaa1","arn:aws:s3:::lims-raw","arn:aws:unknown:eu-central-1:111122223333:thing/x"]}`, `{"failedResourcesMap":{}}`, "",
			[]string{"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1", "AWS::S3::Bucket arn:aws:s3:::lims-raw"}},
		{"sqs", "SetQueueAttributes", `{"queueUrl":"https://sqs.eu-central-1.amazonaws.com/111122223333/jobs.fifo"}`, `null`, "", []string{"AWS::SQS::Queue arn:aws:sqs:eu-central-1:111122223333:jobs.fifo"}},
		{"elasticloadbalancing", "CreateLoadBalancer", `{"name":"web"}`, `{"loadBalancers":[{"loadBalancerArn":"arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/0123456789abcdef"}]}`, "",
			[]string{"AWS::ElasticLoadBalancingV2::LoadBalancer arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/0123456789abcdef"}},
		{"secretsmanager", "DeleteSecret", `{"secretId":"db"}`, `{"aRN":"arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf"}`, "", []string{"AWS::SecretsManager::Secret arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf"}},
	} {
		t.Run(c.service+":"+c.name, func(t *testing.T) {
			var rest []string
			if c.rest != "" {
				rest = []string{c.rest}
			}
			m, err := set.Match(call(t, c.service, c.name, c.request, c.response, rest...))
			if err != nil {
				t.Fatal(err)
			}
			if m.Rule != c.service || m.Unresolved != "" {
				t.Errorf("got rule %q, unresolved %q", m.Rule, m.Unresolved)
			}
			if d := cmp.Diff(c.want, lines(m)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMatchOutcomes(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct {
		name       string
		event      everqual.ChangeEvent
		rule       string
		unresolved string
		resources  int
	}{
		{"no rule", call(t, "workspaces", "CreateWorkspaces", `{}`, `{}`), "", "", 0},
		{"no such event name", call(t, "ec2", "CreateHovercraft", `{"volumeId":"vol-0aaaaaaaaaaaaaaa1"}`, `{}`), "", "", 0},
		{"known to touch nothing", call(t, "ec2", "CreateIpam", `{}`, `{}`), "ec2", "", 0},
		{"only types that no rule describes", call(t, "ec2", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"ipam-0aaaaaaaaaaaaaaa1"}]}}`, `null`), "", "", 0},
		{"read-only", call(t, "ec2", "RunInstances", `{}`, `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1"}]}}`, `"readOnly": true`), "", "", 0},
		{"readOnly false", call(t, "ec2", "RunInstances", `{}`, `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1"}]}}`, `"readOnly": false`), "ec2", "", 1},
		{"failed", call(t, "ec2", "RunInstances", `{}`, `null`, `"errorCode": "Client.UnauthorizedOperation"`), "", "", 0},
		{"no id", call(t, "ec2", "CreateVolume", `{"size":"1"}`, `null`), "ec2", "CreateVolume names no resource at responseElements.volumeId", 0},
		{"parameters omitted", call(t, "iam", "PutRolePolicy", `{"omitted":true,"originalSize":131000,"reason":"size"}`, `null`), "iam", "PutRolePolicy names no resource at requestParameters.roleName; CloudTrail omitted requestParameters for its size", 0},
		{"id of another kind", call(t, "ec2", "DeleteVolume", `{"volumeId":"HIDDEN"}`, `null`), "ec2", `"HIDDEN" at requestParameters.volumeId is no id of AWS::EC2::Volume`, 0},
		{"one id understood", call(t, "ec2", "StopInstances", `{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1"},{"instanceId":"?"}]}}`, `null`), "ec2", `"?" at requestParameters.instancesSet.items[].instanceId is no id of AWS::EC2::Instance`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := set.Match(c.event)
			if err != nil {
				t.Fatal(err)
			}
			if m.Rule != c.rule || m.Unresolved != c.unresolved || len(m.Resources) != c.resources {
				t.Errorf("got %+v", m)
			}
		})
	}
}

func TestMatchEnvelopes(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct{ name, envelope, want string }{
		{"instance state change", `{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","account":"111122223333","region":"eu-central-1","resources":["arn:aws:ec2:eu-central-1:111122223333:instance/i-0aaaaaaaaaaaaaaa1"],"detail":{"instance-id":"i-0aaaaaaaaaaaaaaa1","state":"stopped"}}`,
			"AWS::EC2::Instance " + ec2 + "instance/i-0aaaaaaaaaaaaaaa1"},
		{"ids of the envelope", `{"source":"aws.ec2","detail-type":"EBS Volume Notification","account":"111122223333","region":"eu-central-1","resources":["arn:aws:ec2:eu-central-1:111122223333:volume/vol-0aaaaaaaaaaaaaaa1"],"detail":{"event":"modifyVolume"}}`,
			"AWS::EC2::Volume " + ec2 + "volume/vol-0aaaaaaaaaaaaaaa1"},
		{"database event", `{"source":"aws.rds","detail-type":"RDS DB Cluster Event","account":"111122223333","region":"eu-central-1","detail":{"SourceArn":"arn:aws:rds:eu-central-1:111122223333:cluster:lims"}}`,
			"AWS::RDS::DBCluster arn:aws:rds:eu-central-1:111122223333:cluster:lims"},
		{"configuration item", `{"source":"aws.config","detail-type":"Config Configuration Item Change","account":"111122223333","region":"eu-central-1","detail":{"configurationItem":{"ARN":"arn:aws:iam::111122223333:role/lims/app","resourceType":"AWS::IAM::Role"}}}`,
			"AWS::IAM::Role arn:aws:iam::111122223333:role/app"},
		{"account and region of the envelope", `{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","account":"999988887777","region":"us-gov-west-1","detail":{"eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","requestParameters":{"bucketName":"lims-raw"}}}`,
			"AWS::S3::Bucket arn:aws-us-gov:s3:::lims-raw account 999988887777 region us-gov-west-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := set.Match(everqual.ChangeEvent{Envelope: json.RawMessage(c.envelope)})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{c.want}, lines(m)); d != "" || m.Unresolved != "" {
				t.Errorf("%s\nunresolved %q", d, m.Unresolved)
			}
		})
	}
}

func TestMatchWithoutAccountOrRegion(t *testing.T) {
	for _, c := range []struct{ name, envelope, want string }{
		{"region", `{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","account":"111122223333","detail":{"instance-id":"i-12345678"}}`, "names no region"},
		{"account", `{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification","region":"eu-west-1","detail":{"instance-id":"i-12345678"}}`, "names no account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := shipped(t).Match(everqual.ChangeEvent{Envelope: json.RawMessage(c.envelope)})
			if err != nil || m.Rule != "ec2" || !strings.Contains(m.Unresolved, c.want) {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
}

func TestMatchRefusesWhatIsNoEvent(t *testing.T) {
	_, err := shipped(t).Match(everqual.ChangeEvent{Envelope: json.RawMessage(`["x"]`)})
	if !everqual.IsPermanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
}

func TestResourceOfARN(t *testing.T) {
	set := shipped(t)
	for _, c := range []struct {
		arn  everqual.ResourceID
		want everqual.Resource
	}{
		{"arn:aws-cn:rds:cn-north-1:111122223333:db:LIMS", everqual.Resource{ID: "arn:aws-cn:rds:cn-north-1:111122223333:db:lims", Type: "AWS::RDS::DBInstance", Account: "111122223333", Region: "cn-north-1"}},
		{"arn:aws:s3:::lims-raw", everqual.Resource{ID: "arn:aws:s3:::lims-raw", Type: "AWS::S3::Bucket"}},
		{"arn:aws:iam::111122223333:role/lims/app", everqual.Resource{ID: "arn:aws:iam::111122223333:role/app", Type: "AWS::IAM::Role", Account: "111122223333"}},
		{"arn:aws:s3:::lims-raw/key", everqual.Resource{}},
		{"arn:aws:unknown:eu-west-1:111122223333:thing/x", everqual.Resource{}},
		{"i-0aaaaaaaaaaaaaaa1", everqual.Resource{}},
		{"", everqual.Resource{}},
	} {
		got, ok := set.Resource(c.arn)
		if got != c.want || ok != (c.want.ID != "") {
			t.Errorf("%s: got %+v, %v", c.arn, got, ok)
		}
	}
}
