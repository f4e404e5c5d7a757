package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

func (a *app) ruleTest() *cobra.Command {
	var patternFile, event, cases string
	var explain bool
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Test an event pattern on an event, or run a file of cases",
		Long: `Tells whether the event satisfies the pattern: the exit code is 0 either way. With
--explain says, condition by condition, what was found and why it did not match.

With --cases runs JSON lines {"id": ..., "pattern": ..., "event": ..., "match": true}
and prints a line {"id", "match", "error"} for each; pattern and event are JSON, or
a string with their raw text. The id is any JSON, by default the number of the line.
"match" may be left out; "valid": false expects that the pattern is refused, also for
a limit of EventBridge. An expectation that fails is told in "failed". Exit code 1
when one fails, 3 when a line cannot be read.`,
		Example: `  everqual rule test --pattern pattern.json --event event.json --explain
  everqual rule test --cases my-rules.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch one := patternFile != "" && event != ""; {
			case cases != "" && explain:
				return usagef("--explain goes with --pattern and --event")
			case cases != "" && patternFile+event == "":
				return runCases(cases, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), func(line int, c ruleCase) (caseResult, bool, error) {
					r, err := c.run(line)
					return r, r.Failed != "", err
				})
			case cases == "" && one && patternFile == "-" && event == "-":
				return usagef("only one of --pattern and --event can be standard input")
			case cases == "" && one:
				return a.testOne(cmd.OutOrStdout(), patternFile, event, explain)
			}
			return usagef("name --pattern and --event, or --cases")
		},
	}
	f := cmd.Flags()
	f.StringVar(&patternFile, "pattern", "", `file with an event pattern, "-" for standard input`)
	f.StringVar(&event, "event", "", `file with an event, "-" for standard input`)
	f.StringVar(&cases, "cases", "", `file of cases, as JSON lines, "-" for standard input`)
	f.BoolVar(&explain, "explain", false, "say condition by condition why")
	return cmd
}

func (a *app) testOne(w io.Writer, patternFile, eventFile string, explain bool) error {
	p, err := parsePattern(patternFile)
	if err != nil {
		return err
	}
	event, err := readText(eventFile)
	if err != nil {
		return err
	}
	e, err := p.Explain(event)
	if err != nil {
		return inFile(eventFile, err)
	}
	if !explain {
		if a.json() {
			return printJSON(w, map[string]bool{"match": e.Match})
		}
		say(w, "%s\n", verdict(e.Match))
		return nil
	}
	if a.json() {
		return printJSON(w, e)
	}
	printExplanation(w, e)
	for _, problem := range p.Lint() {
		say(w, "%s %s\n", paint(amber, "note"), problem)
	}
	return nil
}

func verdict(match bool) painted {
	if match {
		return paint(green, "match")
	}
	return paint(red, "no match")
}

func printExplanation(w io.Writer, e pattern.Explanation) {
	say(w, "%s\n", verdict(e.Match))
	for i, attempt := range e.Attempts {
		if len(e.Attempts) > 1 {
			say(w, "%s %s\n", paint(bold, fmt.Sprintf("combination %d", i+1)), verdict(attempt.Holds))
		}
		for _, c := range attempt.Conditions {
			mark := paint(green, "yes")
			if !c.Holds {
				mark = paint(red, "no ")
			}
			say(w, "  %s %s %s\n", mark, paint(bold, c.Path), clip(c.Wanted, widest))
			printFound(w, c.Found)
			say(w, "      %s\n", paint(faint, clip(c.Why, 2*widest)))
		}
		if attempt.Apart {
			say(w, "  %s each condition holds alone, but only with values from different elements of one list\n", paint(red, "no "))
		}
	}
	if e.Left > 0 {
		say(w, "%d more combinations of $or are not shown\n", e.Left)
	}
}

// What a person reads of a value, and of a list.
const (
	widest = 200
	most   = 10
)

// printFound lists each value once. A long list is cut: JSON has all of it.
func printFound(w io.Writer, all []string) {
	printed := map[string]bool{}
	for _, found := range all {
		if printed[found] {
			continue
		}
		if len(printed) == most {
			say(w, "      and others: %s in all, --output json lists them\n", count(len(all), "value", "values"))
			return
		}
		printed[found] = true
		say(w, "      found %s\n", clip(found, widest))
	}
}

func (a *app) ruleCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE|FOLDER...",
		Short: "Check event patterns: errors, limits of EventBridge, and what is hardly meant so",
		Long: `Checks files that hold an event pattern each, and folders of rule files. Errors are what EventBridge would
refuse; warnings are patterns that match everything by mistake, that can never
match, or that use exists on an object. Exit code 1 when there is an error, 4 when
there are only warnings.`,
		Example: `  everqual rule check pattern.json
  everqual rule check patterns/*.json --output json
  everqual rule check my-home/rules/`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return a.checkPatterns(cmd.OutOrStdout(), files) },
	}
}

// checkedPattern is the JSON output of check for one file.
type checkedPattern struct {
	File         string            `json:"file"`
	Error        string            `json:"error,omitempty"` // no pattern at all
	Characters   int               `json:"characters"`
	Combinations int               `json:"combinations"`
	Complexity   int               `json:"wildcard_complexity"`
	Problems     []pattern.Problem `json:"problems"`
}

func (a *app) checkPatterns(w io.Writer, paths []string) error {
	results := []checkedPattern{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			results = append(results, checkFolder(path)...)
			continue
		}
		p, err := parsePattern(path)
		results = append(results, checked(path, p, err))
	}
	code := exitOK
	for _, r := range results {
		switch refused := slices.ContainsFunc(r.Problems, func(p pattern.Problem) bool { return p.Refused }); {
		case r.Error != "" || refused:
			code = exitFailed
		case code == exitOK && len(r.Problems) > 0:
			code = exitDeviation
		}
	}
	if a.json() {
		if err := printJSON(w, results); err != nil {
			return err
		}
	} else {
		printChecked(w, results)
	}
	if code != exitOK {
		return exitCode(code)
	}
	return nil
}

func checked(file string, p *pattern.Pattern, err error) checkedPattern {
	r := checkedPattern{File: file, Problems: []pattern.Problem{}}
	if err != nil {
		r.Error = err.Error()
		return r
	}
	r.Characters, r.Combinations, r.Complexity = p.Characters(), p.Combinations(), p.Complexity()
	r.Problems = append(r.Problems, p.Lint()...)
	return r
}

// checkFolder checks the patterns of a folder of rule files.
func checkFolder(dir string) (results []checkedPattern) {
	set, err := rule.Load(os.DirFS(dir))
	if err != nil {
		return []checkedPattern{checked(dir, nil, err)}
	}
	for _, r := range set.Rules() {
		for i, text := range r.Patterns {
			p, err := pattern.Parse([]byte(text))
			results = append(results, checked(fmt.Sprintf("%s, match %d", filepath.Join(dir, r.ID+".json"), i+1), p, err))
		}
	}
	return results
}

func printChecked(w io.Writer, results []checkedPattern) {
	for _, r := range results {
		if r.Error != "" {
			for line := range strings.Lines(r.Error) { // a folder has one for each fault
				say(w, "%s %s\n", paint(red, "error"), strings.TrimSuffix(line, "\n"))
			}
			continue
		}
		say(w, "%s: %d of %d characters, %d of 1000 combinations, wildcard complexity %d of %d\n", r.File, r.Characters, pattern.MaxCharacters,
			r.Combinations, r.Complexity, pattern.MaxComplexity)
		for _, problem := range r.Problems {
			say(w, "  %s\n", problem)
		}
	}
}

func parsePattern(file string) (*pattern.Pattern, error) {
	text, err := readText(file)
	if err != nil {
		return nil, err
	}
	p, err := pattern.Parse(text)
	return p, inFile(file, err)
}

// inFile gives an error of a text the name of its file, in place of what else it
// was called.
func inFile(file string, err error) error {
	var e *syntax.Error
	if errors.As(err, &e) {
		e.File = file
		return e
	}
	return err
}

// readText reads a small file that a person wrote, "-" for standard input. A byte
// order mark is no part of the text.
func readText(file string) ([]byte, error) {
	const most = 20 << 20
	in := io.Reader(os.Stdin)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("%s is larger than %d MiB", file, most>>20)
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%s is UTF-16, as PowerShell writes it; save it as UTF-8", file)
	}
	return bytes.TrimPrefix(text, byteOrderMark), err
}
