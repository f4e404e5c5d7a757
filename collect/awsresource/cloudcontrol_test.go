package awsresource_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual"
)

// cloudControl knows one resolver rule association by an identifier in two parts,
// and refuses what a test says.
func cloudControl(refuse map[string]string) func(string, *http.Request) answer {
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	return func(operation string, r *http.Request) answer {
		b, _ := io.ReadAll(r.Body)
		var in struct{ TypeName, Identifier string }
		_ = json.Unmarshal(b, &in)
		switch {
		case refuse[operation] != "":
			return answer{status: 400, header: header, body: `{"__type":"com.amazonaws.cloudapiservice#` + refuse[operation] + `","Message":"no"}`}
		case in.TypeName != "AWS::X::Thing":
			return answer{status: 400, header: header, body: `{"__type":"com.amazonaws.cloudapiservice#UnsupportedActionException","Message":"no handler"}`}
		case operation == "ListResources":
			return answer{status: 200, header: header, body: `{"TypeName":"AWS::X::Thing","ResourceDescriptions":[{"Identifier":"pool|thing-1"},{"Identifier":"pool|thing-2"}]}`}
		case in.Identifier == "pool|thing-1":
			return answer{status: 200, header: header, body: `{"TypeName":"AWS::X::Thing","ResourceDescription":{"Identifier":"pool|thing-1","Properties":"{\"Encrypted\":true,\"Tags\":[{\"Key\":\"System\",\"Value\":\"LIMS\"}]}"}}`}
		}
		return answer{status: 400, header: header, body: `{"__type":"com.amazonaws.cloudapiservice#ResourceNotFoundException","Message":"no such thing"}`}
	}
}

func thing(name string) everqual.Resource {
	return everqual.Resource{ID: everqual.ResourceID("arn:aws:x:eu-central-1:111122223333:thing/" + name), Type: "AWS::X::Thing"}
}

// A type without a file of its own is read by Cloud Control API, marked as such,
// also where its identifier is no name and no ARN.
func TestCloudControl(t *testing.T) {
	stub(t, cloudControl(nil))
	o, _, _ := observe(t, quick(t), thing("thing-1"), time.Now)
	if o.State != everqual.Present || len(o.Unread) != 0 || o.Attributes["Encrypted"] != true || o.Tags["System"] != "LIMS" ||
		o.Collector != "AWS::X::Thing/1 by Cloud Control API" {
		t.Errorf("read %s", compact(o))
	}
	if o, _, _ = observe(t, quick(t), thing("thing-7"), time.Now); o.State != everqual.Deleted || len(o.Unread) != 0 {
		t.Errorf("what no listing shows is gone: %s", compact(o))
	}
}

func TestCloudControlUnread(t *testing.T) {
	for name, c := range map[string]struct {
		kind   string
		refuse map[string]string
		reason everqual.Reason
		call   string
	}{
		"no handler":      {"AWS::X::Other", nil, everqual.Unsupported, "cloudformation:GetResource"},
		"unknown type":    {"AWS::X::Thing", map[string]string{"GetResource": "TypeNotFoundException"}, everqual.Unsupported, "cloudformation:GetResource"},
		"denied":          {"AWS::X::Thing", map[string]string{"GetResource": "AccessDeniedException"}, everqual.Denied, "cloudformation:GetResource"},
		"listing refused": {"AWS::X::Thing", map[string]string{"ListResources": "AccessDeniedException"}, everqual.Denied, "cloudformation:ListResources"},
	} {
		t.Run(name, func(t *testing.T) {
			stub(t, cloudControl(c.refuse))
			r := thing("thing-1")
			r.Type = c.kind
			o, _, _ := observe(t, quick(t), r, time.Now)
			if o.State != everqual.Present || len(o.Unread) != 1 || o.Unread[0].Path != "" || o.Unread[0].Reason != c.reason || o.Unread[0].Call != c.call {
				t.Errorf("unread is %+v", o.Unread)
			}
		})
	}
	if d := quick(t); slices.Contains(d.Types(), "AWS::X::Thing") || !d.Describes("AWS::X::Thing") || d.Describes("X::Thing") {
		t.Error("what can be described is wrong")
	}
}
