package report

import "io"

func WritePDF(w io.Writer, r Report) error { return nil }
