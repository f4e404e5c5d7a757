package collect_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// silent counts what reaches it.
type silent struct{ requests int }

func (s *silent) RoundTrip(*http.Request) (*http.Response, error) {
	s.requests++
	return nil, errors.New("nobody there")
}

// What could change something or reveal a secret never leaves the process.
func TestGuard(t *testing.T) {
	for name, c := range map[string]struct {
		call collect.Call
		sent bool
	}{
		"describe":            {collect.Call{Service: "ec2", Operation: "DescribeInstances"}, true},
		"batch":               {collect.Call{Service: "codebuild", Operation: "BatchGetProjects"}, true},
		"create":              {collect.Call{Service: "ec2", Operation: "CreateTags"}, false},
		"assume":              {collect.Call{Service: "sts", Operation: "AssumeRole"}, false},
		"secret":              {collect.Call{Service: "secretsmanager", Operation: "GetSecretValue"}, false},
		"generates":           {collect.Call{Service: "iam", Operation: "GenerateCredentialReport"}, false},
		"parameter":           {collect.Call{Service: "ssm", Operation: "GetParameter", Parameters: []byte(`{"Name":"a","WithDecryption":false}`)}, true},
		"decrypted parameter": {collect.Call{Service: "ssm", Operation: "GetParameter", Parameters: []byte(`{"Name":"a","WithDecryption":true}`)}, false},
		"command":             {collect.Call{Service: "ssm", Operation: "SendCommand"}, false},
		"permitted":           {collect.Call{Service: "ssm", Operation: "StartSomething"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			base := &silent{}
			ctx := collect.WithCall(collect.WithRecorder(context.Background(), collect.NewRecorder(clock)), &c.call)
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ec2.eu-central-1.amazonaws.com", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = collect.Recording{Base: base, Permit: []string{"ssm:StartSomething"}}.RoundTrip(req)
			if sent := base.requests == 1; sent != c.sent {
				t.Errorf("sent: %v, error %v", sent, err)
			}
			if !c.sent && !everqual.IsPermanent(err) {
				t.Errorf("the refusal is not permanent: %v", err)
			}
		})
	}
}
