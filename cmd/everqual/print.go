package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

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

// say writes text. What it is given to print may come from AWS and must not
// steer the terminal: everything but numbers and painted text is made plain.
// Colours are left out where nobody watches (lipgloss looks at the writer,
// NO_COLOR and TERM).
func say(w io.Writer, format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case int, int64, uint64, float64:
		case painted:
			args[i] = string(a)
		default:
			args[i] = plain(fmt.Sprint(a))
		}
	}
	lipgloss.Fprintf(w, format, args...)
}

// painted is plain text in colours of our own.
type painted string

func paint(s lipgloss.Style, text string) painted { return painted(s.Render(plain(text))) }

// plain writes control and formatting characters as escapes.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainLines is plain for a text of several lines of our own.
func plainLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	return strings.Join(lines, "\n")
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
	for _, row := range rows {
		for i := range row {
			row[i] = plain(row[i])
		}
	}
	t := table.New().Headers(headers...).Rows(rows...).Border(lipgloss.HiddenBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderHeader(false).
		StyleFunc(func(row, column int) lipgloss.Style {
			s := lipgloss.NewStyle()
			switch {
			case row == table.HeaderRow:
				s = faint
			case headers[column] == "VERDICT":
				s = colourOf(everqual.Outcome(rows[row][column]))
			}
			return s.PaddingRight(1)
		})
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 40 {
			t = t.Width(width)
		}
	}
	for line := range strings.Lines(t.String()) {
		lipgloss.Fprintf(w, "%s\n", strings.TrimRight(line, " \n"))
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
