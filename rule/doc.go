// Package rule says which change event touches which resource. It is the
// second step of the corridor: intake.Parse -> ChangeEvent -> rule.Match ->
// resources to observe.
//
// A Set is the rule files of a folder: each joins event patterns with a table
// that extracts resource ids from the events they select. The patterns are those
// of EventBridge (rule/pattern): the same text selects events here and in AWS.
// The parts of this room import the standard library only.
package rule
