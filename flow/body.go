package flow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/everqual/everqual"
)

// asked is what a message's body says. missing tells why nothing can be done about
// it: a body that was damaged may still be JSON, and must not count as done.
type asked interface{ missing() error }

// opened reads a message's body. What cannot be read never will be.
func opened[T asked](d Delivery) (body T, err error) {
	if err = json.Unmarshal(d.Body, &body); err != nil {
		return body, everqual.Permanent(fmt.Errorf("its bytes cannot be read: %w", err))
	}
	if err = body.missing(); err != nil {
		return body, everqual.Permanent(fmt.Errorf("its body lacks what a message of kind %s must have: %w", d.Kind, err))
	}
	return body, nil
}

func (r request) missing() error {
	switch {
	case r.Unresolved != "":
		return nil
	case r.Resource.ID == "" || r.Resource.Type == "":
		return errors.New("the resource to observe")
	case r.NotBefore.IsZero():
		return errors.New("since when an observation answers it")
	}
	return nil
}

func (r reportRequest) missing() error {
	if r.System == "" || r.Record == 0 {
		return errors.New("the system, and the record that the report is to show")
	}
	return nil
}

func (n Notice) missing() error {
	if n.ID == "" || n.Title == "" {
		return errors.New("the id and the title")
	}
	return nil
}

// mostUnreadable bounds what is kept of a body that cannot be read, in bytes.
const mostUnreadable = 4 << 10

// recordable is a letter as a record can hold it: a body that is no JSON becomes the
// text of its first bytes. A letter that could not be recorded would never be one.
func recordable(l everqual.DeadLetter) everqual.DeadLetter {
	for _, s := range []*string{&l.ID, &l.Kind, &l.Subject, &l.Cause} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	if !json.Valid(l.Body) || !utf8.Valid(l.Body) {
		text := strings.ToValidUTF8(string(l.Body[:min(len(l.Body), mostUnreadable)]), "\uFFFD")
		l.Body, _ = json.Marshal(text) // of a string: cannot fail
	}
	return l
}
