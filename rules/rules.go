// Package rules holds the shipped rule files, one per AWS service: data, not
// code. docs/rules.md describes the format.
package rules

import "embed"

// Files are the rule files, at the top of the folder, and the input
// transformers that they share, in the folder transformers.
//
//go:embed *.json transformers/*.json
var Files embed.FS
