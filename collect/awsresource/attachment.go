package awsresource

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

	sets []string
}

// attachments lists them all.
var attachments = []attachment{
	configCompliance,
	securityHubFindings,
	inspectorFindings,
	guardDutyFindings,
	backupProtection,
	cloudwatchAlarms,
	auditManagerEvidence,
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
		if slices.Contains(l.d.attached, a.name) {
			names = append(names, a.name)
			a.read(l, ctx)
			l.kind.sets = slices.Concat(l.kind.sets, a.sets)
		}
	}
	return names
}

// absentFor tells whether a service gave nothing about the resource, and notes
// why; with an absent code it has nothing to give here: null.
func (l *look) absentFor(path, action string, err error, absent ...string) bool {
	if err == nil {
		return false
	}
	missing := l.kind.missing
	l.kind.missing = nil // another service's "not found" says nothing of the resource
	l.read(path, action, err, absent...)
	l.kind.missing = missing
	return true
}
