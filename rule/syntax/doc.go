// Package syntax reads the JSON texts of rules: patterns, templates, rule files
// and events. encoding/json keeps neither duplicate keys nor the place of a
// value, and both decide what matches and what an error says.
package syntax
