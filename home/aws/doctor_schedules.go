package awshome

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"github.com/everqual/everqual"
)

// clockwork is what the clock has to wake, as deploy/aws makes it.
var clockwork = []string{"rejudge", "seal", "work"}

// schedules checks what the clock wakes.
func (w *ward) schedules(ctx context.Context) []everqual.Check {
	there, err := w.listSchedules(ctx)
	if err != nil {
		return []everqual.Check{unasked("schedules", "scheduler:ListSchedules", err)}
	}
	var missing, off []string
	for _, name := range clockwork {
		switch state, ok := there[name]; {
		case !ok:
			missing = append(missing, name)
		case state != "ENABLED":
			off = append(off, name)
		}
	}
	return []everqual.Check{
		several("schedules", len(clockwork), missing, "are there", "missing", everqual.CheckFail, "deploy them again"),
		several("schedules enabled", len(clockwork)-len(missing), off, "are", "disabled", everqual.CheckFail, "enable them: nothing is signed, judged anew, or found again that was lost"),
	}
}

// listSchedules asks EventBridge Scheduler for the states of the schedules in the
// group of the deployment. Its client would be a library for this one call.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
func (w *ward) listSchedules(ctx context.Context) (map[string]string, error) {
	base := aws.ToString(w.cfg.BaseEndpoint)
	if base == "" {
		base = "https://scheduler." + w.region + "." + domain(w.region)
	}
	there, next := map[string]string{}, ""
	for {
		var page struct {
			NextToken string
			Schedules []struct{ Name, State string }
		}
		query := url.Values{"ScheduleGroup": {w.name}}
		if next != "" {
			query.Set("NextToken", next)
		}
		if err := w.get(ctx, "scheduler", base+"/schedules?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		for _, s := range page.Schedules {
			there[s.Name] = s.State
		}
		if next = page.NextToken; next == "" {
			return there, nil
		}
	}
}

func domain(region string) string {
	switch everqual.Partition(region) {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-eusc":
		return "amazonaws.eu"
	}
	return "amazonaws.com"
}

// mostReply bounds an answer, in bytes.
const mostReply = 8 << 20

// get asks a service that speaks JSON, signed as every call.
func (w *ward) get(ctx context.Context, service, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	credentials, err := w.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	nothing := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(nothing[:]), service, w.region, time.Now()); err != nil {
		return err
	}
	response, err := w.cfg.HTTPClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostReply))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return refusal(response, body)
	}
	return json.Unmarshal(body, into)
}

// refusal is an error as the SDK would give it.
func refusal(response *http.Response, body []byte) error {
	var said struct{ Message string }
	_ = json.Unmarshal(body, &said)                                         // not every error has one
	name, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":") // a link may follow
	if name == "" {
		name = fmt.Sprintf("HTTP status %d", response.StatusCode)
	}
	return &smithy.GenericAPIError{Code: name, Message: said.Message}
}
