package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

var stateMachine = kind{
	name: "AWS::StepFunctions::StateMachine", version: 1, arn: "states:stateMachine:",
	describe: describeStateMachine, list: listStateMachines,
	actions:     []string{"states:DescribeStateMachine", "states:ListTagsForResource"},
	listActions: []string{"states:ListStateMachines"},
	missing:     []string{"StateMachineDoesNotExist", "ResourceNotFound"},
	ending:      ending{"Status", []string{"DELETING"}},
	sets:        []string{"Tags", "LoggingConfiguration.Destinations"},
	policies:    []string{"Definition"},
	// Which variables the states use follows from the definition.
	volatile: []string{"VariableReferences"},
}

func listStateMachines(ctx context.Context, c *clients) ([]string, error) {
	pages := sfn.NewListStateMachinesPaginator(c.sfn, &sfn.ListStateMachinesInput{})
	return all(ctx, pages, func(o *sfn.ListStateMachinesOutput) (arns []string) {
		for _, m := range o.StateMachines {
			arns = append(arns, aws.ToString(m.StateMachineArn))
		}
		return arns
	})
}

// describeStateMachine asks twice: of a definition that is encrypted with a
// customer's key everything else can be read without a right to that key.
func describeStateMachine(ctx context.Context, l *look) {
	id := string(l.resource.ID)
	machine, err := l.sfn.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &id, IncludedData: types.IncludedDataMetadataOnly})
	if !l.read("", "states:DescribeStateMachine", err) {
		return
	}
	if aws.ToString(machine.StateMachineArn) != id {
		l.nothing("states:DescribeStateMachine")
		return
	}
	if l.root(machine); l.ended() {
		return
	}
	l.orNull("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration")
	whole, err := l.sfn.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: &id, IncludedData: types.IncludedDataAllData})
	if l.read("Definition", "states:DescribeStateMachine", err) {
		l.set("Definition", whole.Definition)
	}
	tags, err := l.sfn.ListTagsForResource(ctx, &sfn.ListTagsForResourceInput{ResourceArn: &id})
	if l.read("Tags", "states:ListTagsForResource", err) {
		l.set("Tags", tags.Tags)
	}
}
