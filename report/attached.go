package report

import (
	"bytes"
	"compress/zlib"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// errAltered is a PDF that is not what its data gives.
var errAltered = errors.New("the PDF is not the one that its data gives: its pages were changed, or another version of the program wrote it")

// Attached takes the report's JSON out of its PDF.
func Attached(pdf []byte) ([]byte, error) {
	_, rest, ok := bytes.Cut(pdf, []byte("/Type /EmbeddedFile "))
	_, rest, also := bytes.Cut(rest, []byte("\nstream\n"))
	if !ok || !also {
		return nil, errors.New("the PDF has no data attached: it is no report")
	}
	z, err := zlib.NewReader(bytes.NewReader(rest))
	if err != nil {
		return nil, fmt.Errorf("the data attached to the PDF cannot be read: %w", err)
	}
	const limit = 512 << 20
	data, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil || len(data) > limit {
		return nil, fmt.Errorf("the data attached to the PDF cannot be read: %w", errors.Join(err, z.Close()))
	}
	return data, nil
}

// SamePDF tells whether a PDF is, to the byte, the one that the data gives.
func SamePDF(pdf, data []byte) error {
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("read the report's data: %w", err)
	}
	var again bytes.Buffer
	if err := WritePDF(&again, r); err != nil {
		return err
	}
	for i, b := range pdf {
		if i >= again.Len() || again.Bytes()[i] != b {
			return fmt.Errorf("%w: it differs from byte %d on", errAltered, i)
		}
	}
	if len(pdf) < again.Len() {
		return fmt.Errorf("%w: it ends at byte %d", errAltered, len(pdf))
	}
	return nil
}
