package verify

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/everqual/everqual"
)

// Contents are the records of a bundle and what they rest on.
type Contents struct {
	Key     string   // the public key, without the line end
	Former  []string // those that signed before, as well
	Records []everqual.Record
	Blobs   map[everqual.Digest][]byte
}

// Read reads a bundle that verifies.
func Read(from io.Reader) (c Contents, err error) {
	t := &tarball{from: from}
	c.Blobs = map[everqual.Digest][]byte{}
	for {
		m, err := t.next()
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return c, err
		}
		digest, isBlob := strings.CutPrefix(m.name, "blobs/")
		switch {
		case m.name == "ledger.pub":
			c.Key = strings.TrimSpace(string(m.content))
		case strings.HasPrefix(m.name, "former/"):
			c.Former = append(c.Former, strings.TrimSpace(string(m.content)))
		case isBlob:
			c.Blobs[everqual.Digest("sha256:"+digest)] = m.content
		case strings.HasPrefix(m.name, "ledger/records/"):
			lines := bytes.Split(bytes.TrimSuffix(m.content, []byte{'\n'}), []byte{'\n'})
			for i := 0; i+1 < len(lines); i += 2 {
				r, _, err := recordOf(lines[i], lines[i+1])
				if err != nil {
					return c, &errForm{m.at, err.Error()}
				}
				c.Records = append(c.Records, r)
			}
		}
	}
}
