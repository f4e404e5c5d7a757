package aws_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/everqual/everqual"
)

// few is what the state machine asks before it observes members within itself.
const few = "$states.input.count <= 40"

// many has a system qualified as one with more members than the state machine observes
// itself: each in a child execution. That begins with the second member here.
func (s *story) many() {
	client, machine := sfn.NewFromConfig(s.cfg), s.home.Machines["qualify"]
	is := got(client.DescribeStateMachine(s.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine}))(s)
	text := strings.Replace(*is.Definition, few, "$states.input.count <= 1", 1)
	if text == *is.Definition {
		s.Fatalf("the state machine does not ask %q", few)
	}
	got(client.UpdateStateMachine(s.Context(), &sfn.UpdateStateMachineInput{StateMachineArn: &machine, Definition: &text}))(s)
	before := len(s.records(everqual.KindConfirmation))
	s.start("qualify", "IQ-5", `{"system":"LAB","number":"IQ-5","by":"A. Person","reason":"many"}`)
	s.answer("IQ-5", 1, `{"decision": "approved", "by": "B. Person", "reason": "all of them"}`)
	if e := s.ended("qualify", "IQ-5"); e.ExecutionStatus != sfntypes.ExecutionStatusSucceeded {
		s.Fatalf("IQ-5: %+v", e)
	}
	execution := strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":IQ-5"
	runs := got(client.ListMapRuns(s.Context(), &sfn.ListMapRunsInput{ExecutionArn: &execution}))(s)
	if len(runs.MapRuns) != 1 {
		s.Fatalf("%d map runs, want 1", len(runs.MapRuns))
	}
	run := got(client.DescribeMapRun(s.Context(), &sfn.DescribeMapRunInput{MapRunArn: runs.MapRuns[0].MapRunArn}))(s)
	s.Logf("%d members in child executions", run.ItemCounts.Total)
	confirmed := int64(len(s.records(everqual.KindConfirmation)) - before)
	if n := run.ItemCounts; n.Total < 2 || n.Succeeded != n.Total || confirmed != n.Total {
		s.Errorf("of %d members %d child executions succeeded and %d confirm what was seen before", n.Total, n.Succeeded, confirmed)
	}
}
