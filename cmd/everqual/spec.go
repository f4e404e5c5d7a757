package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/specification"
)

func (a *app) specCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "spec",
		Short: "Check build specifications and list those in force",
	}
	cmd.AddCommand(a.specCheck(), a.specList(), a.specSchema())
	return cmd
}

func (a *app) specCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check PATH...",
		Short: "Check specification files or folders; errors come with file, line, column and a suggestion",
		Example: `  everqual spec check specs/
  everqual spec check specs/lims-db.json --output json`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			library, problems := specification.LoadPaths(args...)
			problems = append(problems, uncollected(library)...)
			files := len(library.Specifications()) + len(library.Systems())
			w := cmd.OutOrStdout()
			if a.json() {
				if err := printJSON(w, append([]specification.Problem{}, problems...)); err != nil {
					return err
				}
			} else {
				for _, p := range problems {
					say(w, "%s\n", p.Error())
				}
				say(w, "%s usable, %s\n", count(files, "file", "files"), count(len(problems), "problem", "problems"))
			}
			if len(problems) > 0 {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}

// uncollected finds resource types that nobody can observe: a specification of
// such a type, often a mistyped one, would never judge anything.
func uncollected(l *specification.Library) (problems []specification.Problem) {
	known := blind().Types()
	for _, s := range l.Specifications() {
		for _, t := range s.Applies.Types {
			if t != "*" && !slices.Contains(known, t) {
				problems = append(problems, specification.Problem{Path: s.Path, Pointer: "/applies/type",
					Message: fmt.Sprintf("nothing can observe the resource type %q; 'everqual collect --types' lists the types", t)})
			}
		}
	}
	return problems
}

// loaded is a library as it was read; any problem is an error.
func loaded(library *specification.Library, problems []specification.Problem) (*specification.Library, error) {
	if len(problems) == 0 {
		return library, nil
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return nil, errors.New("the specifications have problems:\n  " + strings.Join(lines, "\n  "))
}

func (a *app) specList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the specifications",
		Example: `  everqual spec list --specs specs/`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			library, err := a.library(cmd.Context())
			if err != nil {
				return err
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), library.Specifications())
			}
			var rows [][]string
			for _, s := range library.Specifications() {
				approved := "not approved"
				if s.Approval.By != "" {
					approved = s.Approval.By + ", " + utc(s.Approval.At)
				}
				rows = append(rows, []string{s.System, s.ID, s.Version, s.Title, strings.Join(s.Applies.Types, ", "),
					strconv.Itoa(len(s.TestCases)), approved, s.Digest.Short()})
			}
			columns(cmd.OutOrStdout(), []string{"SYSTEM", "ID", "VERSION", "TITLE", "TYPES", "TESTS", "APPROVED", "DIGEST"}, rows)
			return nil
		},
	}
}

func (a *app) specSchema() *cobra.Command {
	var system bool
	cmd := &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of specification files, for editors",
		Example: `  everqual spec schema > specification.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			schema := specification.Schema()
			if system {
				schema = specification.SystemSchema()
			}
			_, err := cmd.OutOrStdout().Write(schema)
			return err
		},
	}
	cmd.Flags().BoolVar(&system, "system", false, "the schema of system.json instead")
	return cmd
}
