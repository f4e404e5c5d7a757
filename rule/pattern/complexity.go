package pattern

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Characters is the length of the pattern without white space, as the quota of
// EventBridge counts it.
func (p *Pattern) Characters() int {
	var out bytes.Buffer
	if err := json.Compact(&out, p.text[p.at:p.end]); err != nil {
		return p.end - p.at
	}
	return utf8.RuneCount(out.Bytes())
}

// Complexity scores the wildcards of the pattern as AWS's open engine does: how
// many beginnings of wildcards one text can satisfy at the same time, for the
// text that makes it worst. "x*y" has four: up to "x", the asterisk, "y" and the
// end. The wildcards of one field count together, also those of $or branches
// that agree on the fields before it, in the order of their paths.
func (p *Pattern) Complexity() int {
	score, _ := p.mostComplex()
	return score
}

// mostComplex is the score and the field that has it, nil without wildcards.
func (p *Pattern) mostComplex() (score int, worst *field) {
	seen := map[*field]bool{}
	together := map[string][]family{}
	last := map[string]*field{}
	for _, c := range p.alternatives {
		before := ""
		for _, f := range c {
			key := before + f.path
			before = key + f.source
			if !seen[f] {
				seen[f] = true
				together[key] = append(together[key], f.families()...)
				last[key] = f
			}
		}
	}
	for key, families := range together {
		n, f := complexity(families), last[key]
		if n > score || n == score && worst != nil && f.at < worst.at {
			score, worst = n, f
		}
	}
	return score, worst
}

// family is the wildcards of one match value. What they begin alike counts once.
type family []glob

func (f *field) families() (all []family) {
	for _, v := range f.values {
		switch t := v.test.(type) {
		case glob:
			all = append(all, family{t})
		case inverse:
			var own family
			for _, n := range t.none {
				if g, ok := n.(glob); ok {
					own = append(own, g)
				}
			}
			if own != nil {
				all = append(all, own)
			}
		}
	}
	return all
}
