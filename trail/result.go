package trail

import (
	"cmp"
	"slices"
	"time"
)

// Kind says what a finding is about.
type Kind string

// Kinds of findings about digests and chains.
const (
	DigestMissing     Kind = "digest-missing"      // a later digest names it, and it is absent
	DigestHole        Kind = "digest-hole"         // hours between digests without one
	DigestBroken      Kind = "digest-broken"       // gzip or JSON is broken
	DigestTooLarge    Kind = "digest-too-large"    // refused
	DigestUnreadable  Kind = "digest-unreadable"   // present, but cannot be read
	DigestMoved       Kind = "digest-moved"        // is not where it says that it is
	DigestDuplicate   Kind = "digest-duplicate"    // a second one for the same hour
	DigestUnlinked    Kind = "digest-unlinked"     // the chain passes it by
	DigestOverlap     Kind = "digest-overlap"      // two digests cover the same time in part
	DigestMismatch    Kind = "digest-mismatch"     // its fields are not those of its name
	DigestName        Kind = "digest-name"         // no digest by its name
	DigestNone        Kind = "digest-none"         // there is no digest at all
	SignatureInvalid  Kind = "signature-invalid"   // does not verify
	SignatureMissing  Kind = "signature-missing"   // neither metadata nor a later digest has it
	SignatureUnknown  Kind = "signature-algorithm" // not SHA256withRSA
	MetadataAltered   Kind = "metadata-altered"    // the metadata is not what CloudTrail set
	KeyUnknown        Kind = "key-unknown"         // no trusted key has the fingerprint
	KeyMismatch       Kind = "key-mismatch"        // signed with another key than it names
	KeyExpired        Kind = "key-expired"         // the key was not valid then
	PreviousHash      Kind = "previous-hash"       // two digests contradict each other in a hash
	PreviousSignature Kind = "previous-signature"  // or in a signature
	ChainStart        Kind = "chain-start"         // no previous digest: validation was off before
	ChainLeaves       Kind = "chain-leaves"        // goes on in another bucket
	ChainEnd          Kind = "chain-end"           // ends before the range does
	Uncovered         Kind = "uncovered"           // time that an unbroken chain leaves out
)

// Kinds of findings about log files.
const (
	LogMissing     Kind = "log-missing"      // listed and absent
	LogModified    Kind = "log-modified"     // its hash differs
	LogBroken      Kind = "log-broken"       // its gzip is broken
	LogTooLarge    Kind = "log-too-large"    // refused
	LogUnreadable  Kind = "log-unreadable"   // present, but cannot be read
	LogAlgorithm   Kind = "log-algorithm"    // its hash is not SHA-256
	LogElsewhere   Kind = "log-elsewhere"    // in another bucket
	LogListedTwice Kind = "log-listed-twice" // by two digests, or twice by one
	LogUnlisted    Kind = "log-unlisted"     // no digest lists it, though its hour is covered
	LogUncovered   Kind = "log-uncovered"    // in time that no valid digest covers
)

// Severity says what a finding means for the evidence.
type Severity string

// Severities. Damage is something that was changed, removed or put in; a gap is
// time that CloudTrail itself did not sign for; unverifiable is what cannot be
// told from what is here; a note needs no action.
const (
	Damage       Severity = "damage"
	Gap          Severity = "gap"
	Unverifiable Severity = "unverifiable"
	Note         Severity = "note"
)

// Finding is one thing that is not as it should be, or worth knowing.
type Finding struct {
	Kind     Kind      `json:"kind"`
	Severity Severity  `json:"severity"`
	Chain    Chain     `json:"chain"`
	Key      string    `json:"key,omitempty"`
	Field    string    `json:"field,omitempty"` // of the digest or the metadata
	Message  string    `json:"message"`
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
}

// DigestCounts counts digest files.
type DigestCounts struct {
	Found   int `json:"found"`   // Outside + Valid + Invalid + Unverifiable
	Outside int `json:"outside"` // not in the range

	Expected     int `json:"expected"` // Valid + Invalid + Unverifiable + Missing
	Valid        int `json:"valid"`
	Invalid      int `json:"invalid"`
	Unverifiable int `json:"unverifiable"`
	Missing      int `json:"missing"` // named by a later one, or hours without one

	// Quiet are the valid ones that list no log file: proof that none was
	// delivered in their hour.
	Quiet int `json:"quiet"`
}

// LogCounts counts log files.
type LogCounts struct {
	Found     int `json:"found"` // Valid + Modified + Unproven + Unlisted + Uncovered + Outside
	Outside   int `json:"outside"`
	Unlisted  int `json:"unlisted"`  // in time that valid digests cover
	Uncovered int `json:"uncovered"` // in time that none covers

	Listed    int `json:"listed"` // Valid + Modified + Unproven + Missing + Elsewhere
	Valid     int `json:"valid"`
	Modified  int `json:"modified"`
	Unproven  int `json:"unproven"` // cannot be read, or its digest cannot be verified
	Missing   int `json:"missing"`
	Elsewhere int `json:"elsewhere"` // in a bucket that this is no copy of
}

// Interval is the time from From until before To.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Coverage is the time that a chain's valid digests sign for. A backfill chain
// adds log files to hours of the other chain and covers none itself.
type Coverage struct {
	Chain   Chain      `json:"chain"`
	Covered []Interval `json:"covered"`
}

// Result is what a validation found. It is the same for the same input.
type Result struct {
	Digests   DigestCounts `json:"digests"`
	Logs      LogCounts    `json:"logs"`
	Other     int          `json:"other"` // objects that are neither by their name
	Findings  []Finding    `json:"findings"`
	ValidLogs []string     `json:"validLogs"` // keys of the log files whose content is proven
	// Delivered is when the digest ends that signs for a valid log file: it was
	// delivered in the hour before.
	Delivered map[string]time.Time `json:"-"`
	// ValidDigests are the keys of the digests that are valid.
	ValidDigests []string   `json:"validDigests"`
	Chains       []Coverage `json:"chains"`
}

// newResult is empty, and its lists are, also as JSON.
func newResult() Result {
	return Result{Findings: []Finding{}, ValidLogs: []string{}, Delivered: map[string]time.Time{}, ValidDigests: []string{}, Chains: []Coverage{}}
}

// Damaged tells whether a finding says damage.
func (r Result) Damaged() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Damage })
}

// finish adds up and sorts.
func (r *Result) finish() {
	d, l := &r.Digests, &r.Logs
	d.Found = d.Outside + d.Valid + d.Invalid + d.Unverifiable
	d.Expected = d.Valid + d.Invalid + d.Unverifiable + d.Missing
	l.Found = l.Valid + l.Modified + l.Unproven + l.Unlisted + l.Uncovered + l.Outside
	l.Listed = l.Valid + l.Modified + l.Unproven + l.Missing + l.Elsewhere
	slices.Sort(r.ValidLogs)
	slices.Sort(r.ValidDigests)
	slices.SortFunc(r.Findings, compareFindings)
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Chain.String(), b.Chain.String()),
		a.From.Compare(b.From),
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Field, b.Field),
		cmp.Compare(a.Message, b.Message))
}

// merge joins intervals that touch or overlap.
func merge(in []Interval) (out []Interval) {
	slices.SortFunc(in, func(a, b Interval) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	for _, i := range in {
		last := len(out) - 1
		switch {
		case !i.From.Before(i.To):
		case last >= 0 && !i.From.After(out[last].To):
			if i.To.After(out[last].To) {
				out[last].To = i.To
			}
		default:
			out = append(out, i)
		}
	}
	return out
}
