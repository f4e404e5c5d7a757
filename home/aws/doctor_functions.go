package awshome

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/everqual/everqual"
)

// functionNames are the functions of a deployment; each has its name in the
// environment.
var functionNames = []string{"intake", "work", "judge", "specification", "schedule", "task"}

// functions checks that every function works, for this home, and that all are the same
// program.
func (w *ward) functions(ctx context.Context) (checks []everqual.Check) {
	client := lambda.NewFromConfig(w.cfg)
	programs := map[string][]string{}
	for _, f := range functionNames {
		name, title := w.name+"-"+f, "function "+f
		out, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil {
			checks = append(checks, unasked(title, "lambda:GetFunctionConfiguration", err))
			continue
		}
		programs[aws.ToString(out.CodeSha256)] = append(programs[aws.ToString(out.CodeSha256)], f)
		checks = append(checks, w.function(title, f, out))
	}
	if len(programs) == 0 {
		return checks
	}
	var seen []string
	for program, names := range programs {
		seen = append(seen, fmt.Sprintf("%s (%s)", program, some(names)))
	}
	return append(checks, everqual.OK("function program", "%s", some(seen)).
		Else(len(programs) == 1, everqual.CheckFail, "deploy again: the functions are not the same program"))
}

func (w *ward) function(title, which string, f *lambda.GetFunctionConfigurationOutput) everqual.Check {
	env := map[string]string{}
	if f.Environment != nil {
		env = f.Environment.Variables
	}
	active := f.State == types.StateActive || f.State == types.StateInactive // idle for weeks: it wakes
	return everqual.OK(title, "%s, last update %s, %s %s", f.State, f.LastUpdateStatus, env["EVERQUAL_FUNCTION"], env["EVERQUAL_HOME"]).
		Else(active, everqual.CheckFail, "look at its state: "+aws.ToString(f.StateReason)).
		Else(f.LastUpdateStatus == types.LastUpdateStatusSuccessful, everqual.CheckFail, "deploy it again: "+aws.ToString(f.LastUpdateStatusReason)).
		Else(env["EVERQUAL_FUNCTION"] == which && env["EVERQUAL_HOME"] == "aws://"+w.name, everqual.CheckFail,
			"set EVERQUAL_FUNCTION="+which+" and EVERQUAL_HOME=aws://"+w.name)
}

// mappings checks what wakes the functions.
func (w *ward) mappings(ctx context.Context) (checks []everqual.Check) {
	client := lambda.NewFromConfig(w.cfg)
	for _, f := range []string{"intake", "work", "judge"} {
		name, title := w.name+"-"+f, "function "+f+" is woken"
		out, err := client.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &name})
		if err != nil {
			checks = append(checks, unasked(title, "lambda:ListEventSourceMappings", err))
			continue
		}
		state, source := "", ""
		for _, m := range out.EventSourceMappings {
			if state != "Enabled" {
				state, source = aws.ToString(m.State), aws.ToString(m.EventSourceArn)
			}
		}
		do := "enable its event source mapping"
		if f == "work" {
			do += "; a worker that takes its place must be running"
		}
		c := everqual.OK(title, "by %s, %s", source, state).Else(state == "Enabled", everqual.CheckFail, do)
		if f == "work" && state == "Disabled" {
			c = w.worker(ctx, c)
		}
		checks = append(checks, c)
	}
	return checks
}

// machines checks the state machines.
func (w *ward) machines(ctx context.Context) (checks []everqual.Check) {
	client := sfn.NewFromConfig(w.cfg)
	for _, m := range []string{"collect", "qualify"} {
		title := "state machine " + m
		arn := w.arn("states", "stateMachine:"+w.name+"-"+m)
		out, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &arn})
		if err != nil {
			checks = append(checks, unasked(title, "states:DescribeStateMachine", err))
			continue
		}
		checks = append(checks, everqual.OK(title, "%s", out.Status).
			Else(out.Status == sfntypes.StateMachineStatusActive, everqual.CheckFail, "deploy it again"))
	}
	return checks
}
