// Package rules holds the shipped rule files, one per AWS service: data, not
// code. docs/rules.md describes the format.
package rules

import "embed"

// Files are the rule files, at the top of the folder.
//
//go:embed *.json
var Files embed.FS
