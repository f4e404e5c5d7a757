package assess

import (
	"fmt"
	"strings"
)

// identifier returns what tells an element of a list from the others, "" when
// it has none.
type identifier func(element map[string]any) string

// identifying are the keys by which AWS names the elements of its lists, most
// telling first.
var identifying = [...]string{
	"Key", "TagKey", "VolumeId", "GroupId", "NetworkInterfaceId", "DeviceName", "SubnetId", "VpcId",
	"CidrIp", "CidrIpv6", "PrefixListId", "CidrBlock", "AssociationId", "Sid", "Arn", "ARN", "PolicyArn", "RoleArn",
	"FlowLogId", "AliasName", "AttachmentId", "UserId",
	"ID", "Id", "Name", "PolicyName", "IndexName", "AttributeName", "ParameterName", "DBParameterGroupName",
	"DBInstanceIdentifier", "VpcSecurityGroupId", "OptionGroupName", "Type",
}

// identity finds the key that every element of both lists has, with a value of
// its own; nil when there is none.
func identity(before, after []any) identifier {
	candidates := []identifier{member("SecurityGroupRuleId"), portRange}
	for _, key := range identifying {
		candidates = append(candidates, member(key))
	}
	for _, identify := range candidates {
		if tells(identify, before) && tells(identify, after) {
			return identify
		}
	}
	return nil
}

func member(key string) identifier {
	return func(m map[string]any) string { s, _ := m[key].(string); return s }
}

// portRange identifies a permission of a security group: AWS joins the
// sources of one protocol and port range in one permission.
func portRange(m map[string]any) string {
	protocol, ok := m["IpProtocol"].(string)
	if !ok {
		return ""
	}
	from, hasFrom := m["FromPort"].(float64)
	to, hasTo := m["ToPort"].(float64)
	switch {
	case protocol == "-1":
		protocol = "all traffic"
	case hasFrom && hasTo && from == to:
		return fmt.Sprintf("%s %v", protocol, from)
	case hasFrom && hasTo:
		return fmt.Sprintf("%s %v-%v", protocol, from, to)
	}
	return protocol
}

func tells(identify identifier, list []any) bool {
	seen := map[string]bool{}
	for _, x := range list {
		m, ok := x.(map[string]any)
		if !ok {
			return false
		}
		id := identify(m)
		if id == "" || seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

func byID(list []any, identify identifier) map[string]any {
	m := map[string]any{}
	for _, x := range list {
		m[identify(x.(map[string]any))] = x
	}
	return m
}

// isTag tells whether an element is a tag, a key with a value and no more.
func isTag(x any) bool {
	m, _ := x.(map[string]any)
	_, key := m["Key"]
	_, value := m["Value"]
	return key && value && len(m) == 2
}

// essence is the value of a tag, and any other element as it is.
func essence(x any) any {
	if isTag(x) {
		return x.(map[string]any)["Value"]
	}
	return x
}

// names returns the names in a change's path, outermost first: of
// "Volumes[vol-1].Encrypted" Volumes, vol-1 and Encrypted.
func (c Change) names() []string {
	return strings.FieldsFunc(c.Path, func(r rune) bool { return strings.ContainsRune(`.[]"`, r) })
}
