package awsresource

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// attachment is what another AWS service found about a resource. It nests at its
// path, beside the resource's own attributes, where a specification can ask for
// it. It is read only when wanted: a finding that comes or goes is a change of
// state, and most findings cost calls.
type attachment struct {
	name    string // as users name it
	path    string // the attribute
	actions []string
	read    func(*look, context.Context)
	types   []string // whose resources the service has findings about; nil for all

	sets []string
}

// attachments lists them all.
var attachments = []attachment{
	configCompliance,
	configView,
	securityHubFindings,
	inspectorFindings,
	guardDutyFindings,
	backupProtection,
	cloudwatchAlarms,
	auditManagerEvidence,
	operatingSystem,
}

// Attachments lists the names of what can be attached.
func Attachments() []string {
	names := make([]string, len(attachments))
	for i, a := range attachments {
		names[i] = a.name
	}
	return names
}

// checkAttachments refuses names that are none.
func checkAttachments(names []string) error {
	for _, n := range names {
		if !slices.Contains(Attachments(), n) {
			return fmt.Errorf("nothing is called %q that could be attached; there is %s", n, strings.Join(Attachments(), ", "))
		}
	}
	return nil
}

// attach reads what is wanted, in the order of the table, and returns the names.
func (l *look) attach(ctx context.Context) (names []string) {
	for _, a := range attachments {
		if slices.Contains(l.d.attached, a.name) && (a.types == nil || slices.Contains(a.types, l.kind.name)) {
			names = append(names, a.name)
			a.read(l, ctx)
			l.kind.sets = slices.Concat(l.kind.sets, a.sets)
		}
	}
	return names
}

// refused tells whether a service gave nothing about the resource, and notes why.
// unused are the codes by which it says that it is not in use here: that is no
// empty answer, for nobody has looked.
func (l *look) refused(path, action string, err error, unused ...string) bool {
	if err == nil {
		return false
	}
	u := unreadOf(action, err) // another service's "not found" says nothing of the resource
	if code, _ := codeOf(err); slices.Contains(unused, code) {
		u.Reason, u.Message = everqual.Unsupported, "not in use here: "+u.Message
	}
	l.fail(path, u)
	return true
}
