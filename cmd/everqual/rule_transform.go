package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
  id         printed with the result
  paths      the InputPathsMap
  template   the InputTemplate, as a string
  event      the event, as JSON or as a string of JSON
  output     what is expected: the result, as a string
  error      true or any text instead of output, or "valid": false: an error is expected
  variables  values of <aws.events.rule-arn>, <aws.events.rule-name> and
             <aws.events.event.ingestion-time>, by these names or by their last part
  strict     true: this case as with --aws-strict
Each case prints one line of JSON. The exit code is 1 when an expectation failed,
3 when a line could not be read.`,
		Example: `  everqual rule transform --paths paths.json --template template.txt --event event.json
  everqual rule transform --template template.txt --event - --rule-name nightly < event.json
  everqual rule transform --cases cases.jsonl --aws-strict`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			if f.cases != "" {
				return runCases(f.cases, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), func(_ int, c transformCase) (transformResult, bool, error) {
					r, err := f.runCase(c)
					return r, !r.OK, err
				})
			}
			return f.runOne(cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&f.cases, "cases", "", `file of cases, one JSON object on each line, or "-"`)
	cmd.Flags().StringVar(&f.paths, "paths", "", "file with the InputPathsMap, a JSON object of strings")
	cmd.Flags().StringVar(&f.template, "template", "", "file with the InputTemplate")
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

func (f *transformFlags) runOne(stdin io.Reader, w io.Writer) error {
	var paths map[string]string
	if f.paths != "" {
		text, err := os.ReadFile(f.paths)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &paths); err != nil {
			return fmt.Errorf("%s: not a JSON object of strings: %w", f.paths, err)
		}
	}
	template, err := os.ReadFile(f.template)
	if err != nil {
		return err
	}
	t, err := transform.Parse(paths, strings.TrimRight(string(template), "\r\n")) // the end of a file is no part of it
	if err != nil {
		return err
	}
	event, err := readEvent(f.event, stdin)
	if err != nil {
		return err
	}
	v, _ := f.variables()
	out, err := t.Apply(event, v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", out)
	return err
}

// readEvent reads no more than can be an event.
func readEvent(name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(stdin, transform.MaxEvent+1))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, transform.MaxEvent+1))
}
