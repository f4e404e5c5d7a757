// Package pattern is the event patterns of Amazon EventBridge: their grammar,
// a matcher that tests many of them on an event in one reading, and the words
// that say why one did not match. It imports the standard library only.
//
// A Pattern is one parsed pattern. A Matcher is many, compiled together: it
// reads an event once, passes over what no pattern asks for, and its cost
// follows the fields that the event has, not the number of patterns.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
package pattern
