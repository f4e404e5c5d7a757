package estate_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/everqual/everqual/cmd/everqual/estate"
)

// changeInstanceType stops the first server, makes it larger, starts it again.
func (s *story) changeInstanceType() {
	s.at("2026-11-04T13:12:41Z")
	c, id := ec2.NewFromConfig(s.cfg), s.servers[0]
	s.tell(keller, change{service: "ec2", name: "DescribeInstances", readOnly: true, request: m{"instancesSet": items(m{"instanceId": id}), "filterSet": m{}}})
	must(c.StopInstances(s.ctx, &ec2.StopInstancesInput{InstanceIds: []string{id}}))(s)
	s.tell(keller, transition("StopInstances", id, m{"code": 64, "name": "stopping"}, m{"code": 16, "name": "running"}))
	s.after(95)
	must(c.ModifyInstanceAttribute(s.ctx, &ec2.ModifyInstanceAttributeInput{InstanceId: &id, InstanceType: &types.AttributeValue{Value: aws.String("m5.xlarge")}}))(s)
	s.tell(keller, change{service: "ec2", name: "ModifyInstanceAttribute", request: m{
		"instanceId": id, "instanceType": m{"value": "m5.xlarge"},
	}, response: m{"_return": true}})
	s.after(14)
	must(c.StartInstances(s.ctx, &ec2.StartInstancesInput{InstanceIds: []string{id}}))(s)
	s.tell(keller, transition("StartInstances", id, m{"code": 0, "name": "pending"}, m{"code": 80, "name": "stopped"}))
}

func transition(name, id string, current, previous m) change {
	request := m{"instancesSet": items(m{"instanceId": id})}
	if name == "StopInstances" {
		request["force"] = false
	}
	return change{service: "ec2", name: name, request: request, response: m{
		"instancesSet": items(m{"instanceId": id, "currentState": current, "previousState": previous}),
	}}
}

// removeDeletionProtection leaves the database open to a slip of the hand.
// CloudTrail delivers the event twice, as it may.
func (s *story) removeDeletionProtection() {
	s.at("2026-11-06T17:48:09Z")
	out := must(rds.NewFromConfig(s.cfg).ModifyDBInstance(s.ctx, &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String("lims-db"), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
	}))(s)
	e := s.tell(rossi, change{service: "rds", name: "ModifyDBInstance", request: m{
		"dBInstanceIdentifier": "lims-db", "deletionProtection": false, "applyImmediately": true, "allowMajorVersionUpgrade": false, "maxAllocatedStorage": 200,
	}, response: out.DBInstance})
	s.events = append(s.events, e)
}

// openSecurityGroup lets the internet at the database.
func (s *story) openSecurityGroup() {
	s.at("2026-11-10T09:21:33Z")
	s.allow(nguyen, s.dbGroup, 5432, "0.0.0.0/0", "temporary, vendor support")
}

// removeTag takes the Role tag from the second server, and the server out of
// the specification that selects by it.
func (s *story) removeTag() {
	s.at("2026-11-12T11:05:52Z")
	id := s.servers[1]
	must(ec2.NewFromConfig(s.cfg).DeleteTags(s.ctx, &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("Role")}}}))(s)
	s.tell(keller, change{service: "ec2", name: "DeleteTags", request: m{
		"resourcesSet": items(m{"resourceId": id}), "tagSet": items(m{"key": "Role"}),
	}, response: m{"_return": true}})
}

// lockCollectorOut gives the key to two roles alone. The collector's own
// permissions, which come from IAM, no longer reach it.
func (s *story) lockCollectorOut() {
	s.at("2026-11-16T15:30:18Z")
	policy := keyPolicy(map[string]any{"AWS": []string{
		"arn:aws:iam::" + estate.Account + ":role/lims-deploy", "arn:aws:iam::" + estate.Account + ":role/lims-app",
	}})
	must(kms.NewFromConfig(s.cfg).PutKeyPolicy(s.ctx, &kms.PutKeyPolicyInput{KeyId: &s.key, PolicyName: aws.String("default"), Policy: &policy}))(s)
	s.collectorPolicy("without-the-key", "Deny", "kms:*")
	s.tell(rossi, change{service: "kms", name: "PutKeyPolicy", request: m{
		"keyId": s.key, "policyName": "default", "policy": policy, "bypassPolicyLockoutSafetyCheck": false,
	}, response: m{"keyId": s.key}, resources: [][2]string{{"AWS::KMS::Key", s.key}}})
}
