package estate_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/everqual/everqual/cmd/everqual/estate"
)

// actor is who makes a change, as CloudTrail shows them.
type actor struct {
	identity  map[string]any
	ip, agent string
	console   bool
}

func assumed(role, session, roleID string, mfa bool) map[string]any {
	roleARN := "arn:aws:iam::" + estate.Account + ":role/" + role
	return map[string]any{
		"type": "AssumedRole", "principalId": roleID + ":" + session, "accountId": estate.Account, "accessKeyId": "ASIARTX3GSDSEXAMPLE1",
		"arn": "arn:aws:sts::" + estate.Account + ":assumed-role/" + role[strings.LastIndex(role, "/")+1:] + "/" + session,
		"sessionContext": map[string]any{
			"sessionIssuer": map[string]any{
				"type": "Role", "principalId": roleID, "arn": roleARN, "accountId": estate.Account, "userName": role[strings.LastIndex(role, "/")+1:],
			},
			"attributes": map[string]any{"mfaAuthenticated": fmt.Sprint(mfa)},
		},
	}
}

var (
	pipeline = actor{
		identity: assumed("lims-deploy", "gitlab-pipeline-4711", "AROARTX3GSDS2DEPLOY01", false), ip: "198.51.100.24",
		agent: "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) terraform-provider-aws/5.100.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 md/GOOS#linux md/GOARCH#amd64",
	}
	keller = actor{
		identity: assumed("aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_LimsEngineer_5d3c0fb1a2e94c77", "j.keller@example.com", "AROARTX3GSDS3KELLER01", true),
		ip:       "203.0.113.17", agent: "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/windows#11 md/arch#amd64 lang/python#3.13.7 md/prompt#off md/command#ec2.modify-instance-attribute",
	}
	rossi = actor{
		identity: assumed("aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_DatabaseAdmin_90b1c7a4e2d81f36", "m.rossi@example.com", "AROARTX3GSDS4ROSSI001", true),
		ip:       "203.0.113.44", agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", console: true,
	}
	nguyen = actor{
		identity: map[string]any{
			"type": "IAMUser", "principalId": "AIDARTX3GSDS5NGUYEN01", "arn": "arn:aws:iam::" + estate.Account + ":user/t.nguyen",
			"accountId": estate.Account, "accessKeyId": "AKIARTX3GSDSEXAMPLE2", "userName": "t.nguyen",
		},
		ip: "192.0.2.201", agent: "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/command#ec2.authorize-security-group-ingress",
	}
)

// change is one API call as CloudTrail records it.
type change struct {
	service, name string // "ec2", "RunInstances"
	region        string // "" is the estate's
	request       any
	response      any
	resources     [][2]string // type and ARN
	readOnly      bool
	errorCode     string
	errorMessage  string
}

// tell writes the CloudTrail record of a call, some seconds after the last one.
func (s *story) tell(by actor, c change) map[string]any {
	s.told++
	region := estate.Region
	if c.region != "" {
		region = c.region
	}
	e := map[string]any{
		"eventVersion": "1.11", "userIdentity": s.identity(by), "eventTime": s.now.UTC().Format("2006-01-02T15:04:05Z"),
		"eventSource": c.service + ".amazonaws.com", "eventName": c.name, "awsRegion": region,
		"sourceIPAddress": by.ip, "userAgent": by.agent, "requestParameters": lowered(s, c.request), "responseElements": lowered(s, c.response),
		"requestID": guid("request", s.told), "eventID": guid("event", s.told), "readOnly": c.readOnly, "eventType": "AwsApiCall",
		"managementEvent": true, "recipientAccountId": estate.Account, "eventCategory": "Management",
		"tlsDetails": map[string]any{
			"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
			"clientProvidedHostHeader": fmt.Sprintf("%s.%s.amazonaws.com", c.service, region),
		},
	}
	if response, ok := e["responseElements"].(map[string]any); ok && c.service == "ec2" {
		response["requestId"] = e["requestID"]
	}
	if len(c.resources) > 0 {
		var list []any
		for _, r := range c.resources {
			list = append(list, map[string]any{"accountId": estate.Account, "type": r[0], "ARN": r[1]})
		}
		e["resources"] = list
	}
	if c.errorCode != "" {
		e["errorCode"], e["errorMessage"] = c.errorCode, c.errorMessage
	}
	if by.console {
		e["sessionCredentialFromConsole"] = "true"
	}
	s.events = append(s.events, e)
	s.after(2)
	return e
}

// identity adds when the session began.
func (s *story) identity(by actor) any {
	identity := map[string]any{}
	for k, v := range by.identity {
		identity[k] = v
	}
	if session, ok := identity["sessionContext"].(map[string]any); ok {
		old := session["attributes"].(map[string]any)
		began := s.now.Truncate(time.Hour).Add(-7 * time.Minute)
		identity["sessionContext"] = map[string]any{
			"sessionIssuer": session["sessionIssuer"],
			"attributes":    map[string]any{"mfaAuthenticated": old["mfaAuthenticated"], "creationDate": began.UTC().Format("2006-01-02T15:04:05Z")},
		}
	}
	return identity
}

// guid is the same for the same place in the story.
func guid(kind string, n int) string {
	b := sha256.Sum256([]byte(fmt.Sprintf("everqual sample estate %s %d", kind, n)))
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// lowered writes an SDK structure as CloudTrail does: names begin with a small
// letter, times are in words, unset members and secrets are left out.
func lowered(t interface{ Fatal(...any) }, v any) any {
	if m, ok := v.(map[string]any); ok {
		return m // written by hand already
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(b, &tree); err != nil {
		t.Fatal(err)
	}
	return lower(tree)
}

func lower(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range x {
			if k == "Tags" {
				if tags, ok := inner.(map[string]any); ok {
					out["tags"] = tags // the names are the user's
					continue
				}
			}
			if inner = lower(inner); inner != nil && inner != "" && k != "ResultMetadata" {
				first, n := utf8.DecodeRuneInString(k)
				out[string(unicode.ToLower(first))+k[n:]] = inner
			}
		}
		for _, k := range []string{"masterUserPassword", "code"} {
			if _, ok := out[k]; ok {
				out[k] = map[string]any{"masterUserPassword": "****", "code": "HIDDEN_DUE_TO_SECURITY_REASONS"}[k]
			}
		}
		if _, ok := out["variables"]; ok {
			return map[string]any{}
		}
		return out
	case []any:
		for i := range x {
			x[i] = lower(x[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339Nano, x); err == nil {
			return at.UTC().Format("Jan 2, 2006, 3:04:05 PM")
		}
	}
	return v
}

// items is how CloudTrail writes a list of EC2.
func items(list ...any) map[string]any { return map[string]any{"items": list} }

type m = map[string]any
