package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

var seeds = []string{
	"", "{", "[", "{[", "[{", `"`, `{"Records":[`, `{"Records":[{}]}`, `{"Events":[{"CloudTrailEvent":"{}"}]`, "]}", ",", "{:[",
	`{"a":[1}`, "\xef\xbb\xbf", "\x1e", "\x1f\x8b\x08\x00", "{\n  \"a\": 1\n}", "{\n\"a\":[\n{", `{"a":"\`, "nul\x00", "\xff",
	rec("s"), rec("s")[:40], "[" + rec("s") + ",", full("s"), env("s"), instanceStopped, `{"detail-type":"x","detail":{}}`,
	`{"digestStartTime":1,"digestEndTime":2}`, strings.Repeat("[", 2000), "{\"a\":\n[\n{\n", "7,8", `{"eventID":{"a":[]},"x":`,
}

// FuzzRead puts one line of anything between good lines, before and behind:
// the good lines come out whatever it is. Over many lines it may hide them,
// but nothing panics and the account is kept.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), []byte(s))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		for _, sep := range []string{"\n", ""} {
			a, b := oneLine(first, sep), oneLine(second, sep)
			if foreign(a) {
				continue
			}
			input := a + "\n" + rec("g1") + "\n" + b + "\n" + rec("g2") + "\n" + rec("g3") + "\n" + b
			got := readAll(t, input)
			want := []string{"g1", "g2", "g3"}
			if sep == "" && !slices.Equal(got, want) {
				t.Errorf("good lines that came out: %q of\n%q", got, input)
			}
		}
	})
}

// FuzzReadFragments is FuzzRead with lines of JSON's own pieces, which random
// bytes seldom make.
func FuzzReadFragments(f *testing.F) {
	for i := range 64 {
		f.Add([]byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 29)}, []byte{byte(i * 3), byte(i * 5), byte(i * 11), byte(i * 17)})
	}
	pieces := []string{"{", "}", "[", "]", `"`, ",", ":", " ", "\t", `\`, "1", "x", "\r", `"Records":[`, `"Events":`, `"a":`, `"a":{`,
		`{"Records":[`, `{"a":1}`, `{"a":"`, rec("s"), rec("s")[:50], env("s"), "\xef\xbb\xbf", "\x1e", "\x00", "\xff", "]}", "{\"a\":[", "null"}
	line := func(choice []byte) (s string) {
		for _, c := range choice {
			s += pieces[int(c)%len(pieces)]
		}
		return s
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		a, b := line(first), line(second)
		if foreign(a) {
			return
		}
		input := a + "\n" + rec("g1") + "\n" + b + "\n" + rec("g2") + "\n" + rec("g3") + "\n" + b
		if got := readAll(t, input); !slices.Equal(got, []string{"g1", "g2", "g3"}) {
			t.Errorf("good lines that came out: %q of\n%q", got, input)
		}
	})
}

func oneLine(b []byte, newline string) string { return strings.ReplaceAll(string(b), "\n", newline) }

// foreign tells whether a begins like something that is not JSON text.
func foreign(a string) bool {
	for _, magic := range []string{"\x1f\x8b", "\xff\xfe", "\xfe\xff", "\x28\xb5\x2f\xfd", "BZh", "\xfd7zXZ", "PK\x03\x04", "PAR1"} {
		if strings.HasPrefix(a, magic) {
			return true
		}
	}
	return false
}

// readAll reads input, checks what holds for every item, and returns the IDs
// of the good lines.
func readAll(t *testing.T, input string) (ids []string) {
	var reader intake.Reader
	for item := range reader.Read(context.Background(), "in", strings.NewReader(input)) {
		p := item.Place
		if p.Offset < 0 || p.Offset > int64(len(input)) || p.Line != 1+strings.Count(input[:p.Offset], "\n") {
			t.Fatalf("place %+v in %q", p, input)
		}
		if (item.Err == nil) == (item.Event.ID == "") || item.Input {
			t.Fatalf("item %+v", item)
		}
		if strings.HasPrefix(item.Event.ID, "g") && len(item.Event.ID) == 2 {
			ids = append(ids, item.Event.ID)
		}
	}
	if files := reader.Files(); files.Bytes != int64(len(input)) || files.Read != 1 || files.Failed != nil {
		t.Fatalf("account %+v of %d bytes", files, len(input))
	}
	return ids
}

// FuzzParse checks what holds for every event: it can be written as JSON, and
// its envelope is again the same event.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Add([]byte(`{"eventName":"A\u0000\ud800","eventSource":"é.amazonaws.com","eventTime":"2024-01-02T03:04:05.9+01:00","addendum":{}}`))
	f.Add([]byte(`{"id":"env-1","time":"2024-01-02T03:04:05Z","actor":{},"envelope":` + instanceStopped + `}`))
	f.Add([]byte(`{"messageId":"m","body":"{\"Type\":\"Notification\",\"Message\":\"{\\\"envelope\\\":{}}\"}"}`))
	f.Add([]byte(`{"eventType":"AwsCloudTrailInsight","eventTime":"1970-01-01T00:00:00Z","userIdentity":{"type":"AssumedRole","arn":":assumed-role//"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := intake.Parse(raw, here)
		if err != nil {
			if e.ID != "" {
				t.Fatalf("error with the event %+v", e)
			}
			return
		}
		if e.ID == "" || e.Service == "" || e.Name == "" || e.Time.Year() < 1970 || e.Source == "" {
			t.Fatalf("event %+v", e)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
		again, err := intake.FromEnvelope(e.Envelope, here)
		if err != nil || again.ID != e.ID || !again.Time.Equal(e.Time) || again.Actor != e.Actor || again.ReadOnly != e.ReadOnly {
			t.Fatalf("its envelope is another event: %v\n%+v\n%+v", err, e, again)
		}
		if len(raw) < 1<<20 { // nested text grows
			message, err := intake.Parse([]byte(asMessage(t, again)), here)
			if err != nil || !cmp.Equal(message, again) {
				t.Fatalf("its message is another event: %v\n%+v\n%+v", err, again, message)
			}
		}
		var out bytes.Buffer
		if err := json.Compact(&out, e.Envelope); err != nil || !bytes.Equal(out.Bytes(), e.Envelope) {
			t.Fatalf("envelope is not compact: %v, %s", err, e.Envelope)
		}
	})
}
