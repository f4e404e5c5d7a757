package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"golang.org/x/term"

	"github.com/everqual/everqual"
)

// printJSON writes one indented JSON document.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// say writes text; colours are left out where nobody watches (lipgloss looks
// at the writer, NO_COLOR and TERM).
func say(w io.Writer, format string, args ...any) {
	lipgloss.Fprintf(w, format, args...)
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
	green = lipgloss.NewStyle().Foreground(lipgloss.Green)
	red   = lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true)
	amber = lipgloss.NewStyle().Foreground(lipgloss.Yellow)
)

func colourOf(o everqual.Outcome) lipgloss.Style {
	switch o {
	case everqual.Pass:
		return green
	case everqual.Fail:
		return red
	case everqual.NotEvaluated:
		return amber
	}
	return faint
}

// columns lays rows out under headers. On a terminal long cells wrap to its
// width, elsewhere every row is one line.
func columns(w io.Writer, headers []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t := table.New().Headers(headers...).Rows(rows...).Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderHeader(false).
		StyleFunc(func(row, _ int) lipgloss.Style {
			s := lipgloss.NewStyle().PaddingRight(1)
			if row == table.HeaderRow {
				return s.Faint(true)
			}
			return s
		})
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 40 {
			t = t.Width(width)
		}
	}
	for line := range strings.Lines(t.String()) {
		say(w, "%s\n", strings.TrimRight(line, " \n"))
	}
}

// number writes n with thousands separators.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// clip shortens a cell that would drown its table; JSON output has it whole.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05") + "Z"
}

// progress shows one line that overwrites itself, on a terminal only.
type progress struct {
	mu    sync.Mutex
	out   *os.File
	last  time.Time
	shown bool
}

func newProgress() *progress {
	p := &progress{}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		p.out = os.Stderr
	}
	return p
}

func (p *progress) show(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = time.Now(), true
	fmt.Fprintf(p.out, "\r\x1b[K"+format, args...)
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// titled names a resource for people: "EC2::Instance lims-app-1".
func titled(r everqual.Resource, name string) string {
	return strings.TrimPrefix(r.Type, "AWS::") + " " + name
}
