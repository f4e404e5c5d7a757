// Package rule says which change event touches which resource. It is the
// second step of the corridor: intake.Parse -> ChangeEvent -> rule.Match ->
// resources to observe.
//
// It has two halves. A Pattern is an EventBridge event pattern: the same text
// selects events here and in AWS. A Set is the rule files of a folder: each
// joins patterns with a table that extracts resource ids from the events they
// select. The room imports the hall and the standard library only.
package rule
