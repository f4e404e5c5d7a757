package collect_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect"
)

func asked(operation string) collect.Call {
	service, name, _ := strings.Cut(operation, ":")
	return collect.Call{Service: service, Operation: name, Region: "eu-central-1", Parameters: json.RawMessage(`{"FunctionName":"f"}`)}
}

func TestRedact(t *testing.T) {
	lambda, userData := asked("lambda:GetFunctionConfiguration"), asked("ec2:DescribeInstanceAttribute")
	template := asked("ec2:DescribeLaunchTemplateVersions")
	project, association := asked("codebuild:BatchGetProjects"), asked("ssm:DescribeAssociation")
	for _, c := range []struct {
		name       string
		call       collect.Call
		body, want string
		redacted   bool
	}{
		{"environment", lambda,
			`{"FunctionName":"f", "Environment": {"Variables": {"A" : "s3cret", "B":"x"}} ,"Timeout":3}`,
			`{"FunctionName":"f", "Environment": {"Variables": {"A" : "` + collect.Marker(lambda, "Environment.Variables.A", "s3cret") +
				`", "B":"` + collect.Marker(lambda, "Environment.Variables.B", "x") + `"}} ,"Timeout":3}`, true},
		{"what the SDK decodes", asked("iam:ListVirtualMFADevices"),
			`<R><member><Base32StringSeed>czNjcmV0</Base32StringSeed></member></R>`,
			`<R><member><Base32StringSeed>` + base64.StdEncoding.EncodeToString([]byte(
				collect.Marker(asked("iam:ListVirtualMFADevices"), "R.member.Base32StringSeed", "czNjcmV0"))) + `</Base32StringSeed></member></R>`, true},
		{"no environment", lambda, `{"FunctionName":"f","Environment":{"Variables":{}}}`, `{"FunctionName":"f","Environment":{"Variables":{}}}`, false},
		{"error", lambda, `{"Type":"User","Message":"no"}`, `{"Type":"User","Message":"no"}`, false},
		{"cut off", lambda, `{"Environment":{"Variables":{"A":"s3cr`, "withheld: the reply could not be searched for secrets", true},
		{"user data", userData,
			`<R><instanceId>i</instanceId><userData><value>czNjcmV0</value></userData></R>`,
			`<R><instanceId>i</instanceId><userData><value>` + collect.Marker(userData, "R.userData.value", "czNjcmV0") + `</value></userData></R>`, true},
		{"no user data", userData, `<R><userData/></R>`, `<R><userData/></R>`, false},
		{"user data of a template", template,
			`<R><item><launchTemplateData><userData>czNjcmV0</userData></launchTemplateData></item></R>`,
			`<R><item><launchTemplateData><userData>` + collect.Marker(template, "R.item.launchTemplateData.userData", "czNjcmV0") + `</userData></launchTemplateData></item></R>`, true},
		{"other attribute", userData, `<R><disableApiStop><value>true</value></disableApiStop></R>`, `<R><disableApiStop><value>true</value></disableApiStop></R>`, false},
		{"build variable", project,
			`{"projects":[{"environment":{"environmentVariables":[{"name":"PIN","value":"s3cret","type":"PLAINTEXT"}]}}]}`,
			`{"projects":[{"environment":{"environmentVariables":[{"name":"PIN","value":"` +
				collect.Marker(project, "projects.environment.environmentVariables.value", "s3cret") + `","type":"PLAINTEXT"}]}}]}`, true},
		{"each element of a list", association,
			`{"AssociationDescription":{"Name":"n","Parameters":{"commands" : [ "a", "b" ],"none":[]}}}`,
			`{"AssociationDescription":{"Name":"n","Parameters":{"commands" : [ "` + collect.Marker(association, "AssociationDescription.Parameters.commands", "a") +
				`", "` + collect.Marker(association, "AssociationDescription.Parameters.commands", "b") + `" ],"none":[]}}}`, true},
		{"other operation", asked("s3:GetBucketPolicy"), `{"Environment":{"Variables":{"A":"x"}}}`, `{"Environment":{"Variables":{"A":"x"}}}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, redacted := collect.Redact(c.call, []byte(c.body))
			if string(got) != c.want || redacted != c.redacted {
				t.Errorf("got %v\n%s\nwant %v\n%s", redacted, got, c.redacted, c.want)
			}
		})
	}
}

func TestMarkerTellsResourcesApartAndValuesToo(t *testing.T) {
	a, b := asked("lambda:GetFunctionConfiguration"), asked("lambda:GetFunctionConfiguration")
	b.Parameters = json.RawMessage(`{"FunctionName":"g"}`)
	if collect.Marker(a, "p", "x") == collect.Marker(b, "p", "x") {
		t.Error("equal secrets of two functions look equal")
	}
	if collect.Marker(a, "p", "x") == collect.Marker(a, "p", "y") {
		t.Error("a changed secret looks unchanged")
	}
	a.Parameters = json.RawMessage(`{ "FunctionName" : "f" }`)
	if collect.Marker(a, "p", "x") != collect.Marker(asked("lambda:GetFunctionConfiguration"), "p", "x") {
		t.Error("the marker depends on how parameters are written")
	}
}

// No secret survives, however the reply is written and wherever it is cut.
func TestNoSecretSurvives(t *testing.T) {
	const secret = "hunter2"
	for operation, bodies := range map[string][]string{
		"lambda:GetFunctionConfiguration": {
			`{"Environment":{"Variables":{"A":"hunter2"}}}`,
			`{"environment":{"VARIABLES":{"A":"hunter2"}}}`,
			`{"Environment":{"Variables":{"A":"hunter2"}},"Environment":{}}`,
			`{"Environment":{"Variables":{"A":{"deep":["hunter2"]}}}}`,
			`[{"Environment":{"Variables":{"A":["x","hunter2"]}}}]`,
			`{"Environment":{"Variables":{"A":"x\u0000hunter2\"\\"}}}`,
			"\xef\xbb\xbf" + `{"Environment":{"Variables":{"A":"hunter2"}}}`,
			`<html>hunter2<br></html>`, `hunter2`,
			`{"Environment":{"Variables":{"A":"x"}}} {"Environment":{"Variables":{"A":"hunter2"}}}`,
		},
		"lambda:GetFunction": {`{"Code":{"Location":"https://x/?X-Amz-Signature=hunter2"},"Configuration":{"Environment":{"Variables":{"A":"hunter2"}}}}`},
		"ec2:DescribeInstanceAttribute": {
			`<R><userData><value>hunter2</value></userData></R>`,
			`<R><userData><value><![CDATA[hunter2]]></value></userData></R>`,
			`<R><userData><value>a<!-- x -->hunter2<b>hunter2</b></value></userData></R>`,
			`<n:R xmlns:n="x"><n:userData><n:value>hunter2</n:value></n:userData></n:R>`,
		},
		"ec2:DescribeLaunchTemplateVersions":       {`<R><item><launchTemplateData><userData>hunter2</userData></launchTemplateData></item></R>`},
		"autoscaling:DescribeLaunchConfigurations": {`<R><member><UserData>hunter2</UserData><ImageId>ami-1</ImageId></member></R>`},
		"ec2:DescribeVpnConnections": {
			`<R><item><customerGatewayConfiguration>&lt;pre_shared_key&gt;hunter2&lt;/pre_shared_key&gt;</customerGatewayConfiguration></item></R>`,
			`<R><options><tunnelOptionSet><item><preSharedKey>hunter2</preSharedKey></item><item><preSharedKey>hunter2</preSharedKey></item></tunnelOptionSet></options></R>`,
		},
		"rds:DescribeDBInstances": {`<R><PendingModifiedValues><MasterUserPassword>hunter2</MasterUserPassword></PendingModifiedValues></R>`},
		"rds:DescribeDBClusters":  {`<R><PendingModifiedValues><MasterUserPassword>hunter2</MasterUserPassword></PendingModifiedValues></R>`},
		"rds:DescribeOptionGroups": {
			`<R><Options><Option><OptionSettings><OptionSetting><Value>hunter2</Value><Name>AGENT_REGISTRATION_PASSWORD</Name></OptionSetting></OptionSettings></Option></Options></R>`,
		},
		"redshift:DescribeClusters": {`<R><PendingModifiedValues><MasterUserPassword>hunter2</MasterUserPassword></PendingModifiedValues></R>`},
		"elasticmapreduce:DescribeCluster": {
			`{"Cluster":{"KerberosAttributes":{"Realm":"EC2.INTERNAL","KdcAdminPassword":"hunter2"}}}`,
			`{"Cluster":{"KerberosAttributes":{"ADDomainJoinPassword":"hunter2","CrossRealmTrustPrincipalPassword":"hunter2"}}}`,
			`{"Cluster":{"Configurations":[{"Classification":"hive-site","Properties":{"javax.jdo.option.ConnectionPassword":"hunter2"}}]}}`,
			`{"Cluster":{"Configurations":[{"Configurations":[{"Classification":"export","Properties":{"DB_PASSWORD":"hunter2"}}]}]}}`,
		},
		"apigateway:GetStage":    {`{"variables":{"key":"hunter2"}}`},
		"apigateway:GetStages":   {`{"item":[{"variables":{"key":"hunter2"}}]}`},
		"apigatewayv2:GetStage":  {`{"stageVariables":{"key":"hunter2"}}`},
		"apigatewayv2:GetStages": {`{"items":[{"stageVariables":{"key":"hunter2"}}]}`},

		"elasticloadbalancingv2:DescribeListeners": {`<R><member><AuthenticateOidcConfig><ClientSecret>hunter2</ClientSecret></AuthenticateOidcConfig></member></R>`},
		"ssm:GetParameter": {
			`{"Parameter":{"Name":"/lims/a","Type":"String","Value":"hunter2","Version":1}}`,
			`{"Parameter":{"Name":"/lims/a","Type":"StringList","Value":"x,hunter2"}}`,
		},
		"iam:ListVirtualMFADevices": {`<R><VirtualMFADevices><member><Base32StringSeed>hunter2</Base32StringSeed><QRCodePNG>hunter2</QRCodePNG></member></VirtualMFADevices></R>`},
		"codebuild:BatchGetProjects": {
			`{"projects":[{"environment":{"environmentVariables":[{"value":"hunter2","name":"A"},{"name":"B","value":"hunter2"}]}}]}`,
			`{"projects":[{"webhook":{"secret":"hunter2"},"badge":{"badgeRequestUrl":"https://x/?uuid=hunter2"}}]}`,
		},
		"cloudformation:GetTemplate": {`<R><TemplateBody>{"a":"&lt;hunter2"}</TemplateBody></R>`, `<R><TemplateBody><![CDATA[hunter2]]></TemplateBody></R>`},
		"events:ListTargetsByRule":   {`{"Targets":[{"HttpParameters":{"HeaderParameters":{"K":"hunter2"},"QueryStringParameters":{"k":"hunter2"}}}]}`},
		"ssm:DescribeAssociation":    {`{"AssociationDescription":{"Parameters":{"commands":["echo","hunter2",["hunter2",{"a":"hunter2"}]]}}}`},
		"ssm:GetPatchBaseline":       {`{"Sources":[{"Name":"n","Configuration":"hunter2"}]}`},
		"elasticloadbalancingv2:DescribeRules": {
			`<R><AuthenticateOidcConfig><ClientSecret>hunter2</ClientSecret></AuthenticateOidcConfig></R>`,
			`<R><HttpHeaderConfig><HttpHeaderName>X-Origin</HttpHeaderName><Values><member>a</member><member>hunter2</member></Values></HttpHeaderConfig></R>`,
		},
		"cloudfront:GetDistribution":   {`<D><OriginCustomHeader><HeaderName>x</HeaderName><HeaderValue>hunter2</HeaderValue></OriginCustomHeader></D>`},
		"cloudfront:ListDistributions": {`<L><D><OriginCustomHeader><HeaderValue>hunter2</HeaderValue></OriginCustomHeader></D></L>`},
		"wafv2:GetWebACL":              {`{"WebACL":{"DefaultAction":{"Allow":{"CustomRequestHandling":{"InsertHeaders":[{"Name":"x","Value":"hunter2"}]}}}}}`},
		"ecs:DescribeTaskDefinition": {
			`{"taskDefinition":{"containerDefinitions":[{"environment":[{"name":"A","value":"x"},{"name":"B","value":"hunter2"}]}]}}`,
			`{"taskDefinition":{"containerDefinitions":[{"logConfiguration":{"options":{"splunk-token":"hunter2"}}}]}}`,
			`{"taskDefinition":{"volumes":[{"dockerVolumeConfiguration":{"driverOpts":{"o":"password=hunter2"}}}]}}`,
		},
		"ecs:DescribeServices": {`{"services":[{"deployments":[{"serviceConnectConfiguration":{"logConfiguration":{"options":{"apikey":"hunter2"}}}}]}]}`},
	} {
		for _, body := range bodies {
			for n := range len(body) + 1 {
				got, _ := collect.Redact(asked(operation), []byte(body[:n]))
				if strings.Contains(string(got), secret) {
					t.Fatalf("%s: %q gives %q", operation, body[:n], got)
				}
			}
		}
	}
}

// The decoder sees what the evidence holds, and neither sees the secret.
func TestRecordingRedactsBeforeAnybodyReads(t *testing.T) {
	c := asked("lambda:GetFunctionConfiguration")
	recorder := collect.NewRecorder(clock)
	live := collect.Recording{Base: roundTripper(func(*http.Request) (*http.Response, error) {
		return reply(200, nil, `{"Environment":{"Variables":{"A":"hunter2"}}}`), nil
	})}
	got, err := call(t, live, collect.WithCall(collect.WithRecorder(context.Background(), recorder), &c))
	if err != nil {
		t.Fatal(err)
	}
	e := recorder.Exchanges()[0]
	if strings.Contains(got+e.Body, "hunter2") || !e.Redacted || !strings.HasSuffix(got, e.Body) {
		t.Errorf("decoder sees %q, evidence holds %+v", got, e)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("lambda:GetFunctionConfiguration", []byte(`{"Environment":{"Variables":{"A":"hunter2"}}}`))
	f.Add("lambda:GetFunctionConfiguration", []byte(`{"Environment" : {"Variables":{"A":[{"x":"y"}], "B":null}}}`))
	f.Add("ec2:DescribeInstanceAttribute", []byte(`<R><userData><value>aHVudGVyMg==</value></userData></R>`))
	f.Add("rds:DescribeDBInstances", []byte(`<R><MasterUserPassword>a&amp;b</MasterUserPassword></R>`))
	f.Fuzz(func(t *testing.T, operation string, body []byte) {
		c := asked(operation)
		once, redacted := collect.Redact(c, body)
		if !redacted && string(once) != string(body) {
			t.Fatalf("changed without saying so: %q became %q", body, once)
		}
		var reply struct {
			Environment struct{ Variables map[string]any }
		}
		if operation == "lambda:GetFunctionConfiguration" && json.Unmarshal(once, &reply) == nil {
			for name, value := range reply.Environment.Variables {
				if s, ok := value.(string); value != nil && s != "" && (!ok || !strings.HasPrefix(s, "sha256:")) {
					t.Fatalf("%s survived as %v in %s", name, value, once)
				}
			}
		}
	})
}
