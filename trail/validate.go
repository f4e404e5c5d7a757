package trail

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Validate checks every chain of digests in the range, each from its newest
// digest backwards, and the log files that they list. An error means that the
// validation could not be made: everything that is wrong with the files is a
// finding, and each file that was found is in exactly one count.
func Validate(ctx context.Context, files Files, keys Keys, opt Options) (Result, error) {
	v := &validator{files: files, keys: keys, opt: opt.withDefaults(), chains: map[Chain][]digestName{}, digests: map[string]Chain{},
		unseen: map[string]logName{}, others: map[string]bool{}, logs: map[string]*logState{}, claimed: map[string]bool{},
		afterwards: map[string]bool{}, begins: map[place][]time.Time{}, result: newResult()}
	if err := v.list(ctx); err != nil {
		return Result{}, err
	}
	for _, chain := range sortedChains(v.chains) {
		if err := v.walk(ctx, chain, v.chains[chain]); err != nil {
			return Result{}, err
		}
	}
	v.nothing()
	if !v.opt.DigestsOnly {
		v.countLogs()
		v.unlisted()
	}
	v.result.Other += len(v.others)
	v.result.finish()
	return v.result, nil
}

// validator is one validation.
type validator struct {
	files Files
	keys  Keys
	opt   Options

	chains  map[Chain][]digestName
	digests map[string]Chain     // the chain of every digest that was found
	unseen  map[string]logName   // log files that were found and that no digest listed so far
	others  map[string]bool      // other objects, as above
	logs    map[string]*logState // what became of those that are listed
	claimed map[string]bool      // log files that only invalid digests list

	afterwards map[string]bool       // log files that the first digest after the range lists
	begins     map[place][]time.Time // when chains begin

	inflater
	result Result
}

// nothing reports that there is no digest, where no gap says so already: all is well
// with every one of none, and nothing is proven.
func (v *validator) nothing() {
	message := "no digest was found: nothing can be validated"
	if d := v.result.Digests; len(v.chains) > 0 {
		said := slices.ContainsFunc(v.result.Findings, func(f Finding) bool { return f.Severity != Note })
		if said || d.Valid+d.Invalid+d.Unverifiable+d.Missing > 0 {
			return
		}
		message = fmt.Sprintf("none of the %d digests is of this time: nothing is signed for", d.Outside)
	}
	v.find(Finding{Kind: DigestNone, Severity: Unverifiable, From: v.opt.From, To: v.opt.To, Message: message})
}

func (v *validator) find(f Finding) { v.result.Findings = append(v.result.Findings, f) }

// list sorts the objects by what their names say.
func (v *validator) list(ctx context.Context) error {
	for key, err := range v.files.List(ctx, "") {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return fmt.Errorf("list the files: %w", err)
		}
		if !strings.HasSuffix(key, "/") { // CloudTrail makes its folders visible so
			v.sort(key)
		}
	}
	return nil
}

func (v *validator) sort(key string) {
	if digestPath.MatchString(key) {
		v.sortDigest(key)
		return
	}
	n, ok := parseLogName(key)
	switch {
	case !ok:
		v.others[key] = true
	case v.opt.wants(n.account, n.region):
		v.unseen[key] = n
	}
}

func (v *validator) sortDigest(key string) {
	n, ok := parseDigestName(key)
	switch {
	case !ok:
		v.result.Other++
		v.find(Finding{Kind: DigestName, Severity: Note, Key: key, Message: "lies among the digests and has no digest's name: it is not read"})
	case v.opt.wants(n.chain.Account, n.chain.Region):
		v.chains[n.chain] = append(v.chains[n.chain], n)
		v.digests[key] = n.chain
	}
}

func sortedChains(m map[Chain][]digestName) (chains []Chain) {
	for c, names := range m {
		chains = append(chains, c)
		slices.SortFunc(names, func(a, b digestName) int { return cmp.Or(b.end.Compare(a.end), cmp.Compare(a.key, b.key)) })
	}
	slices.SortFunc(chains, func(a, b Chain) int { return cmp.Compare(a.String(), b.String()) })
	return chains
}
