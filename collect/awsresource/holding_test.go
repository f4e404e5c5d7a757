package awsresource_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

// What is well formed and holds nothing leaves unread what the call reads, with
// the reason, and never makes a resource deleted or something in it absent: but
// where AWS says by it that there is none.
func TestRepliesThatHoldNothing(t *testing.T) {
	d, spared := newDamaged(), map[string]bool{}
	for name, damage := range map[string]func(testing.TB, string) string{"nothing": hollow, "only the next page's token": onlyToken} {
		for file, e := range recordings(t) {
			whole, _ := d.observe(t, e, "", nil)
			if whole.State == everqual.Deleted {
				continue
			}
			for _, operation := range operations(e) {
				o, _ := d.observe(t, e, operation, func(s string) string { return damage(t, s) })
				service, call, _ := strings.Cut(operation, ":")
				switch {
				case slices.Contains(awsresource.SaysNothing, operation):
					spared[operation] = true
				case operation == "s3:GetBucketPolicy": // the reply is the document itself
				case name == "nothing" || strings.Contains(call, "List") || whole.State != o.State:
					checkUnread(t, file+" with "+name+" from "+operation, whole, o, awsresource.Action(service, call))
				}
			}
		}
	}
	for _, operation := range awsresource.SaysNothing {
		if !spared[operation] && !slices.Contains([]string{"s3:GetBucketLocation", "sqs:ListQueues"}, operation) { // describe nothing
			t.Errorf("%s is spared, and no recording has it", operation)
		}
	}
}

// A list that is there and empty says that the resource is gone, where it can
// say so: these calls are the first for some type.
func TestEmptyListsSayGone(t *testing.T) {
	d, gone := newDamaged(), map[string]bool{}
	for _, e := range recordings(t) {
		if whole, _ := d.observe(t, e, "", nil); whole.State == everqual.Deleted {
			continue
		}
		for _, operation := range operations(e) {
			if o, _ := d.observe(t, e, operation, func(s string) string { return emptied(t, s) }); o.State == everqual.Deleted {
				gone[operation] = true
			}
		}
	}
	if diff := cmp.Diff(sayGone, gone); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// hollow is a reply without any member.
func hollow(t testing.TB, body string) string {
	if !strings.HasPrefix(strings.TrimSpace(body), "<") {
		return "{}"
	}
	doc := parseXML(t, body)
	result(doc).children = nil
	return doc.String()
}

// onlyToken is a page without a list, with another to come.
func onlyToken(t testing.TB, body string) string {
	if !strings.HasPrefix(strings.TrimSpace(body), "<") {
		return `{"NextToken":"x","nextToken":"x","NextMarker":"x","marker":"x"}`
	}
	doc := parseXML(t, body)
	result(doc).children = parseXML(t, "<NextToken>x</NextToken><nextToken>x</nextToken><Marker>x</Marker><NextMarker>x</NextMarker>").children
	return doc.String()
}

// emptied is a reply whose lists are there, with nothing in them.
func emptied(t testing.TB, body string) string {
	if strings.HasPrefix(strings.TrimSpace(body), "<") {
		doc := parseXML(t, body)
		for _, e := range result(doc).children {
			if e.repeats() {
				e.children = nil
			}
		}
		return doc.String()
	}
	var reply map[string]any
	if json.Unmarshal([]byte(body), &reply) != nil {
		return body
	}
	memberChanges["emptied"](reply)
	b, _ := json.Marshal(reply) // it was JSON
	return string(b)
}

// result is the element whose children are the members of the reply.
func result(doc *element) *element {
	inner := doc
	for _, e := range doc.children {
		if e.start.Name.Local != "" {
			inner = e
		}
	}
	for _, e := range inner.children {
		if strings.HasSuffix(e.start.Name.Local, "Result") {
			return e
		}
	}
	return inner
}

var sayGone = map[string]bool{
	"autoscaling:DescribeAutoScalingGroups":        true,
	"autoscaling:DescribeLaunchConfigurations":     true,
	"backup:ListBackupVaults":                      true,
	"backup:ListRecoveryPointsByBackupVault":       true,
	"cloudformation:DescribeStacks":                true,
	"cloudwatch:DescribeAlarms":                    true,
	"codebuild:BatchGetProjects":                   true,
	"config:DescribeConfigurationRecorders":        true,
	"config:ListConfigurationRecorders":            true,
	"dms:DescribeReplicationInstances":             true,
	"ec2:DescribeAddresses":                        true,
	"ec2:DescribeFlowLogs":                         true,
	"ec2:DescribeImages":                           true,
	"ec2:DescribeInstances":                        true,
	"ec2:DescribeInternetGateways":                 true,
	"ec2:DescribeKeyPairs":                         true,
	"ec2:DescribeLaunchTemplates":                  true,
	"ec2:DescribeNatGateways":                      true,
	"ec2:DescribeNetworkAcls":                      true,
	"ec2:DescribeNetworkInterfaces":                true,
	"ec2:DescribeRouteTables":                      true,
	"ec2:DescribeSecurityGroups":                   true,
	"ec2:DescribeSnapshots":                        true,
	"ec2:DescribeSubnets":                          true,
	"ec2:DescribeTransitGateways":                  true,
	"ec2:DescribeVolumes":                          true,
	"ec2:DescribeVpcEndpoints":                     true,
	"ec2:DescribeVpcPeeringConnections":            true,
	"ec2:DescribeVpcs":                             true,
	"ec2:DescribeVpnConnections":                   true,
	"ecr:DescribeRepositories":                     true,
	"ecs:DescribeClusters":                         true,
	"ecs:DescribeServices":                         true,
	"elasticache:DescribeCacheClusters":            true,
	"elasticache:DescribeReplicationGroups":        true,
	"elasticfilesystem:DescribeAccessPoints":       true,
	"elasticfilesystem:DescribeFileSystems":        true,
	"elasticloadbalancing:DescribeLoadBalancers":   true,
	"elasticloadbalancingv2:DescribeLoadBalancers": true,
	"elasticloadbalancingv2:DescribeTargetGroups":  true,
	"fsx:DescribeFileSystems":                      true,
	"guardduty:ListDetectors":                      true,
	"kms:ListAliases":                              true,
	"logs:DescribeLogGroups":                       true,
	"rds:DescribeDBClusterParameterGroups":         true,
	"rds:DescribeDBClusterSnapshots":               true,
	"rds:DescribeDBParameterGroups":                true,
	"rds:DescribeDBSnapshots":                      true,
	"rds:DescribeDBSubnetGroups":                   true,
	"rds:DescribeOptionGroups":                     true,
	"redshift:DescribeClusters":                    true,
	"ssm:DescribeInstanceInformation":              true,
	"ssm:DescribeInstancePatchStates":              true,
	"ssm:DescribeParameters":                       true,
	"ssm:ListComplianceItems":                      true,
}
