// Package specs ships the example specifications: a small laboratory
// information management system (LIMS) with its approved build specifications.
// They are data, read by the specification room like everybody else's.
package specs

import "embed"

// Files holds one folder per system.
//
//go:embed all:lims
var Files embed.FS
