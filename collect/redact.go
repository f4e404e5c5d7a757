package collect

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// secrets names what must never be kept, by "service:Operation". A path is
// matched against the end of an element's path, "*" matches one name. Paths
// are compared without case.
//
// Lambda, ECS, CodeBuild: environment values hold passwords, Code.Location is a
// presigned URL. API Gateway: stage variables. Load balancers: client secrets.
// EC2 and Auto Scaling: user data holds boot secrets; the configuration of a VPN
// connection's customer gateway holds the pre-shared keys, as its tunnels do. RDS
// and Redshift: a pending password change; settings of options, some of which are
// passwords. EMR: passwords of Kerberos, and settings of applications, which hold
// passwords of databases. Systems Manager: the value of a parameter.
var secrets = map[string][]string{
	"apigateway:GetStage":                      {"variables.*", "stageVariableOverrides.*"},
	"apigateway:GetStages":                     {"variables.*", "stageVariableOverrides.*"},
	"apigatewayv2:GetStage":                    {"stageVariables.*"},
	"apigatewayv2:GetStages":                   {"stageVariables.*"},
	"autoscaling:DescribeLaunchConfigurations": {"UserData"},
	"cloudformation:GetTemplate":               {"TemplateBody"},
	"cloudfront:GetDistribution":               {"OriginCustomHeader.HeaderValue"},
	"cloudfront:ListDistributions":             {"OriginCustomHeader.HeaderValue"},
	"codebuild:BatchGetProjects":               {"environment.environmentVariables.value", "webhook.secret", "badge.badgeRequestUrl"},
	"ec2:DescribeInstanceAttribute":            {"userData.value"},
	"ec2:DescribeLaunchTemplateVersions":       {"userData"},
	"ec2:DescribeVpnConnections":               {"customerGatewayConfiguration", "preSharedKey"},
	"elasticloadbalancingv2:DescribeListeners": {"AuthenticateOidcConfig.ClientSecret"},
	"elasticloadbalancingv2:DescribeRules":     {"AuthenticateOidcConfig.ClientSecret", "HttpHeaderConfig.Values.member"},
	"elasticmapreduce:DescribeCluster":         {"KdcAdminPassword", "ADDomainJoinPassword", "CrossRealmTrustPrincipalPassword", "Configurations.Properties.*"},
	"events:ListTargetsByRule":                 {"HttpParameters.HeaderParameters.*", "HttpParameters.QueryStringParameters.*"},
	"iam:ListVirtualMFADevices":                {"Base32StringSeed", "QRCodePNG"},
	"lambda:GetFunction":                       {"Environment.Variables.*", "Code.Location"},
	"lambda:GetFunctionConfiguration":          {"Environment.Variables.*"},
	"lambda:ListFunctions":                     {"Environment.Variables.*"},
	"rds:DescribeDBClusters":                   {"MasterUserPassword"},
	"rds:DescribeDBInstances":                  {"MasterUserPassword", "TdeCredentialPassword"},
	"rds:DescribeOptionGroups":                 {"OptionSettings.*.Value"},
	"redshift:DescribeClusters":                {"MasterUserPassword"},
	"ecs:DescribeServices":                     logSecrets,
	"ecs:DescribeTaskDefinition":               append([]string{"environment.value", "driverOpts.*"}, logSecrets...),
	"ssm:DescribeAssociation":                  {"AssociationDescription.Parameters.*"},
	"ssm:GetParameter":                         {"Parameter.Value"},
	"ssm:GetPatchBaseline":                     {"Sources.Configuration"},
	"wafv2:GetWebACL":                          {"InsertHeaders.Value"},
}

// documents name the texts that are JSON documents themselves, and may hold what
// is a secret in any service's own replies.
var documents = map[string][]string{
	"config:GetResourceConfigHistory": {"configurationItems.configuration", "supplementaryConfiguration.*"},
}

// anySecret is all that is a secret somewhere.
var anySecret = slices.Sorted(func(yield func(string) bool) {
	for _, paths := range secrets {
		for _, p := range paths {
			if !yield(p) {
				return
			}
		}
	}
})

// logSecrets are the options of log drivers that hold the keys of log services.
var logSecrets = []string{
	"options.splunk-token", "options.apikey", "options.api_key", "options.license_key", "options.token", "options.http_passwd",
	"options.password",
}

// withheld stands for a reply that should be searched for secrets but could
// not be read to its end: none of it is kept, and nothing can decode it.
const withheld = "withheld: the reply could not be searched for secrets"

// redact replaces the secret values in a reply by markers and tells whether it
// replaced any. All other bytes stay as they were received.
func redact(call Call, body []byte) ([]byte, bool) {
	if inner := documents[call.Service+":"+call.Operation]; inner != nil && len(body) > 0 {
		return redactDocuments(call, body, inner)
	}
	paths, ok := secrets[call.Service+":"+call.Operation]
	if !ok || len(body) == 0 {
		return body, false
	}
	find := jsonSecrets
	if strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 64)])), "<") {
		find = xmlSecrets
	}
	spans, err := find(body, paths)
	if err != nil {
		return []byte(withheld), true
	}
	return replaced(body, spans, func(s span) string { return s.quote + markerFor(call, s) + s.quote }), len(spans) > 0
}

// blobs are the secrets that the SDK decodes: what it cannot decode would leave
// the whole reply unread.
var blobs = []string{"Base32StringSeed", "QRCodePNG"}

// markerFor is the marker in a form that a reader of the reply takes.
func markerFor(call Call, s span) string {
	marker := Marker(call, s.path, s.value)
	if matches(strings.Split(s.path, "."), blobs) {
		return base64.StdEncoding.EncodeToString([]byte(marker))
	}
	return marker
}

// replaced is the body with other text in place of the spans.
func replaced(body []byte, spans []span, by func(span) string) []byte {
	var out []byte
	end := 0
	for _, s := range spans {
		out = append(out, body[end:s.start]...)
		out = append(out, by(s)...)
		end = s.end
	}
	return append(out, body[end:]...)
}

// redactDocuments does it within texts that are documents. One that cannot be
// read is a secret as a whole.
func redactDocuments(call Call, body []byte, paths []string) ([]byte, bool) {
	texts, err := jsonSecrets(body, paths)
	if err != nil {
		return []byte(withheld), true
	}
	changed := false
	out := replaced(body, texts, func(text span) string {
		inner, err := jsonSecrets([]byte(text.value), anySecret)
		if err != nil {
			changed = true
			return text.quote + Marker(call, text.path, text.value) + text.quote
		}
		if len(inner) == 0 {
			return string(body[text.start:text.end])
		}
		changed = true
		clean := replaced([]byte(text.value), inner, func(s span) string {
			return s.quote + Marker(call, text.path+"."+s.path, s.value) + s.quote
		})
		quoted, _ := json.Marshal(string(clean)) // of a string: cannot fail
		return string(quoted)
	})
	return out, changed
}

// span is one secret value in a body.
type span struct {
	start, end int
	path       string // its full path in the reply
	value      string // decoded
	quote      string // `"` in JSON
}

// Marker is what stands in place of a secret value: "sha256:" and the SHA-256
// of the call, the value's path and the value. It shows that a value changed
// without showing the value. The call is part of it so that equal secrets of
// two resources do not look equal; it cannot keep a weak secret from being
// guessed by somebody who holds the evidence.
func Marker(call Call, path, value string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n", call.key(), path, value)
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// matches tells whether the end of path is one of the wanted paths.
func matches(path []string, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		names := strings.Split(w, ".")
		if len(names) > len(path) {
			return false
		}
		tail := path[len(path)-len(names):]
		return !slices.ContainsFunc(names, func(n string) bool {
			have := tail[0]
			tail = tail[1:]
			return n != "*" && !strings.EqualFold(n, have)
		})
	})
}
