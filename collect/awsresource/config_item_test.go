package awsresource_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/google/go-cmp/cmp"
)

// itemOf is Config's history of one resource, with the configuration as the text
// that it is, and an older item behind it.
func itemOf(t *testing.T, status string, configuration any) string {
	t.Helper()
	text := string(must[[]byte](t)(json.Marshal(configuration)))
	return string(must[[]byte](t)(json.Marshal(map[string]any{"configurationItems": []any{
		map[string]any{
			"version": "1.3", "configurationItemCaptureTime": 1793606400, "configurationItemStatus": status, "configurationStateId": "2",
			"configuration": text, "tags": map[string]string{"System": "LIMS"},
			"relationships": []any{map[string]string{"resourceType": "AWS::EC2::VPC", "resourceId": "vpc-1", "relationshipName": "Is contained in Vpc"}},
		},
		map[string]any{"version": "1.3", "configurationItemCaptureTime": 1793520000, "configurationItemStatus": "OK", "configurationStateId": "1"},
	}})))
}

const (
	groupARN     = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1"
	groupReplies = `<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><securityGroupInfo><item><groupId>sg-1</groupId><groupName>lims</groupName>
		<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges></item>
		<item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges><item><cidrIp>10.1.0.0/16</cidrIp></item></ipRanges></item></ipPermissions>
		</item></securityGroupInfo></DescribeSecurityGroupsResponse>`
	noRules = `<DescribeSecurityGroupRulesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><securityGroupRuleSet/></DescribeSecurityGroupRulesResponse>`
	noENIs  = `<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><networkInterfaceSet/></DescribeNetworkInterfacesResponse>`
)

// opening is a permission as Config writes it, with members that the service
// does not have.
func opening(port int, cidr string) map[string]any {
	return map[string]any{"fromPort": port, "toPort": port, "ipProtocol": "tcp", "ipv4Ranges": []any{map[string]any{"cidrIp": cidr}},
		"ipRanges": []any{map[string]any{"cidrIp": cidr, "description": ""}}, "prefixListIds": []any{}}
}

func TestConfigAsASecondSource(t *testing.T) {
	same := map[string]any{"groupId": "sg-1", "groupName": "lims", "onlyInConfig": true,
		"ipPermissions": []any{opening(22, "10.1.0.0/16"), opening(443, "10.0.0.0/8")}}
	stale := map[string]any{"groupId": "sg-1", "groupName": "lims",
		"ipPermissions": []any{opening(443, "0.0.0.0/0"), opening(22, "10.1.0.0/16")}}
	for name, c := range map[string]struct {
		reply  string
		paths  []string
		unread everqual.Reason
	}{
		"agrees":         {itemOf(t, "OK", same), nil, ""},
		"disagrees":      {itemOf(t, "OK", stale), []string{"IpPermissions"}, ""},
		"deleted there":  {itemOf(t, "ResourceDeleted", map[string]any{}), []string{"State"}, ""},
		"not recorded":   {itemOf(t, "ResourceNotRecorded", map[string]any{}), nil, everqual.Unsupported},
		"not discovered": {"!ResourceNotDiscoveredException", nil, everqual.Unsupported},
		"no recorder":    {"!NoAvailableConfigurationRecorderException", nil, everqual.Unsupported},
		"empty history":  {`{"configurationItems":[]}`, nil, everqual.Unsupported},
		"no JSON":        {`{"configurationItems":[{"configurationItemStatus":"OK","configuration":"{"}]}`, nil, everqual.Invalid},
		"refused":        {"!AccessDeniedException", nil, everqual.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			replies := canned{"sts:GetCallerIdentity": identityReply, "ec2:DescribeSecurityGroups": groupReplies,
				"ec2:DescribeSecurityGroupRules": noRules, "ec2:DescribeNetworkInterfaces": noENIs, "config:GetResourceConfigHistory": c.reply}
			o, _, _ := observe(t, attaching(t, replies, "configitem"), everqual.Resource{ID: groupARN, Type: "AWS::EC2::SecurityGroup"}, time.Now)
			if c.unread != "" {
				if len(o.Unread) != 1 || o.Unread[0].Path != "ConfigItem" || o.Unread[0].Reason != c.unread || o.Unread[0].Call != "config:GetResourceConfigHistory" {
					t.Errorf("unread %+v, want ConfigItem %s", o.Unread, c.unread)
				}
				return
			}
			view, _ := o.Attributes["ConfigItem"].(map[string]any)
			var paths []string
			list, _ := view["Disagreements"].([]any)
			for _, d := range list {
				paths = append(paths, d.(map[string]any)["Path"].(string))
			}
			if diff := cmp.Diff(c.paths, paths); diff != "" || len(o.Unread) > 0 {
				t.Errorf("disagreements (-want +got):\n%s\nunread %+v\n%s", diff, o.Unread, compact(view))
			}
			if history, _ := view["History"].([]any); len(history) != 2 {
				t.Errorf("history %v", view["History"])
			}
		})
	}
}

// A type that Cloud Control API does not know is read from AWS Config, and the
// observation says so.
func TestConfigWhereCloudControlIsAtALoss(t *testing.T) {
	replies := canned{
		"sts:GetCallerIdentity": identityReply, "cloudcontrol:GetResource": "!UnsupportedActionException",
		"config:GetResourceConfigHistory": itemOf(t, "OK", map[string]any{"engine": "x"}),
	}
	thing := everqual.Resource{ID: "arn:aws:x:eu-central-1:111122223333:thing/one", Type: "AWS::X::Thing"}
	o, _, _ := observe(t, attaching(t, replies), thing, time.Now)
	configuration, _ := o.Attributes["Configuration"].(map[string]any)
	if o.Collector != "AWS::X::Thing/1 by AWS Config" || configuration["engine"] != "x" || o.Tags["System"] != "LIMS" || len(o.Unread) > 0 {
		t.Errorf("read %s", compact(o))
	}
	replies["config:GetResourceConfigHistory"] = itemOf(t, "ResourceDeleted", map[string]any{})
	if o, _, _ = observe(t, attaching(t, replies), thing, time.Now); o.State != everqual.Deleted {
		t.Errorf("what Config holds for deleted is %s", compact(o))
	}
	for reply, reason := range map[string]everqual.Reason{
		"!AccessDeniedException": everqual.Denied, "!ThrottlingException": everqual.Throttled,
		`{"configurationItems":[{"configurationItemStatus":"OK","configuration":"{"}]}`: everqual.Invalid,
	} {
		replies["config:GetResourceConfigHistory"] = reply
		if o, _, _ = observe(t, attaching(t, replies), thing, time.Now); len(o.Unread) != 1 || o.Unread[0].Reason != reason || o.Unread[0].Call != "config:GetResourceConfigHistory" {
			t.Errorf("%s: %s", reply, compact(o))
		}
	}
	replies["config:GetResourceConfigHistory"] = "!ResourceNotDiscoveredException"
	if o, _, _ = observe(t, attaching(t, replies), thing, time.Now); len(o.Unread) != 1 || o.Unread[0].Call != "cloudformation:GetResource" {
		t.Errorf("nobody knows it: %s", compact(o))
	}
}

// Config's items hold what is a secret elsewhere: none of it is kept.
func TestConfigItemsWithoutSecrets(t *testing.T) {
	for name, configuration := range map[string]any{
		"a member":      map[string]any{"environment": map[string]any{"variables": map[string]any{"DB_PASSWORD": "hunter2"}}},
		"not readable":  `{"environment": {"variables": {"A": "hunter2"`,
		"two documents": `{} {"userData": "hunter2"}`,
	} {
		text, ok := configuration.(string)
		if !ok {
			text = string(must[[]byte](t)(json.Marshal(configuration)))
		}
		body := string(must[[]byte](t)(json.Marshal(map[string]any{"configurationItems": []any{map[string]any{"configurationItemStatus": "OK", "configuration": text}}})))
		replies := canned{"sts:GetCallerIdentity": identityReply, "cloudcontrol:GetResource": "!TypeNotFoundException", "config:GetResourceConfigHistory": body}
		thing := everqual.Resource{ID: "arn:aws:x:eu-central-1:111122223333:thing/one", Type: "AWS::X::Thing"}
		o, _, raw := observe(t, attaching(t, replies), thing, time.Now)
		if strings.Contains(string(raw), "hunter2") || strings.Contains(compact(o), "hunter2") {
			t.Errorf("%s: the secret was kept: %s", name, raw)
		}
	}
}
