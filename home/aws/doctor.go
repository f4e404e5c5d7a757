package awshome

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// ward is a deployment that is looked at. What its parts are called follows from
// its name, as deploy/aws names them.
type ward struct {
	cfg             aws.Config
	name            string
	home            Config
	account, region string
	now             time.Time
}

// patientFor is how often a question is asked: whoever looks wants to know soon.
const patientFor = 3

// Inspect checks the deployment of the home with the name, and that these rules are
// on its bus. It changes nothing. What it may not ask is not checked, and says so.
func Inspect(ctx context.Context, name string, rules []Rule, opt Options) []everqual.Check {
	const parameterCheck = "parameter"
	cfg, c, err := resolve(ctx, name, opt)
	if err != nil {
		return []everqual.Check{unread(parameterCheck, err)}
	}
	cfg.RetryMaxAttempts = patientFor
	if opt.Clock == nil {
		opt.Clock = flow.MachineClock{}
	}
	w := &ward{cfg: cfg, name: name, home: c, region: cfg.Region, now: opt.Clock.Now()}
	checks := []everqual.Check{everqual.OK(parameterCheck, "%s is complete", parameter(name)).
		Else(c.KeyID != "", everqual.CheckFail, "put a KMS key into it as key_id: nothing is signed")}
	identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		return append(checks, unasked("deployment", "sts:GetCallerIdentity", err))
	}
	w.account = aws.ToString(identity.Account)
	parts := []func(context.Context) []everqual.Check{
		w.table, w.queues, w.bucket, w.topic, w.keys, func(ctx context.Context) []everqual.Check { return w.rules(ctx, rules) },
		w.functions, w.mappings, w.machines, w.schedules, w.alarms,
	}
	found := make([][]everqual.Check, len(parts))
	_ = together(ctx, len(parts), func(ctx context.Context, i int) error { // none fails: that is a check too
		found[i] = parts[i](ctx)
		return nil
	})
	return append(checks, slices.Concat(found...)...)
}

// unread is the check of a parameter that names no home. Only where AWS answered is it
// the parameter's fault.
func unread(name string, err error) everqual.Check {
	switch c := unasked(name, "ssm:GetParameter", err); {
	case errors.Is(err, errUnasked):
		c.Do = "see the check of the credentials"
		return c
	case code(err) != "":
		return c
	case errors.As(err, new(*smithy.OperationError)):
		c.Do = "ask again: can AWS be reached, and is the region right?"
		return c
	}
	return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: "deploy the home, which writes it"}
}

// arn is the name of a resource of the deployment in AWS.
func (w *ward) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", everqual.Partition(w.region), service, w.region, w.account, resource)
}

// Bus is the bus of a deployment to which accounts forward their events, by the
// account and region that it is in.
func Bus(ctx context.Context, name string) (string, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return "", err
	}
	identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", said("ask AWS who is calling", err)
	}
	w := ward{name: name, account: aws.ToString(identity.Account), region: cfg.Region}
	return w.arn("events", "event-bus/"+name), nil
}

// skew is how far this machine's clock may be off. AWS refuses what is 5 minutes off.
const skew = time.Minute

// Credentials checks as whom AWS is asked, and this machine's clock against AWS's.
func Credentials(ctx context.Context) []everqual.Check {
	const name, do = "credentials", "log in, or set a profile; for a folder that observes nothing: --offline"
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(patientFor))
	if err != nil {
		return []everqual.Check{{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: "mend the AWS configuration"}}
	}
	if cfg.Region == "" {
		return []everqual.Check{everqual.OK(name, "no region is configured").Else(false, everqual.NotChecked, "set AWS_REGION, or log in; for a folder that observes nothing: --offline")}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return []everqual.Check{everqual.Unasked(name, err, do)}
	}
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		c := unasked(name, "sts:GetCallerIdentity", err)
		if code(err) != "" {
			c.Result = everqual.CheckFail // this call needs no permission
		}
		return []everqual.Check{c}
	}
	checks := []everqual.Check{everqual.OK(name, "%s in %s", aws.ToString(out.Arn), cfg.Region)}
	theirs, said := awsmiddleware.GetServerTime(out.ResultMetadata)
	ours, received := awsmiddleware.GetResponseAt(out.ResultMetadata)
	if !said || !received {
		return append(checks, everqual.Check{Name: "clock against AWS", Result: everqual.NotChecked, Seen: "AWS told no time"})
	}
	off := ours.Sub(theirs).Round(time.Second)
	return append(checks, everqual.OK("clock against AWS", "%s off", off).Else(off.Abs() < skew, everqual.CheckFail, "set this machine's clock"))
}

// absent are AWS's names for what is not there, and denied for what may not be asked.
var (
	absent = []string{
		"ResourceNotFoundException", "NotFoundException", "NotFound", "NoSuchBucket", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
		"StateMachineDoesNotExist", "ParameterNotFound", "TableNotFoundException",
	}
	denied = []string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "KMSAccessDeniedException"}
)

// unasked is the check whose question was not answered. What is not there fails;
// about everything else nothing is known.
func unasked(name, action string, err error) everqual.Check {
	seen := err.Error()
	if api := smithy.APIError(nil); errors.As(err, &api) {
		seen = api.ErrorCode() + ": " + api.ErrorMessage()
	}
	c := everqual.Check{Name: name, Result: everqual.NotChecked, Seen: strings.TrimSpace(seen), Do: "ask again: it needs " + action}
	switch {
	case slices.Contains(absent, code(err)):
		c.Result, c.Do = everqual.CheckFail, "it is not there: deploy it again"
	case slices.Contains(denied, code(err)):
		c.Do = "allow " + action + " to whoever asks"
	case advice[code(err)] != "":
		c.Do = advice[code(err)]
	}
	return c
}

// some names the first of many.
func some(names []string) string {
	slices.Sort(names)
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
