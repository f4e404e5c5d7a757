package everqual

import "fmt"

// Check is one question about a deployment, and its answer.
type Check struct {
	Name   string      `json:"check"`
	Result CheckResult `json:"result"`
	Seen   string      `json:"seen"`
	Do     string      `json:"do,omitempty"` // what mends it, where it is not all well
}

// CheckResult is the answer. What could not be asked is never taken for well.
type CheckResult string

const (
	CheckOK    CheckResult = "OK"
	CheckWarn  CheckResult = "WARN" // it works, and somebody should look
	CheckFail  CheckResult = "FAIL"
	NotChecked CheckResult = "NOT CHECKED"
)

// OK is a check that found all well.
func OK(name, format string, args ...any) Check {
	return Check{Name: name, Result: CheckOK, Seen: fmt.Sprintf(format, args...)}
}

// Else is the check as it is when good, and with another result and what to do when
// not.
func (c Check) Else(good bool, otherwise CheckResult, do string) Check {
	if !good {
		c.Result, c.Do = otherwise, do
	}
	return c
}

// Unasked is a check that could not be made.
func Unasked(name string, why error, do string) Check {
	return Check{Name: name, Result: NotChecked, Seen: why.Error(), Do: do}
}
