package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fill puts values in the place of what Terraform fills in.
func fill(t *testing.T, file string, values map[string]string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, value := range values {
		text = strings.ReplaceAll(text, "${"+name+"}", value)
	}
	if at := strings.Index(text, "${"); at >= 0 {
		t.Fatalf("%s: %.30q is filled in by nobody", file, text[at:])
	}
	return text
}

func machineText(t *testing.T, file string) string {
	return fill(t, file, map[string]string{
		"function": "arn:f", "dead_url": "https://q", "topic": "arn:t", "bucket": "b", "approval_seconds": "60",
		"retry": fill(t, "statemachines/retry.json", nil),
	})
}

func TestMachines(t *testing.T) {
	files, err := filepath.Glob("statemachines/*.asl.json")
	if err != nil || len(files) != 2 {
		t.Fatalf("state machines: %v, %v", files, err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			for _, p := range checkMachine([]byte(machineText(t, f))) {
				t.Error(p)
			}
		})
	}
}

// TestMachinesBroken breaks a good machine in every way that the check is for.
func TestMachinesBroken(t *testing.T) {
	const good = `"Next": "Judge"`
	for name, c := range map[string]struct{ old, new, want string }{
		"goes nowhere":        {good, `"Next": "Nobody"`, `Together: it goes on to "Nobody", which is not there`},
		"unreachable":         {good, `"Next": "Bury"`, "Judge: no way leads to it"},
		"no end":              {`"Default": "Done"`, `"Default": "AllObserved"`, "Done: no way leads to it"},
		"two ways on":         {good, good + `, "End": true`, "Together: it goes on or ends"},
		"no comment":          {`"Comment": "One part.",`, "", "ObservePart: it has no comment"},
		"no time-out":         {`"TimeoutSeconds": 300,`, "", "Judge: a task has a time-out"},
		"nobody catches":      {`"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bury"}],` + "\n            " + good, good, "ObserveWhole: nobody catches its failure"},
		"JSONPath":            {`"Output": "{% $states.result.Payload %}"`, `"OutputPath": "$.Payload"`, "ObserveWhole: OutputPath belongs to JSONPath"},
		"unknown variable":    {`"Items": "{% $parts %}"`, `"Items": "{% $pats %}"`, `Parts: "{% $pats %}": there is no $pats`},
		"unknown function":    {"$count(", "$counts(", "there is no $counts"},
		"unfinished":          {`"{% $parts %}"`, `"{% $parts"`, "begins or ends as an expression"},
		"unbalanced":          {"$count($states", "$count(($states", "opens and closes () unevenly"},
		"no spread":           {`"JitterStrategy": "FULL"`, `"JitterStrategy": "NONE"`, "tries have growing, spread delays"},
		"unknown type":        {`"Type": "Parallel"`, `"Type": "Paralel"`, `there is no type "Paralel"`},
		"starts nowhere":      {`"StartAt": "Begin"`, `"StartAt": "Start"`, `machine: it starts at "Start"`},
		"a name twice":        {`"NotObserved": {`, `"Done": {`, "Done: the name is used twice"},
		"other expressions":   {`"QueryLanguage": "JSONata",`, "", "written in JSONata"},
		"a choice undecided":  {`"Default": "Done"`, `"Comment": "x"`, "AllObserved: a choice has choices and a default"},
		"catches all too far": {`["Permanent"]`, `["States.ALL"]`, "States.ALL stands alone and last"},
	} {
		t.Run(name, func(t *testing.T) {
			text := machineText(t, "statemachines/collect.asl.json")
			if !strings.Contains(text, c.old) {
				t.Fatalf("the machine has no %s any more", c.old)
			}
			problems := checkMachine([]byte(strings.ReplaceAll(text, c.old, c.new)))
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, c.want) }) {
				t.Errorf("want %q, got %q", c.want, problems)
			}
		})
	}
}

// TestChildrenSeeTheirInputOnly: a distributed Map runs executions of their own.
func TestChildrenSeeTheirInputOnly(t *testing.T) {
	text := machineText(t, "statemachines/qualify.asl.json")
	at := strings.Index(text, `"ObserveEach": {`)
	text = text[:at] + strings.Replace(text[at:], "$states.input.since", "$start", 1)
	want := `ObserveEach: "{% $start %}": there is no $start`
	if problems := checkMachine([]byte(text)); !slices.Contains(problems, want) {
		t.Errorf("want %q, got %q", want, problems)
	}
}

// TestNothingIsToldUnrecorded: what people are told was decided is in the ledger, and
// an answer that is not recorded leads back to the question.
func TestNothingIsToldUnrecorded(t *testing.T) {
	var m machine
	if err := json.Unmarshal([]byte(machineText(t, "statemachines/qualify.asl.json")), &m); err != nil {
		t.Fatal(err)
	}
	answer := m.States["RecordAnswer"]
	if next := m.States["Decided"]; next.Default != "AskApproval" || len(answer.Catch) != 1 || answer.Catch[0].Next != "AskApproval" {
		t.Errorf("after an answer that is not recorded come %v and %q", answer.Catch, next.Default)
	}
	if !m.from(m.StartAt)["Publish"] {
		t.Error("nothing is told at all")
	}
	for _, record := range []string{"RecordAnswer", "RecordSilence"} {
		delete(m.States, record)
	}
	if m.from(m.StartAt)["Publish"] {
		t.Error("a way leads to Publish past the records")
	}
}
