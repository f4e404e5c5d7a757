package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
)

// deployment is one form in which rules are deployed.
type deployment struct {
	format, file string
	render       func([]rule.EventRule) any
}

func deployments() []deployment {
	return []deployment{
		{"json", "rules.json", plainRules}, {"terraform", "rules.tf.json", terraformRules},
		{"cloudformation", "rules.template.json", cloudFormationRules},
	}
}

func (a *app) deployCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy",
		Short: "Print what is deployed on AWS",
	}
	cmd.AddCommand(a.deployRules())
	return cmd
}

func (a *app) deployRules() *cobra.Command {
	var format, out string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Print the rule files as rules of EventBridge",
		Long: `Prints a rule of EventBridge for each rule file: it selects what the file selects, and
sends it with the file's input transformer. A file whose matches have several
transformers, or patterns too long for one rule, becomes several; that is told on
standard error and in their descriptions. See docs/deploy-rules.md.

  json            the rules, for templates of one's own
  terraform       resources in Terraform's JSON syntax, with variables for bus and queues
  cloudformation  a template with parameters for bus and queues`,
		Example: `  everqual deploy rules > deploy/aws/rules.json
  everqual deploy rules --format terraform --out infrastructure/
  everqual deploy rules --rules my-rules/ --format cloudformation`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all := deployments()
			i := slices.IndexFunc(all, func(d deployment) bool { return d.format == format })
			if i < 0 {
				return usagef("--format is json, terraform or cloudformation, not %q", format)
			}
			eventRules, err := a.eventRules(cmd.Context())
			if err != nil {
				return err
			}
			tellSplit(cmd.ErrOrStderr(), eventRules)
			rendered := all[i].render(eventRules)
			if out == "" {
				return printJSON(cmd.OutOrStdout(), rendered)
			}
			if err := os.MkdirAll(out, 0o755); err != nil {
				return fmt.Errorf("make folder: %w", err)
			}
			return writeFile(filepath.Join(out, all[i].file), func(w io.Writer) error { return printJSON(w, rendered) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "json", "json, terraform or cloudformation")
	cmd.Flags().StringVar(&out, "out", "", "folder to write rules.json, rules.tf.json or rules.template.json to (default standard output)")
	return cmd
}

// eventRules renders the rule files in use, with the shared transformers, which
// the shipped rules bring.
func (a *app) eventRules(ctx context.Context) ([]rule.EventRule, error) {
	set, err := a.ruleSet(ctx)
	if err != nil {
		return nil, err
	}
	shared := map[string]rule.Transformer{}
	for _, name := range []string{rule.CloudTrailTransformer, rule.ServiceTransformer} {
		b, err := fs.ReadFile(rules.Files, "transformers/"+name+".json")
		if err != nil {
			return nil, err
		}
		if shared[name], err = rule.ParseTransformer(b); err != nil {
			return nil, fmt.Errorf("transformer %s: %w", name, err)
		}
	}
	return set.EventRules(shared)
}

func tellSplit(w io.Writer, all []rule.EventRule) {
	names := map[string][]string{}
	for _, r := range all {
		names[r.Rule] = append(names[r.Rule], r.Name)
	}
	for _, r := range all {
		if many := names[r.Rule]; len(many) > 1 && many[0] == r.Name {
			say(w, "%s\n", fmt.Sprintf("%s: %d rules, %s", r.Rule, len(many), strings.Join(many, ", ")))
		}
	}
}

func plainRules(all []rule.EventRule) any { return map[string]any{"rules": all} }

// terraformRules are resources in Terraform's JSON syntax.
// https://developer.hashicorp.com/terraform/language/syntax/json
func terraformRules(all []rule.EventRule) any {
	made, targets := map[string]any{}, map[string]any{}
	for _, r := range all {
		made[r.Name] = map[string]any{
			"name": r.Name, "description": literal(r.Description), "event_bus_name": "${var.event_bus_name}",
			"event_pattern": literal(string(r.Pattern)),
		}
		paths := map[string]string{}
		for name, path := range r.Transformer.Paths {
			paths[name] = literal(path)
		}
		targets[r.Name] = map[string]any{
			"rule": "${aws_cloudwatch_event_rule." + r.Name + ".name}", "event_bus_name": "${var.event_bus_name}",
			"target_id": "everqual-intake", "arn": "${var.intake_queue_arn}",
			"dead_letter_config": map[string]any{"arn": "${var.dead_letter_queue_arn}"},
			"input_transformer":  map[string]any{"input_paths": paths, "input_template": literal(r.Transformer.Template)},
		}
	}
	variable := func(text string) map[string]any { return map[string]any{"type": "string", "description": text} }
	bus := variable("Bus on which the events arrive.")
	bus["default"] = "default"
	return map[string]any{
		"variable": map[string]any{
			"event_bus_name": bus, "intake_queue_arn": variable("Queue from which Everqual takes events in."),
			"dead_letter_queue_arn": variable("Queue for events that could not be delivered."),
		},
		"resource": map[string]any{"aws_cloudwatch_event_rule": made, "aws_cloudwatch_event_target": targets},
	}
}

// literal keeps Terraform from reading a text as a template.
func literal(s string) string { return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s) }

// cloudFormationRules are a template.
func cloudFormationRules(all []rule.EventRule) any {
	resources := map[string]any{}
	for _, r := range all {
		resources[logicalID(r.Name)] = map[string]any{
			"Type": "AWS::Events::Rule",
			"Properties": map[string]any{
				"Name": r.Name, "Description": r.Description, "EventBusName": ref("EventBusName"), "EventPattern": r.Pattern,
				"Targets": []any{map[string]any{
					"Id": "everqual-intake", "Arn": ref("IntakeQueueArn"), "DeadLetterConfig": map[string]any{"Arn": ref("DeadLetterQueueArn")},
					"InputTransformer": map[string]any{"InputPathsMap": r.Transformer.Paths, "InputTemplate": r.Transformer.Template},
				}},
			},
		}
	}
	return map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09", "Description": "Rules that send change events to Everqual",
		"Parameters": map[string]any{
			"EventBusName":       map[string]any{"Type": "String", "Default": "default"},
			"IntakeQueueArn":     map[string]any{"Type": "String"},
			"DeadLetterQueueArn": map[string]any{"Type": "String"},
		},
		"Resources": resources,
	}
}

func ref(parameter string) map[string]string { return map[string]string{"Ref": parameter} }

// logicalID makes a name of letters and digits: EverqualConfigRecorders.
func logicalID(name string) (id string) {
	for _, part := range strings.Split(name, "-") {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}
