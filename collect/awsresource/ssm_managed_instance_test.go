package awsresource_test

import (
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual"
)

// outside are the types that also speak of machines outside of EC2.
var outside = []string{"AWS::SSM::AssociationCompliance", "AWS::SSM::ManagedInstanceInventory", "AWS::SSM::PatchCompliance"}

// A machine outside of EC2 has its tags in Systems Manager.
func TestMachineElsewhere(t *testing.T) {
	replies := canned{
		"sts:GetCallerIdentity":                  identityReply,
		"ssm:DescribeInstanceInformation":        `{"InstanceInformationList":[{"InstanceId":"mi-0aaaaaaaaaaaaaaa1","PingStatus":"Online"}]}`,
		"ssm:GetInventorySchema":                 `{"Schemas":[]}`,
		"ssm:ListInventoryEntries":               `{"Entries":[]}`,
		"ssm:ListComplianceItems":                `{"ComplianceItems":[{"ComplianceType":"Association","ResourceId":"mi-0aaaaaaaaaaaaaaa1","Id":"a","Status":"COMPLIANT"}]}`,
		"ssm:DescribeInstanceAssociationsStatus": `{"InstanceAssociationStatusInfos":[]}`,
		"ssm:DescribeInstancePatchStates":        `{"InstancePatchStates":[{"InstanceId":"mi-0aaaaaaaaaaaaaaa1","PatchGroup":"g","BaselineId":"pb-1","OperationStartTime":1762070400,"OperationEndTime":1762070400,"Operation":"Scan"}]}`,
		"ssm:DescribeInstancePatches":            `{"Patches":[]}`,
		"ssm:ListTagsForResource":                `{"TagList":[{"Key":"System","Value":"LIMS"}]}`,
	}
	for kind, name := range map[string]string{
		outside[0]: "association-compliance", outside[1]: "managed-instance-inventory", outside[2]: "patch-compliance",
	} {
		r := everqual.Resource{ID: everqual.ResourceID("arn:aws:ssm:eu-central-1:111122223333:" + name + "/mi-0aaaaaaaaaaaaaaa1"), Type: kind}
		o, e, _ := observe(t, attaching(t, replies), r, time.Now)
		asked := slices.ContainsFunc(e.Exchanges, func(x everqual.Exchange) bool { return x.Operation == "ListTagsForResource" })
		if !asked || o.Tags["System"] != "LIMS" {
			t.Errorf("%s: tags %v, unread %+v", kind, o.Tags, o.Unread)
		}
	}
}
