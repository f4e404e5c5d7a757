package everqual

import "errors"

// Errors are of two kinds: try again, or never will work. An error is tried
// again unless it is marked permanent, so that nothing is given up by mistake.

// Permanent marks err as one that no retry can mend: the message becomes a
// dead letter at once. It returns nil for nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// IsPermanent tells whether err, or an error it wraps, is permanent.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }
