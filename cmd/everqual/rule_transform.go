package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/rule/syntax"
	"github.com/everqual/everqual/rule/transform"
)

// transformFlags are the flags of 'everqual rule transform'.
type transformFlags struct {
	cases                     string
	paths, template, event    string
	ruleARN, ruleName, ingest string
	strict                    bool
}

func (a *app) ruleTransformCommand() *cobra.Command {
	var f transformFlags
	cmd := &cobra.Command{
		Use:   "transform",
		Short: "Fill the input transformer of an EventBridge target from an event",
		Long: `Fills a template (InputTemplate) with the values that paths (InputPathsMap) pick out
of an event, and prints the result. See docs/transformers.md.

Values are escaped, so that the result is valid JSON. --aws-strict inserts them as AWS
does; where that breaks the JSON, the error says what AWS would not deliver.

--cases runs many cases, one JSON object on each line, "-" for standard input:
  id         printed with the result (default: the number of its line)
  paths      the InputPathsMap
  template   the InputTemplate, as a string
  event      the event, as JSON or as a string of JSON
  output     what is expected: the result, as a string
  error      true or any text instead of output, or "valid": false: an error is expected
  variables  values of <aws.events.rule-arn>, <aws.events.rule-name> and
             <aws.events.event.ingestion-time>, by these names or by their last part
  strict     true: this case as with --aws-strict
Each case prints one line of JSON: id, ok (as expected, or nothing was), output or
error, and wanted when it is not ok. The exit code is 1 when an expectation failed, 3
when a line could not be read.`,
		Example: `  everqual rule transform --paths paths.json --template template.txt --event event.json
  everqual rule transform --template template.txt --event - --rule-name nightly < event.json
  everqual rule transform --cases cases.jsonl --aws-strict`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if f.cases != "" {
				return runCases(f.cases, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), func(line int, c transformCase) (transformResult, bool, error) {
					r, err := f.runCase(line, c)
					return r, !r.OK, err
				})
			}
			return f.runOne(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&f.cases, "cases", "", `file of cases, one JSON object on each line, or "-"`)
	cmd.Flags().StringVar(&f.paths, "paths", "", `file with the InputPathsMap, a JSON object of strings, or "-"`)
	cmd.Flags().StringVar(&f.template, "template", "", `file with the InputTemplate, or "-"`)
	cmd.Flags().StringVar(&f.event, "event", "", `file with the event, or "-"`)
	cmd.Flags().BoolVar(&f.strict, "aws-strict", false, "insert values without escaping them, as AWS does")
	cmd.Flags().StringVar(&f.ruleARN, "rule-arn", "", "what <aws.events.rule-arn> stands for")
	cmd.Flags().StringVar(&f.ruleName, "rule-name", "", "what <aws.events.rule-name> stands for")
	cmd.Flags().StringVar(&f.ingest, "ingestion-time", "", "what <aws.events.event.ingestion-time> stands for, as 2026-01-31T12:00:00Z (default the event's time)")
	return cmd
}

func (f *transformFlags) check() error {
	single := f.paths != "" || f.template != "" || f.event != ""
	switch {
	case f.cases != "" && single:
		return usagef("--cases has paths, templates and events of its own; leave out --paths, --template and --event")
	case f.cases == "" && (f.template == "" || f.event == ""):
		return usagef("name a template with --template and an event with --event, or many of both with --cases")
	}
	input := 0
	for _, file := range []string{f.paths, f.template, f.event} {
		if file == "-" {
			input++
		}
	}
	if input > 1 {
		return usagef("only one of --paths, --template and --event can be standard input")
	}
	if _, err := f.variables(); err != nil {
		return usageError{err}
	}
	return nil
}

func (f *transformFlags) variables() (transform.Variables, error) {
	v := transform.Variables{RuleARN: f.ruleARN, RuleName: f.ruleName, Strict: f.strict}
	if f.ingest == "" {
		return v, nil
	}
	at, err := time.Parse(time.RFC3339, f.ingest)
	if err != nil {
		return v, fmt.Errorf("ingestion time %q: write it as 2026-01-31T12:00:00Z", f.ingest)
	}
	v.IngestionTime = at
	return v, nil
}

func (f *transformFlags) runOne(w io.Writer) error {
	paths, err := f.readPaths()
	if err != nil {
		return err
	}
	template, err := readText(f.template)
	if err != nil {
		return err
	}
	t, err := transform.Parse(paths, strings.TrimRight(string(template), "\r\n")) // the end of a file is no part of it
	if err != nil {
		return inFile(f.template, err)
	}
	event, err := readText(f.event)
	if err != nil {
		return err
	}
	v, _ := f.variables()
	out, err := t.Apply(event, v)
	if err != nil {
		return inFile(f.event, err)
	}
	_, err = fmt.Fprintf(w, "%s\n", out)
	return err
}

// readPaths reads the InputPathsMap. A name written twice is refused: which path
// was meant?
func (f *transformFlags) readPaths() (map[string]string, error) {
	paths := map[string]string{}
	if f.paths == "" {
		return paths, nil
	}
	text, err := readText(f.paths)
	if err != nil {
		return nil, err
	}
	n, err := syntax.Parse(text, len(text))
	if err == nil && n.Kind != syntax.Object {
		err = syntax.Faultf(n.At, `paths are a JSON object such as {"state": "$.detail.state"}, this is %s`, n.Kind)
	}
	if err != nil {
		return nil, syntax.Located(f.paths, text, err)
	}
	for _, m := range n.Members {
		_, twice := paths[m.Key]
		switch {
		case m.Value.Kind != syntax.Text:
			err = syntax.Faultf(m.Value.At, "the path of %q must be a string, this is %s", m.Key, m.Value.Kind)
		case twice:
			err = syntax.Faultf(m.At, "the path of %q is written twice; remove one", m.Key)
		}
		if err != nil {
			return nil, syntax.Located(f.paths, text, err)
		}
		paths[m.Key] = m.Value.Text
	}
	return paths, nil
}
