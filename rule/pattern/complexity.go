package pattern

import (
	"bytes"
	"encoding/json"
	"strings"
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

// Complexity scores the wildcards of the pattern as EventBridge does: in how
// many places of its wildcards a reader can be at once, for the text that makes
// it worst. Each asterisk is a place where the reader stays once it came there.
// Beside these it is at the end of every beginning of a piece after an asterisk
// that the text ends with. Wildcards of one field count together.
func (p *Pattern) Complexity() (worst int) {
	seen := map[*field]bool{}
	for _, c := range p.alternatives {
		for _, f := range c {
			if !seen[f] {
				seen[f] = true
				worst = max(worst, complexity(f.globs()))
			}
		}
	}
	return worst
}

func (f *field) globs() (all []glob) {
	for _, v := range f.values {
		switch t := v.test.(type) {
		case glob:
			all = append(all, t)
		case inverse:
			for _, n := range t.none {
				if g, ok := n.(glob); ok {
					all = append(all, g)
				}
			}
		}
	}
	return all
}

func complexity(globs []glob) int {
	stars := 0
	var pieces []string
	for _, g := range globs {
		stars += len(g) - 1
		for _, piece := range g[1:] {
			if piece != "" {
				pieces = append(pieces, piece)
			}
		}
	}
	most := 0
	for _, piece := range pieces {
		for n := 1; n <= len(piece); n++ {
			most = max(most, endings(pieces, piece[:n]))
		}
	}
	return stars + most
}

// endings counts the beginnings of pieces that text ends with.
func endings(pieces []string, text string) (count int) {
	for _, piece := range pieces {
		for n := 1; n <= min(len(piece), len(text)); n++ {
			if strings.HasSuffix(text, piece[:n]) {
				count++
			}
		}
	}
	return count
}
