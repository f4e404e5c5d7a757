package intake_test

import (
	"context"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/everqual/everqual/intake"
)

const mega = 1 << 20

// fill generates head, then size bytes made of piece, then tail.
func fill(head, piece string, size int, tail string) *generator {
	piece = strings.Repeat(piece, max(1, mega/len(piece)))
	step, left := 0, size
	return &generator{next: func() string {
		switch step++; {
		case step == 1 && head != "":
			return head
		case left > 0:
			n := min(left, len(piece))
			left -= n
			return piece[:n]
		case tail != "":
			text := tail
			tail = ""
			return text
		}
		return ""
	}}
}

// TestReadBounds reads inputs that are far larger than the memory they may
// take, and that would take for ever if a byte were looked at many times.
func TestReadBounds(t *testing.T) {
	good := "\n" + rec("a") + "\n" + rec("b") + "\n"
	const size, line = 12 * mega, 300 * mega
	type want = []string // IDs, or "! " and the beginning of the error
	for name, tc := range map[string]struct {
		stream *generator
		want   want
	}{
		"one line, one event":          {fill(rec("x")+"\n"+`{"eventName":"`, "x", line, `"}`+good), want{"x", "! larger than 4 MiB", "a", "b"}},
		"one line, one event, cut":     {fill(`{"eventName":"`, "x", size, good), want{"! not JSON: cut short", "a", "b"}},
		"one line of text":             {fill("", "x", size, good), want{`! not JSON: "xxxxx`, "a", "b"}},
		"one line of NUL":              {fill("", "\x00", size, good), want{`! not JSON: "\x00`, "a", "b"}},
		"one line of lists":            {fill("", "[", size, good), want{"! not JSON: cut short", "a", "b"}},
		"one line of closing brackets": {fill("[", "}", size, good), want{"! an element of the list", "! the list of events that begins here is cut short", "a", "b"}},
		"one line of wrong brackets":   {fill(strings.Repeat("[", 900), "}", size, good), want{"! not JSON: cut short", "a", "b"}},
		"one line of objects in lists": {fill("", `{"a":[`, size/6*6, good), want{"! not JSON: cut short", "a", "b"}},
		"one line of nesting, closed":  {fill(`{"a":`, `[`, size/2, strings.Repeat("]", size/2)+"}"+good), want{"! larger than 4 MiB", "a", "b"}},
		"nesting, closed":              {fill(`{"a":`, `[`, mega, strings.Repeat("]", mega)+"}"+good), want{"! nested deeper than 1000 levels", "a", "b"}},
		"one line of opening braces":   {fill("", "{", size/4, good), want{"! not JSON: cut short", "a", "b"}},
		"large event in a list":        {fill(`{"Records":[`+rec("x")+`,{"a":"`, "x", size, `"},`+rec("y")+"]}"+good), want{"x", "! larger than 4 MiB", "y", "a", "b"}},
		"large number in a list":       {fill(`{"Records":[`, "1", size, `,`+rec("y")+"]}"+good), want{"! an element of the list", "y", "a", "b"}},
		"much around the list":         {fill(`{"x":"`, "x", size, `","Records":[`+rec("y")+"]}"+good), want{"y", "a", "b"}},
		"blanks":                       {fill("", " ", size, good), want{"a", "b"}},
		"blank lines":                  {fill("", "\n", size, good), want{"a", "b"}},
		"backslashes":                  {fill(`{"a":"`, `\`, size, good), want{"! not JSON: cut short", "a", "b"}},
		"commas":                       {fill(`[`, `,`, size, rec("x")+"]"+good), want{"! an empty element", "x", "a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			var reader intake.Reader
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var got []string
			for item := range reader.Read(context.Background(), "in", tc.stream) {
				got = append(got, tell(t, item))
			}
			runtime.ReadMemStats(&after)
			if took := (after.TotalAlloc - before.TotalAlloc) / mega; took > 40 {
				t.Errorf("took %d MB in all", took)
			}
			if reader.Files().Bytes != tc.stream.read {
				t.Errorf("%d bytes taken of %d", reader.Files().Bytes, tc.stream.read)
			}
			if !slices.EqualFunc(got, tc.want, strings.HasPrefix) {
				t.Errorf("got:\n\t%s\nwant prefixes:\n\t%s", strings.Join(got, "\n\t"), strings.Join(tc.want, "\n\t"))
			}
		})
	}
}

// TestReadManyEvents streams a log file of 20 MB in one line.
func TestReadManyEvents(t *testing.T) {
	const events = 15_000
	var reader intake.Reader
	var memory runtime.MemStats
	n, most := 0, uint64(0)
	for item := range reader.Read(context.Background(), "in", logFile(events)) {
		if item.Err != nil || item.Place.Line != 1 {
			t.Fatal(item.Place, item.Err)
		}
		if n++; n%3_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&memory)
			most = max(most, memory.HeapAlloc)
		}
	}
	if n != events || most > 30*mega {
		t.Errorf("%d events with at most %d MB in use", n, most/mega)
	}
}

// TestReadCutGzip cuts a compressed log file everywhere: the events before the
// cut are delivered, in order, and then one error.
func TestReadCutGzip(t *testing.T) {
	var text strings.Builder
	io.Copy(&text, logFile(50))
	whole := zip(text.String())
	last := 0
	for cut := 2; cut < len(whole); cut += 7 {
		var reader intake.Reader
		events, errs := 0, 0
		for item := range reader.Read(context.Background(), "in", strings.NewReader(string(whole[:cut]))) {
			if item.Err == nil && errs == 0 && item.Event.ID == strconv.Itoa(events) {
				events++
				continue
			}
			if errs++; !strings.Contains(item.Err.Error(), "input cannot be read further at byte") || item.Input {
				t.Fatalf("cut at %d: %v", cut, item.Err)
			}
		}
		if errs != 1 || events < last || len(reader.Files().Failed) != 1 || reader.Files().Read != 0 {
			t.Fatalf("cut at %d: %d events, %d errors, %+v", cut, events, errs, reader.Files())
		}
		last = events
	}
	if last != 50 {
		t.Errorf("the last cut, in the checksum, left %d events", last)
	}
}
