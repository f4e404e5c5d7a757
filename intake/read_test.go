package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

// rec is a record with an id, as CloudTrail would write it in one line.
func rec(id string) string {
	return `{"eventVersion":"1.08","eventTime":"2024-01-02T03:04:05Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","eventID":"` + id + `"}`
}

// tall is the same record over many lines, each but the first indented.
func tall(id, indent string) string {
	r := strings.NewReplacer(`{`, "{\n  ", `,`, ",\n  ", `}`, "\n}", `":`, `": `).Replace(rec(id))
	return strings.ReplaceAll(r, "\n", "\n"+indent)
}

func env(id string) string {
	return `{"version":"0","id":"` + id + `","detail-type":"Scheduled Event","source":"aws.events","account":"111122223333","time":"2024-01-02T03:04:05Z","region":"eu-central-1","resources":[],"detail":{}}`
}

// told reads input and tells each item in a line: an event's ID, or "! " and
// the error. It checks each place against the input.
func told(t *testing.T, input string, r io.Reader) (lines []string, files intake.Files) {
	t.Helper()
	var reader intake.Reader
	for item := range reader.Read(context.Background(), "in", r) {
		p := item.Place
		if p.Input != "in" || p.Line != 1+strings.Count(input[:p.Offset], "\n") {
			t.Errorf("%v is not line %d of the input", p, p.Line)
		}
		lines = append(lines, tell(t, item))
		if item.Err == nil && !strings.Contains(first(t, input[p.Offset:]), item.Event.ID) {
			t.Errorf("event %s is not at byte %d", item.Event.ID, p.Offset)
		}
	}
	return lines, reader.Files()
}

// first returns the first JSON value of text.
func first(t *testing.T, text string) string {
	var raw json.RawMessage
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&raw); err != nil {
		t.Error(err)
	}
	return string(raw)
}

func tell(t *testing.T, item intake.Item) string {
	t.Helper()
	if item.Err == nil {
		if item.Place != item.Event.Place {
			t.Errorf("item at %v holds an event at %v", item.Place, item.Event.Place)
		}
		return item.Event.ID
	}
	if !item.Input && !everqual.IsPermanent(item.Err) {
		t.Errorf("error is not permanent: %v", item.Err)
	}
	if item.Event.ID != "" {
		t.Errorf("item has an error and the event %s", item.Event.ID)
	}
	return "! " + item.Err.Error()
}

func TestReadFormats(t *testing.T) {
	a, b, c, e := rec("a"), rec("b"), rec("c"), env("e")
	q := strconv.Quote
	for name, tc := range map[string]struct {
		input string
		want  string // IDs
	}{
		"empty":                          {"", ""},
		"only white space":               {" \r\n\t\n", ""},
		"one record":                     {a, "a"},
		"one envelope":                   {e, "e"},
		"byte order mark":                {"\xef\xbb\xbf" + a, "a"},
		"log file":                       {`{"Records":[` + a + "," + b + `]}`, "a b"},
		"log file without events":        {`{"Records":[]}`, ""},
		"log file, other keys around":    {`{"x":{"Records":[1]},"Records":[` + a + `],"y":[{}],"Records":[` + b + `]}` + "\n" + c, "a b c"},
		"log file, pretty":               {"{\n  \"Records\": [\n    " + tall("a", "    ") + ",\n    " + tall("b", "    ") + "\n  ]\n}\n" + c, "a b c"},
		"log file, a line each":          {"{\"Records\":[\n" + a + ",\n" + b + "\n]}\n" + c, "a b c"},
		"log file, no indent":            {"{\n\"Records\": [\n" + tall("a", "") + ",\n" + tall("b", "") + "\n]\n}\n" + c, "a b c"},
		"flat":                           {strings.ReplaceAll("{\n\"Records\": [\n"+tall("a", "")+",\n"+tall("b", "")+"\n]\n}\n", "  ", "") + c, "a b c"},
		"log files, pretty, one another": {strings.Repeat("{\n  \"Records\": [\n    "+tall("a", "    ")+"\n  ]\n}\n", 3), "a a a"},
		"JSON lines":                     {a + "\n" + e + "\r\n\n" + b, "a e b"},
		"JSON lines of log files":        {`{"Records":[` + a + "]}\n" + `{"Records":[` + b + "]}\n", "a b"},
		"JSON lines with commas":         {a + ",\n" + b + ",\n", "a b"},
		"JSON text sequence":             {"\x1e" + a + "\n\x1e" + b + "\n", "a b"},
		"pretty record":                  {tall("a", ""), "a"},
		"pretty, then line":              {tall("a", "") + "\n" + b, "a b"},
		"line, then pretty":              {a + "\n" + tall("b", ""), "a b"},
		"pretty, concatenated":           {tall("a", "") + tall("b", "") + "\n" + tall("c", ""), "a b c"},
		"concatenated in a line":         {a + b + " " + c, "a b c"},
		"tabs between":                   {a + "\t" + b, "a b"},
		"leading commas":                 {"{\n  \"Records\": [" + a + "\n  ," + b + "\n  ]\n}", "a b"},
		"list":                           {"[" + a + ", " + e + "]", "a e"},
		"list, pretty":                   {"[\n" + a + ",\n" + b + "\n]", "a b"},
		"list, pretty, indented":         {"[\n  " + a + ",\n  " + b + "\n]\n" + c, "a b c"},
		"list of log files":              {`[{"Records":[` + a + `]},{"Records":[` + b + `]}]`, "a b"},
		"list of log files, a line each": {"[\n{\"Records\":[" + a + "]},\n{\"Records\":[" + b + "]}\n]\n" + c, "a b c"},
		"lookup-events":                  {`{"Events":[{"EventId":"a","EventName":"RunInstances","CloudTrailEvent":` + q(a) + `}],"NextToken":"x"}`, "a"},
		"texts of records":               {"[" + q(a) + "]\n" + q(b), "a b"},
		"strings hold brackets":          {strings.Replace(a, `"a"`, `"a","userAgent":"}]{[\"\\"`, 1) + "\n" + b, "a b"},
		"an envelope's Records":          {`{"detail":{"Records":[` + a + `]},"version":"0","id":"e","detail-type":"t","source":"s","time":"2024-01-02T03:04:05Z"}`, "e"},
		"escaped names":                  {strings.Replace(a, "eventID", `event\u0049D`, 1), "a"},
		"CloudTrail digest":              {`{"awsAccountId":"1","digestStartTime":"x","digestEndTime":"y","logFiles":[]}`, ""},
		"digest among events":            {a + "\n" + `{"digestStartTime":"x","digestEndTime":"y"}` + "\n" + b, "a b"},
		"many blank lines":               {strings.Repeat("\n", 3000) + a, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			got, files := told(t, tc.input, strings.NewReader(tc.input))
			if want := strings.Fields(tc.want); !slices.Equal(want, got) {
				t.Errorf("got %q, want %q", got, want)
			}
			if files.Read+len(files.Skipped) == 0 || len(files.Failed) != 0 {
				t.Errorf("account: %+v", files)
			}
			if files.Bytes != int64(len(tc.input)) {
				t.Errorf("bytes %d, want %d", files.Bytes, len(tc.input))
			}
			if zipped, _ := told(t, tc.input, bytes.NewReader(zip(tc.input))); !slices.Equal(got, zipped) {
				t.Errorf("compressed, it reads %q", zipped)
			}
			if slow, _ := told(t, tc.input, iotest.OneByteReader(strings.NewReader(tc.input))); !slices.Equal(got, slow) {
				t.Errorf("byte by byte, it reads %q", slow)
			}
		})
	}
}

func zip(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.Bytes()
}

func TestReadDamage(t *testing.T) {
	a, b, c := rec("a"), rec("b"), rec("c")
	cut := a[:len(a)-20]
	lines := func(l ...string) string { return strings.Join(l, "\n") + "\n" }
	with := func(r, old, new string) string { return strings.Replace(r, old, new, 1) }
	type want = []string // IDs, or "! " and the beginning of the error
	for name, tc := range map[string]struct {
		input string
		want  want
	}{
		"cut line":                  {lines(a, cut, b), want{"a", "! not JSON: cut short at byte " + strconv.Itoa(len(a)+1+len(cut)) + " by the end of line 2", "b"}},
		"first line is cut":         {lines(cut, b, c), want{"! not JSON: cut short", "b", "c"}},
		"line cut behind a comma":   {lines(a[:23], b, c), want{"! not JSON: cut short", "b", "c"}},
		"line cut behind a colon":   {lines(a[:16], b, c), want{"! not JSON: cut short", "b", "c"}},
		"line cut behind a bracket": {lines(`{"resources":[`, b, c), want{"! not JSON: cut short", "b", "c"}},
		"line cut to its bracket":   {lines(a, "{", b), want{"a", "! not JSON: cut short", "b"}},
		"cut log files in lines":    {lines(`{"Records":[`+a+","+cut, `{"Records":[`+b+"]}", c), want{"a", "! not JSON: cut short", "b", "c"}},
		"log file cut between":      {lines(`{"Records":[`+a+",", `{"Records":[`+b+"]}", c), want{"a", "! the list of events that begins here is cut short", "b", "c"}},
		"log file cut behind event": {lines(`{"Records":[`+a, b, c), want{"a", "! the list of events that begins here is cut short", "b", "c"}},
		"log file cut at its end":   {lines(`{"Records":[`+a+"]", `{"Records":[`+b+"]}"), want{"a", "! not JSON: cut short", "b"}},
		"pretty text is cut":        {tall("a", "")[:60] + "\n" + tall("b", "") + "\n" + c, want{"! not JSON: cut short", "b", "c"}},
		"pretty log file is cut":    {"{\n  \"Records\": [\n    " + tall("a", "    ") + ",\n    " + tall("b", "    ")[:60] + "\n" + c, want{"a", "! not JSON: cut short", "c"}},
		"input ends in an event":    {lines(a) + cut, want{"a", "! the input ends at byte " + strconv.Itoa(len(a)+1+len(cut)) + " within the JSON text"}},
		"input ends in a list":      {`{"Records":[` + a + ",", want{"a", "! the input ends at byte " + strconv.Itoa(len(a)+13) + " within the list of events"}},
		"input ends behind a list":  {`{"Records":[` + a + "]", want{"a", "! the input ends"}},
		"event in a list is cut":    {`{"Records":[` + a + `,{"a":{"b":1},` + b + `]}`, want{"a", "! not JSON: cut short at byte", "b"}},
		"event in a list lacks end": {`{"Records":[` + a + `,{"a":1]}` + "\n" + b, want{"a", "! not JSON: cut short at byte", "b"}},
		"lines of a list, one cut":  {lines("[", a+",", cut, b+",", c, "]", a), want{"a", "! not JSON: cut short", "b", "c", "a"}},
		"brackets do not match":     {`{"Records":[{"a":[1},` + b + "]}", want{"! not JSON: its brackets do not match", "b"}},
		"trailing comma":            {`{"Records":[` + a + `,]}` + "\n" + b, want{"a", "! an empty element at the end", "b"}},
		"trailing comma in event":   {lines(with(a, `"}`, `",}`), b), want{"! not JSON: invalid character '}' looking for beginning of object key string at byte " + strconv.Itoa(len(a)) + " (line 1)", "b"}},
		"empty element":             {`[` + a + `,,` + b + `]`, want{"a", "! an empty element", "b"}},
		"comma missing":             {`[` + a + b + `]`, want{"a", "! a comma is missing", "b"}},
		"elements are no objects": {`{"Records":[1,"x",null,[` + a + `],` + b + `,{}]}`,
			want{"! an element", "! text holds no CloudTrail record", "! an element", "! not an object", "b", "! neither"}},
		"records are no list":      {`{"Records":{}}` + "\n" + `{"Events":null}`, want{"! the key Records holds no list", "! the key Events holds no list"}},
		"key in small letters":     {`{"records":[` + a + `]}`, want{"! neither a CloudTrail record (eventSource, eventName, eventTime) nor an EventBridge event"}},
		"garbage line":             {lines(a, "garbage [x] }", b), want{"a", `! not JSON: "garbage [x] }"`, "b"}},
		"garbage in a line":        {a + "garbage" + b + "\n" + c, want{"a", `! not JSON: "garbage"`, "b", "c"}},
		"head of a line missing":   {lines(a[30:]+","+b+"]}", c), want{"! not JSON: ", "b", "c"}},
		"scalars":                  {lines("1", "null", a), want{"! not JSON", "! not JSON", "a"}},
		"string line":              {lines(`"x"`, `"x`, a), want{"! text holds no", "! not JSON: cut short", "a"}},
		"NUL bytes":                {lines("\x00\x00", a, with(b, "Run", "R\x00n"), c), want{"! not JSON", "a", `! not JSON: invalid character '\x00' in string literal at byte 243 (line 3)`, "c"}},
		"NUL bytes to the end":     {a + "\n" + strings.Repeat("\x00", 5000), want{"a", "! not JSON"}},
		"invalid UTF-8":            {lines(a, with(b, "Run", "R\xffn"), c), want{"a", "! invalid UTF-8: byte 0xFF at byte 240 (line 2)", "c"}},
		"invalid UTF-8 in a list":  {`{"Records":[` + with(b, "Run", "R\xc3\x28n") + "," + a + "]}", want{"! invalid UTF-8: byte 0xC3 at byte 118 (line 1)", "a"}},
		"newline in a string":      {tall("a", "")[:40] + "\n" + tall("a", "")[40:] + "\n" + b, want{"! not JSON: a newline within a string", "b"}},
		"wrong tail of a log file": {`{"Records":[` + a + `],nonsense}` + "\n" + b, want{"a", "! the document around the list of events is not JSON", "b"}},
		"UTF-16":                   {"\xff\xfe{\x00", want{"! the input cannot be read further at byte 0: UTF-16 text: convert"}},
		"zip":                      {"PK\x03\x04xxxx", want{"! the input cannot be read further at byte 0: a zip archive"}},
		"gzip header cut":          {"\x1f\x8b\x08", want{"! the input cannot be read further at byte 0: gzip: unexpected EOF"}},
		"duplicate keys":           {lines(with(a, `"eventID"`, `"eventName":"StopInstances","eventID"`), with(b, `"eventID"`, `"eventID":"b","eventID"`)), want{"! eventName appears twice with different values", "b"}},
		"huge numbers":             {with(a, `}`, `,"x":1e999999,"y":-`+strings.Repeat("9", 5000)+`}`), want{"a"}},
		"stray brackets":           {lines("]}", a, "}}}}", "[[", b, c), want{"! not JSON", "a", "! not JSON", "! not JSON: cut short", "b", "c"}},
		"many stray brackets":      {lines(strings.Repeat("{", 5000), a), want{"! not JSON: cut short", "a"}},
		"S3 notification":          {`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2024-01-02T03:04:05Z","eventName":"ObjectCreated:Put","s3":{}}]}`, want{"! an S3 event notification"}},
		"S3 test":                  {`{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"x","Bucket":"b"}`, want{"! an S3 test notification"}},
		"SNS":                      {`{"Type":"Notification","MessageId":"x","TopicArn":"x","Message":"{}"}`, want{"! Message: neither a CloudTrail record"}},
		"SQS":                      {`{"Records":[{"messageId":"x","body":"{}"}]}`, want{"! body: neither a CloudTrail record"}},
		"Config snapshot":          {`{"fileVersion":"1.0","configSnapshotId":"x","configurationItems":[]}`, want{"! an AWS Config snapshot"}},
		"CloudTrailEvent damaged": {`{"Events":[{"CloudTrailEvent":"{\"eventID\""},{"CloudTrailEvent":null}]}`,
			want{"! CloudTrailEvent: not JSON: unexpected end of JSON input at byte 9", "! CloudTrailEvent holds no CloudTrail record"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := told(t, tc.input, strings.NewReader(tc.input))
			if !slices.EqualFunc(got, tc.want, strings.HasPrefix) {
				t.Errorf("got:\n\t%s\nwant prefixes:\n\t%s", strings.Join(got, "\n\t"), strings.Join(tc.want, "\n\t"))
			}
			if slow, _ := told(t, tc.input, iotest.OneByteReader(strings.NewReader(tc.input))); !cmp.Equal(got, slow) {
				t.Errorf("byte by byte, it reads differently:\n%s", cmp.Diff(got, slow))
			}
		})
	}
}

// TestReadDamagePlaces pins the places of errors, which the other tests only
// check to be consistent.
func TestReadDamagePlaces(t *testing.T) {
	a, n := rec("a"), int64(len(rec("a")))
	input := a + "\n" + a[:30] + "\n\n[" + a + ",,7," + a + "\nnoise"
	var reader intake.Reader
	var got []everqual.Place
	for item := range reader.Read(context.Background(), "x", strings.NewReader(input)) {
		if item.Err != nil {
			got = append(got, item.Place)
		}
	}
	list := n + 33
	want := []everqual.Place{
		{Input: "x", Line: 2, Offset: n + 1},            // the cut line
		{Input: "x", Line: 4, Offset: list + 1 + n + 2}, // behind the second comma
		{Input: "x", Line: 4, Offset: list + 1 + n + 2}, // 7
		{Input: "x", Line: 5, Offset: list + 1 + n + 4 + n + 1},
		{Input: "x", Line: 4, Offset: list}, // the list has no end
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, tc := range map[string]struct {
		input string
		want  string
	}{
		"between events": {rec("a") + "\n", "cannot be read further at byte 134: disk on fire"},
		"in an event":    {rec("a") + "\n{", "cannot be read further at byte 135 within the JSON text that begins here: disk on fire"},
	} {
		t.Run(name, func(t *testing.T) {
			got, files := told(t, tc.input, io.MultiReader(strings.NewReader(tc.input), iotest.ErrReader(broken)))
			if len(got) != 2 || !strings.HasSuffix(got[1], tc.want) {
				t.Errorf("got %q", got)
			}
			if files.Read != 0 || len(files.Failed) != 1 || files.Failed[0].Message != "disk on fire" {
				t.Errorf("account: %+v", files)
			}
		})
	}
}

func TestReadStops(t *testing.T) {
	var r intake.Reader
	for range r.Read(context.Background(), "in", strings.NewReader(rec("a")+rec("b"))) {
		break
	}
	if files := r.Files(); files.Read != 0 {
		t.Errorf("an input that was left is counted as read: %+v", files)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got []string
	for item := range r.Read(ctx, "in", strings.NewReader(rec("a")+rec("b")+rec("c"))) {
		got = append(got, tell(t, item))
		cancel()
	}
	if want := []string{"a", "! context canceled"}; !cmp.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestReadWithin reads a second stream while the first is being read.
func TestReadWithin(t *testing.T) {
	var r intake.Reader
	var got []string
	for outer := range r.Read(context.Background(), "in", strings.NewReader(rec("a")+rec("b"))) {
		got = append(got, tell(t, outer))
		for inner := range r.Read(context.Background(), "in", strings.NewReader(rec("c"))) {
			got = append(got, tell(t, inner))
		}
	}
	if want := []string{"a", "c", "b", "c"}; !cmp.Equal(got, want) || r.Files().Read != 3 {
		t.Errorf("got %q, %+v", got, r.Files())
	}
}
