package transform_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/rule/transform"
)

const event = `{
  "version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": "EC2 Instance State-change Notification",
  "source": "aws.ec2", "account": "111122223333", "time": "2026-11-11T21:29:54Z", "region": "us-east-1",
  "resources": ["arn:aws:ec2:us-east-1:111122223333:instance/i-0123"],
  "detail": {
    "instance-id": "i-0123", "state": "running", "cpu": 1.50, "big": 12345678901234567890, "ok": true, "no": false,
    "zero": 0, "none": null, "empty": "", "list": ["a", "b"], "numbers": [1, 2], "nothing": [], "object": {"k": "v", "n": {"m": [1]}},
    "quote": "say \"hi\"", "lines": "one\ntwo", "back": "C:\\new", "control": "\u0001\u00e9", "markup": "<state>&",
    "odd": {"a\"b": "c\\d"}, "twice": 1, "twice": 2, "a/b": "slash", "under_score": "u", "1st": "digit", "dots.in": {"x": 1},
    "items": [{"id": "x", "tags": [{"k": 1}, {"k": 2}]}, {"name": "y"}, {"id": "z", "tags": []}, "text"]
  }
}`

// paths names every member of the detail, and some more.
var paths = map[string]string{
	"id": "$.detail.instance-id", "state": "$.detail.state", "cpu": "$.detail.cpu", "big": "$.detail.big", "ok": "$.detail.ok",
	"no": "$.detail.no", "zero": "$.detail.zero", "none": "$.detail.none", "empty": "$.detail.empty", "list": "$.detail.list",
	"numbers": "$.detail.numbers", "object": "$.detail.object", "quote": "$.detail.quote", "lines": "$.detail.lines",
	"back": "$.detail.back", "control": "$.detail.control", "markup": "$.detail.markup", "odd": "$.detail.odd",
	"missing": "$.detail.missing.at.all", "detail-type": "$.detail-type", "under_score": "$.detail.under_score",
	"first": "$.resources[0]", "second": "$.resources[1]",
}

func variables() transform.Variables {
	return transform.Variables{
		RuleARN: "arn:aws:events:us-east-1:111122223333:rule/example", RuleName: "example",
		IngestionTime: time.Date(2026, 11, 11, 22, 30, 0, 0, time.FixedZone("CET", 3600)),
	}
}

func apply(t *testing.T, template string, v transform.Variables) (string, error) {
	t.Helper()
	tr, err := transform.Parse(paths, template)
	if err != nil {
		t.Fatalf("parse %s: %v", template, err)
	}
	out, err := tr.Apply([]byte(event), v)
	return string(out), err
}

func TestApply(t *testing.T) {
	for _, c := range []struct{ name, template, want string }{
		{"string", `"instance <id> is in <state>"`, `"instance i-0123 is in running"`},
		{"string with escaped quotes", `"instance \"<id>\" is in <state>"`, `"instance \"i-0123\" is in running"`},
		{"string beginning like JSON", `"{[<id>"`, `"{[i-0123"`},
		{"neighbours in a string", `"<id><state>"`, `"i-0123running"`},
		{"same placeholder twice", `"<id> <id>"`, `"i-0123 i-0123"`},
		{"hyphen and underscore in names", `"<detail-type> <under_score>"`, `"EC2 Instance State-change Notification u"`},
		{"lines", "\"<id>\"\n\"<state>\"\n\"end\"", "\"i-0123\"\n\"running\"\n\"end\""},
		{"lines keep what is between them", "\"<id>\" \r\n\n  \"<state>\"", "\"i-0123\" \r\n\n  \"running\""},
		{"blanks around strings", "\n  \"<id>\"\n", `"i-0123"`},
		{"escapes in a template stay", `"a\nb\u003c\/<id>"`, `"a\nb\u003c\/i-0123"`},
		{"no placeholder", `"constant"`, `"constant"`},
		{"object in a string", `"<object>"`, `"{k:v,n:{m:[1]}}"`},
		{"list in a string", `"<list> and <numbers>"`, `"[a,b] and [1,2]"`},
		{"boolean in a string", `"<ok> <no>"`, `"true false"`},
		{"number in a string", `"<cpu> <big> <zero>"`, `"1.50 12345678901234567890 0"`},
		{"null in a string", `"<none>"`, `"null"`},
		{"missing in a string", `"[<missing>]"`, `"[]"`},
		{"empty in a string", `"[<empty>]"`, `"[]"`},

		{"JSON", `{"instance" : <id>, "state": <state>}`, `{"instance":"i-0123","state":"running"}`},
		{"JSON with static values", `{ "a" : <id>, "s": [ 9, <state>, true, null ], "T": "Y es" }`, `{"a":"i-0123","s":[9,"running",true,null],"T":"Y es"}`},
		{"JSON with text", `{"path": "users/<id>/second/<state>"}`, `{"path":"users/i-0123/second/running"}`},
		{"JSON with quoted placeholder", `{"id": "<id>"}`, `{"id":"i-0123"}`},
		{"JSON with escaped quotes", `{"s": "instance \"<id>\" is"}`, `{"s":"instance \"i-0123\" is"}`},
		{"JSON blanks after an escaped quote", `{"s": "one \" two  three \\", "t": 1}`, `{"s":"one \" two  three \\","t":1}`},
		{"JSON nested", `{"a": {"b": {"c": <object>}}, "d": "<id>"}`, `{"a":{"b":{"c":{"k":"v","n":{"m":[1]}}}},"d":"i-0123"}`},
		{"JSON values", `{"a":<list>,"b":<numbers>,"c":<cpu>,"d":<big>,"e":<ok>,"f":<no>,"g":<zero>,"h":<none>,"i":<empty>}`,
			`{"a":["a","b"],"b":[1,2],"c":1.50,"d":12345678901234567890,"e":true,"f":false,"g":0,"h":null,"i":""}`},
		{"JSON missing", `{"a": <missing>, "b": "<missing>", "c": "x<missing>y"}`, `{"a":"","b":"","c":"xy"}`},
		{"JSON object and list in strings", `{"a": "<object>", "b": "<list>"}`, `{"a":"{k:v,n:{m:[1]}}","b":"[a,b]"}`},
		{"JSON over lines", "\n{\n\t\"a\" :\r\n <id>\n}\n", `{"a":"i-0123"}`},
		{"JSON without placeholders", `{ "a" : [ 1 ] }`, `{"a":[1]}`},
		{"JSON keys are no placeholders", `{"a<b": 1, "c": ">"}`, `{"a<b":1,"c":">"}`},
		{"JSON array", `[<id>, "<state>"]`, `["i-0123","running"]`},
		{"element", `{"a": <first>, "b": <second>}`, `{"a":"arn:aws:ec2:us-east-1:111122223333:instance/i-0123","b":""}`},
		{"lone < is text", `"<id> cpu < 5"`, `"i-0123 cpu < 5"`},

		{"quotes are escaped", `{"a": "<quote>", "b": <quote>}`, `{"a":"say \"hi\"","b":"say \"hi\""}`},
		{"line breaks are escaped", `{"a": "<lines>", "b": <lines>}`, `{"a":"one\ntwo","b":"one\ntwo"}`},
		{"backslashes are escaped", `{"a": "<back>", "b": <back>}`, `{"a":"C:\\new","b":"C:\\new"}`},
		{"control characters are escaped", `{"a": "<control>", "b": <control>}`, `{"a":"\u0001é","b":"\u0001é"}`},
		{"values are not templates", `{"a": "<markup>", "b": <markup>}`, `{"a":"<state>&","b":"<state>&"}`},
		{"string escapes too", `"<quote> <lines> <back>"`, `"say \"hi\" one\ntwo C:\\new"`},
		{"quotes of an object in a string", `"<odd>"`, `"{ab:c\\d}"`},

		{"rule and time in a string", `"<aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>"`,
			`"arn:aws:events:us-east-1:111122223333:rule/example example 2026-11-11T21:30:00Z"`},
		{"rule in JSON", `{"r": <aws.events.rule-name>, "t": "<aws.events.event.ingestion-time>"}`, `{"r":"example","t":"2026-11-11T21:30:00Z"}`},
		{"event without detail", `{"e": <aws.events.event>}`, `{"e":{"id":"7bf73129-1428-4cd3-a780-95db273d1602","account":"111122223333",` +
			`"detailType":"EC2 Instance State-change Notification","time":"2026-11-11T21:29:54Z","source":"aws.ec2","region":"us-east-1",` +
			`"resources":["arn:aws:ec2:us-east-1:111122223333:instance/i-0123"],"version":"0"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := apply(t, c.template, variables())
			if err != nil || got != c.want {
				t.Errorf("%s\ngives  %s, %v\nwanted %s", c.template, got, err, c.want)
			}
		})
	}
}

func TestWholeEvent(t *testing.T) {
	got, err := apply(t, `{"e": <aws.events.event.json>}`, variables())
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(`{"e":`+strings.ReplaceAll(event, `\u00e9`, "é")+`}`)); err != nil {
		t.Fatal(err)
	}
	if got != want.String() {
		t.Errorf("got    %s\nwanted %s", got, want.String())
	}
}

func TestUnusualEvents(t *testing.T) {
	const template = `{"e": <aws.events.event>, "t": "<aws.events.event.ingestion-time>"}`
	for _, c := range []struct{ name, event, want string }{
		{"only a detail", `{"detail": {}}`, `{"e":{},"t":""}`},
		{"event's own time", `{"time": "2026-01-02T03:04:05Z"}`, `{"e":{"time":"2026-01-02T03:04:05Z"},"t":"2026-01-02T03:04:05Z"}`},
		{"unknown keys come last", `{"replay-name": "r", "version": "0", "id": "1"}`, `{"e":{"id":"1","version":"0","replay-name":"r"},"t":""}`},
		{"bytes that are no UTF-8", "{\"id\": \"a\xff\"}", "{\"e\":{\"id\":\"a\uFFFD\"},\"t\":\"\"}"},
		{"half a surrogate pair", `{"id": "\ud800"}`, "{\"e\":{\"id\":\"\uFFFD\"},\"t\":\"\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, err := transform.Parse(nil, template)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := tr.Apply([]byte(c.event), transform.Variables{}); err != nil || string(got) != c.want {
				t.Errorf("got    %s, %v\nwanted %s", got, err, c.want)
			}
		})
	}
}

func TestStrict(t *testing.T) {
	for _, c := range []struct{ name, template, want, problem string }{
		{"plain values are as ever", `{"a": <id>, "b": "<state> <numbers> <ok>", "c": <object>}`, `{"a":"i-0123","b":"running [1,2] true","c":{"k":"v","n":{"m":[1]}}}`, ""},
		{"missing", `{"a": <missing>, "b": "<missing>"}`, `{"a":"","b":""}`, ""},
		{"quotes in a string template", `"<list> <object>"`, `"[a,b] {k:v,n:{m:[1]}}"`, ""},
		{"object with quotes, not in a string", `{"a": <odd>}`, `{"a":{"a\"b":"c\\d"}}`, ""},
		{"a backslash can change the value", `{"a": "<back>"}`, `{"a":"C:\new"}`, ""},
		{"quote in a string", `{"a": "<quote>"}`, "", "value of <quote>"},
		{"quote in a value", `{"a": <quote>}`, "", "value of <quote>"},
		{"line break", `{"a": "<id> <lines>"}`, "", "value of <lines>"},
		{"object in a string of JSON", `{"a": "<object>"}`, "", "value of <object>, an object in a string, is not escaped"},
		{"list in a string of JSON", `{"a": "<list>"}`, "", "value of <list>, an array in a string, is not escaped"},
		{"so can a quote in an object", `"<odd>"`, `"{a\b:c\\d}"`, ""},
		{"quote in a string template", `"<quote>"`, "", "value of <quote>"},
		{"line break in a string template", "\"a\"\n\"<lines>\"", "", "value of <lines>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := variables()
			v.Strict = true
			got, err := apply(t, c.template, v)
			if c.problem == "" && (err != nil || got != c.want) {
				t.Errorf("got    %s, %v\nwanted %s", got, err, c.want)
			}
			if c.problem != "" && (err == nil || !strings.HasPrefix(err.Error(), "AWS would deliver nothing: ") || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("got %s, %v; wanted an error with %q", got, err, c.problem)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	tr, err := transform.Parse(map[string]string{"a": "$"}, `{"x":[<a>,<a>,<a>]}`)
	if err != nil {
		t.Fatal(err)
	}
	fits := []byte(`"` + strings.Repeat("x", 5<<20) + `"`)
	if out, err := tr.Apply(fits, transform.Variables{}); err != nil || len(out) != 3*len(fits)+10 {
		t.Errorf("a large value: %d bytes, %v", len(out), err)
	}
	if _, err := tr.Apply([]byte(`"`+strings.Repeat("x", 8<<20)+`"`), transform.Variables{}); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a result of 24 MiB: %v", err)
	}
	if _, err := tr.Apply([]byte(`"`+strings.Repeat("x", transform.MaxEvent)+`"`), transform.Variables{}); err == nil || !strings.Contains(err.Error(), "event: ") {
		t.Errorf("an event of more than 16 MiB: %v", err)
	}
	if _, err := tr.Apply([]byte("{\n\"a\": }"), transform.Variables{}); err == nil || !strings.Contains(err.Error(), "event: line 2, column 6") {
		t.Errorf("a broken event: %v", err)
	}
}
