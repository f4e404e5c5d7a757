package awsresource_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// A service without an SDK client is asked as the SDK would: where the configuration
// says, signed for its name and region, again after a failure, page by page.
func TestWithoutClient(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		signed := r.Header.Get("Authorization")
		target := r.Header.Get("X-Amz-Target")
		switch {
		case !strings.Contains(signed, "/eu-west-1/sagemaker/aws4_request") || !strings.Contains(signed, "x-amz-target"):
			t.Errorf("signed with %q", signed)
		case calls.Add(1) == 1:
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, `{"__type":"InternalFailure","message":"once"}`)
		case target == "SageMaker.ListNotebookInstances" && string(body) == "{}":
			io.WriteString(w, `{"NotebookInstances":[{"NotebookInstanceName":"a","NotebookInstanceArn":"arn:a"}],"NextToken":"2"}`)
		case target == "SageMaker.ListNotebookInstances" && string(body) == `{"NextToken":"2"}`:
			io.WriteString(w, `{"NotebookInstances":[{"NotebookInstanceName":"Lims","NotebookInstanceArn":"arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/lims"}],"NextToken":null}`)
		case target == "SageMaker.DescribeNotebookInstance" && string(body) == `{"NotebookInstanceName":"lims"}`:
			w.Header().Set("X-Amzn-ErrorType", "com.amazonaws.sagemaker#ValidationException:http://internal.amazon.com/")
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"message":"RecordNotFound"}`)
		case target == "SageMaker.DescribeNotebookInstance" && string(body) == `{"NotebookInstanceName":"Lims"}`:
			io.WriteString(w, `{"NotebookInstanceName":"Lims","CreationTime":1.7938656005E9,"KmsKeyId":null,"DirectInternetAccess":"Disabled","MinimumInstanceMetadataServiceConfiguration":{"MinimumInstanceMetadataServiceVersion":null}}`)
		case target == "SageMaker.ListTags":
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"__type":"AccessDeniedException","Message":"no"}`)
		default:
			t.Errorf("%s of %s", target, body)
		}
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_ENDPOINT_URL_SAGEMAKER", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "none")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	d, err := awsresource.Open(context.Background(), awsresource.Options{Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	described, err := d.Describe(context.Background(), everqual.Resource{
		ID: "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/lims", Type: "AWS::SageMaker::NotebookInstance", Account: "111122223333", Region: "eu-west-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	a := described.Attributes
	if a["CreationTime"] != "2026-11-05T08:00:00.5Z" || a["DirectInternetAccess"] != "Disabled" || a["KmsKeyId"] != nil {
		t.Errorf("attributes %v", a)
	}
	if u := described.Unread; len(u) != 1 || u[0].Path != "Tags" || u[0].Reason != everqual.Denied {
		t.Errorf("unread %+v", u)
	}
}

// A service that speaks REST JSON is asked at its routes.
func TestWithoutClientByRoutes(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		ask := r.Method + " " + r.URL.Path + " " + string(body)
		switch filter := `{"Filters":{"RecordState":[{"Comparison":"EQUALS","Value":"ACTIVE"}],"ResourceId":[{"Comparison":"EQUALS","Value":"arn:aws:sqs:eu-west-1:111122223333:lims"}]}`; {
		case !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/securityhub/aws4_request") || r.Header.Get("X-Amz-Target") != "":
			t.Errorf("signed with %q", r.Header.Get("Authorization"))
		case calls.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case ask == "POST /findings "+filter+"}":
			io.WriteString(w, `{"Findings":[{"Id":"f1","Title":"one","Severity":{"Label":"HIGH"},"Workflow":{"Status":"SUPPRESSED"},"Resources":[{"Id":"arn:aws:sqs:eu-west-1:111122223333:lims"}]}],"NextToken":"2"}`)
		case ask == "POST /findings "+filter+`,"NextToken":"2"}`:
			io.WriteString(w, `{"Findings":[{"Id":"f2","Resources":[{"Id":"arn:another"}]}]}`)
		default:
			t.Error(ask)
		}
	}))
	defer server.Close()
	queues := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"QueueUrl":"http://127.0.0.1/lims","Attributes":{"QueueArn":"arn:aws:sqs:eu-west-1:111122223333:lims"},"Tags":{}}`)
	}))
	defer queues.Close()
	t.Setenv("AWS_ENDPOINT_URL", queues.URL)
	t.Setenv("AWS_ENDPOINT_URL_SECURITYHUB", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "none")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	d, err := awsresource.Open(context.Background(), awsresource.Options{Region: "eu-west-1", Attach: []string{"securityhub"}})
	if err != nil {
		t.Fatal(err)
	}
	described, err := d.Describe(context.Background(), everqual.Resource{
		ID: "arn:aws:sqs:eu-west-1:111122223333:lims", Type: "AWS::SQS::Queue", Account: "111122223333", Region: "eu-west-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	findings := fmt.Sprint(described.Attributes["SecurityHubFindings"])
	if !strings.Contains(findings, "f1") || !strings.Contains(findings, "HIGH") || !strings.Contains(findings, "SUPPRESSED") || strings.Contains(findings, "f2") {
		t.Errorf("findings are %s, unread %+v", findings, described.Unread)
	}
}
