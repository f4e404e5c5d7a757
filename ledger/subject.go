package ledger

import (
	"maps"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// Under these prefixes records are found, and nothing is decided by them.
const (
	partPrefix     = "part:"
	tagPrefix      = "tag:"
	assessedPrefix = "assessed:"
)

// NeverReadSubject is the subject of a resource's first version where nothing of it
// could be read.
const NeverReadSubject = "unread:"

// PartSubject is the subject under which the observations are found in which a
// resource is nested.
func PartSubject(r everqual.ResourceID) string { return partPrefix + string(r) }

// AssessmentSubject is the subject under which the assessments of one resource
// by one specification, whatever its version, are found.
func AssessmentSubject(r everqual.ResourceID, specification string) string {
	return string(r) + "#" + specification
}

// AssessedSubject is the subject of the first assessment of each resource by each
// specification of a system.
func AssessedSubject(system string) string { return assessedPrefix + system }

// TagSubject is the subject of the observations that saw a resource with a tag for
// the first time, or again: its later ones are found by the resource.
func TagSubject(key, value string) string { return tagPrefix + key + "=" + value }

// marks are the subjects of what o is the first to say of its resource.
func marks(o everqual.Observation, last Observed) (subjects []string) {
	for _, key := range slices.Sorted(maps.Keys(o.Tags)) {
		if had, ok := last.Tags[key]; !ok || had != o.Tags[key] {
			subjects = append(subjects, TagSubject(key, o.Tags[key]))
		}
	}
	whole := func(u everqual.Unread) bool { return u.Path == "" }
	if last.Version == 0 && slices.ContainsFunc(o.Unread, whole) {
		subjects = append(subjects, NeverReadSubject)
	}
	return subjects
}

// Marked tells whether a record names what is found by the subjects above: records
// of older programs, before the first that does, do not.
func Marked(r everqual.Record) bool {
	return slices.ContainsFunc(r.Subjects, func(s string) bool {
		return s == NeverReadSubject || strings.HasPrefix(s, tagPrefix) || strings.HasPrefix(s, assessedPrefix)
	})
}

// decides tells whether a decision may rest on what is said of the subject.
func decides(subject string) bool {
	for _, p := range []string{partPrefix, tagPrefix, assessedPrefix, NeverReadSubject} {
		if strings.HasPrefix(subject, p) {
			return false
		}
	}
	return true
}
