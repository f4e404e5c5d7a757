package assess_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/google/go-cmp/cmp"
	jmespath "github.com/jmespath-community/go-jmespath"
	"pgregory.net/rapid"
)

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

var names = []string{"Policy", "Volumes", "Encrypted", "Name", "Tags", "Key", "Value", "Size", "Role", "TagMap"}

func values(depth int) *rapid.Generator[any] {
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Bool(), toAny[bool]),
		rapid.Map(rapid.IntRange(-3, 40), func(n int) any { return float64(n) }),
		rapid.Map(rapid.SampledFrom([]string{"", "a", "7", "14.2", "10.0.0.0/8", "0.0.0.0/0", "2026-01-01", "m5.large"}), toAny[string]),
	)
	if depth == 0 {
		return scalar
	}
	inner := values(depth - 1)
	return rapid.OneOf(scalar,
		rapid.Map(rapid.SliceOfN(inner, 0, 3), toAny[[]any]),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom(names), inner, 0, 4), toAny[map[string]any]))
}

func toAny[T any](v T) any { return v }

// expressions draws JMESPath of all forms, also over names that are not there.
func expressions(depth int) *rapid.Generator[string] {
	name := rapid.SampledFrom(append([]string{"@", "$", "*", "@.Name", "'a'", "`7`", "`[1]`"}, names...))
	if depth == 0 {
		return name
	}
	inner := expressions(depth - 1)
	form := func(format string, n int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			var args []any
			for range n {
				args = append(args, inner.Draw(t, "part"))
			}
			return fmt.Sprintf(format, args...)
		})
	}
	return rapid.OneOf(name, inner,
		form("%s.Name", 1), form("%s[]", 1), form("%s[*].Key", 1), form("%s[0]", 1), form("%s[?%s]", 2), form("%s[?%s == %s].Value", 3),
		form("%s | %s", 2), form("%s || %s", 2), form("%s && %s", 2), form("!%s", 1), form("[%s, %s]", 2), form("{a: %s, Key: %s}", 2),
		form("length(%s)", 1), form("keys(%s)", 1), form("values(%s)", 1), form("not_null(%s, %s)", 2), form("to_string(%s)", 1),
		form("type(%s)", 1), form("sort(%s)", 1), form("%s.*", 1), form("%s < %s", 2), form("%s == %s", 2), form("map(&%s, %s)", 2),
		form("contains(%s, %s)", 2), form("let $v = %s in [$v, %s]", 2), form("%s[1:]", 1), form("sort_by(%s, &%s)", 2), form("items(%s)", 1))
}

var operatorNames = []string{
	"equals", "not", "in", "not_in", "at_least", "at_most", "above", "below", "between", "matches", "starts_with", "ends_with",
	"equals_ignore_case", "contains", "contains_all", "contains_any", "contains_none", "same_set", "subset_of", "length",
	"within", "not_within", "excludes_cidr", "version", "older_than", "younger_than", "exists", "empty",
	"all_of", "any_of", "none_of", "no_such_operator",
}

func testCases() *rapid.Generator[everqual.TestCase] {
	return rapid.Custom(func(t *rapid.T) everqual.TestCase {
		return everqual.TestCase{
			ID: "T", Attribute: expressions(3).Draw(t, "attribute"),
			Expect: everqual.Expectation{
				Operator: rapid.SampledFrom(operatorNames).Draw(t, "operator"),
				Operand: rapid.OneOf(values(2), rapid.Map(rapid.MapOfN(rapid.SampledFrom(operatorNames), values(1), 1, 1), toAny[map[string]any])).
					Draw(t, "operand"),
			},
			Quantifier: everqual.Quantifier{
				Kind: rapid.SampledFrom([]string{"", "", "all", "any", "none", "count", "at_least", "at_most", "few"}).Draw(t, "quantifier"),
				N:    rapid.IntRange(-1, 3).Draw(t, "n"),
			},
			Empty: rapid.SampledFrom([]everqual.Outcome{"", everqual.Pass, everqual.NotApplicable, "odd"}).Draw(t, "empty"),
		}
	})
}

func observations() *rapid.Generator[everqual.Observation] {
	return rapid.Custom(func(t *rapid.T) everqual.Observation {
		return everqual.Observation{
			State: everqual.Present, CollectedAt: collected,
			Attributes: rapid.MapOfN(rapid.SampledFrom(names), values(3), 0, 6).Draw(t, "attributes"),
			Tags:       rapid.MapOfN(rapid.SampledFrom(names), rapid.SampledFrom([]string{"", "a"}), 0, 2).Draw(t, "tags"),
		}
	})
}

// Every test case gets one of the four outcomes, nothing is changed by being
// judged, and the same arguments give the same assessment.
func TestAssessIsTotalAndPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := observations().Draw(t, "observation")
		before, _ := json.Marshal(o)
		s := everqual.Specification{TestCases: rapid.SliceOfN(testCases(), 0, 4).Draw(t, "test cases")}
		a := assess.Assess(o, s, collected)
		if n := a.Counts(); n.Total != len(s.TestCases) || n.Total != n.Pass+n.Fail+n.NotEvaluated+n.NotApplicable {
			t.Fatalf("%d test cases give %+v", len(s.TestCases), n)
		}
		for _, v := range a.Verdicts {
			if (v.Outcome == everqual.NotEvaluated) != (v.Reason != "") {
				t.Fatalf("outcome %s with reason %q", v.Outcome, v.Reason)
			}
		}
		if after, _ := json.Marshal(o); string(before) != string(after) {
			t.Fatalf("the observation was changed:\n%s\n%s", before, after)
		}
		if diff := cmp.Diff(a, assess.Assess(o, s, collected)); diff != "" {
			t.Fatalf("assessed again: %s", diff)
		}
	})
}

// A verdict of PASS or FAIL hangs on nothing that was not read: whatever
// stands in the unread attributes, it is the same.
func TestUnreadDecidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := observations().Draw(t, "observation")
		hidden := rapid.SampledFrom(names[:9]).Draw(t, "hidden")
		o.Unread = []everqual.Unread{{Path: hidden, Reason: everqual.Denied}}
		s := everqual.Specification{TestCases: []everqual.TestCase{testCases().Draw(t, "test case")}}
		v := assess.Assess(o, s, collected).Verdicts[0]
		o.Attributes = maps.Clone(o.Attributes)
		if o.Attributes == nil {
			o.Attributes = everqual.Attributes{}
		}
		o.Attributes[hidden] = values(2).Draw(t, "in truth")
		if w := assess.Assess(o, s, collected).Verdicts[0]; !cmp.Equal(v, w) {
			t.Fatalf("the verdict hangs on what was not read: %s", cmp.Diff(v, w))
		}
		o.Unread = nil
		delete(o.Attributes, hidden)
		without := assess.Assess(o, s, collected).Verdicts[0]
		o.Attributes[hidden] = "it is there"
		with := assess.Assess(o, s, collected).Verdicts[0]
		if (v.Outcome == everqual.Pass || v.Outcome == everqual.Fail) && !strings.HasPrefix(hidden, "Tag") &&
			(without.Outcome != v.Outcome || with.Outcome != v.Outcome) {
			t.Fatalf("%s of an unread %q: %s without it, %s with it", v.Outcome, hidden, without.Outcome, with.Outcome)
		}
	})
}

// There is drift exactly when something that was read differs.
func TestDiffFindsEveryDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := observations().Draw(t, "before"), observations().Draw(t, "after")
		d := assess.Diff(before, after)
		if same := sameJSON(before.Attributes, after.Attributes); same != d.None() {
			t.Fatalf("same is %v, changes are %+v", same, d.Changes)
		}
		if !assess.Diff(after, after).None() {
			t.Fatal("an observation differs from itself")
		}
		back := assess.Diff(after, before)
		if len(back.Changes) != len(d.Changes) {
			t.Fatalf("%d changes there, %d back", len(d.Changes), len(back.Changes))
		}
	})
}

func sameJSON(a, b everqual.Attributes) bool {
	x, _ := json.Marshal(map[string]any(a))
	y, _ := json.Marshal(map[string]any(b))
	return string(x) == string(y) || len(a)+len(b) == 0
}

// Where JMESPath hides nothing, the expressions mean what they mean there.
func TestExpressionsAgreeWithJMESPath(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		o := observations().Draw(t, "observation")
		o.Tags = nil
		delete(o.Attributes, "Tags")
		if b, _ := json.Marshal(o.Attributes); strings.Contains(string(b), "null") {
			return
		}
		for range 60 {
			if agrees(t, o, expressions(2).Draw(t, "expression")) {
				compared++
			}
		}
	})
	if compared < 30 {
		t.Errorf("only %d values were compared; the test proves too little", compared)
	}
}

// Of an attribute that is not there only literals can be made, and two things
// that are not there are not equal to a list of literals.
func TestLiteralsOfNothing(t *testing.T) {
	for expression, want := range map[string]string{
		"Policy | Policy == ['a']": "false", "Policy | ['a', 'b']": `["a","b"]`, "Policy | [Name]": "", "Policy | {a: Name}": "",
	} {
		v := assess.Assess(everqual.Observation{State: everqual.Present}, everqual.Specification{TestCases: []everqual.TestCase{{
			Attribute: expression, Expect: everqual.Expectation{Operator: "exists", Operand: true},
		}}}, collected).Verdicts[0]
		if v.Actual != want {
			t.Errorf("%s: got %s %s, want %s", expression, v.Actual, v.Outcome, want)
		}
	}
}

// agrees compares one expression; it is false where there is nothing to
// compare.
func agrees(t *rapid.T, o everqual.Observation, expression string) bool {
	for _, unordered := range []string{"*", "keys", "values", "items", "TagMap", "$", "@"} {
		if strings.Contains(expression, unordered) {
			return false
		}
	}
	v := assess.Assess(o, everqual.Specification{TestCases: []everqual.TestCase{{
		Attribute: expression, Expect: everqual.Expectation{Operator: "exists", Operand: true},
	}}}, collected).Verdicts[0]
	if v.Actual == "" || strings.Contains(v.Actual, "null") || v.Actual == "[]" {
		return false
	}
	data := map[string]any(o.Attributes)
	if data == nil {
		data = map[string]any{}
	}
	want, err := jmespath.Search(expression, data)
	if err != nil {
		t.Fatalf("%s gives %s here and the error %v there", expression, v.Actual, err)
	}
	if b, _ := json.Marshal(want); string(b) != v.Actual {
		t.Fatalf("%s gives %s here and %s there", expression, v.Actual, b)
	}
	return true
}

func FuzzAssess(f *testing.F) {
	f.Add(server, "Volumes[].Encrypted", `true`, "all", "")
	f.Add(server, "length(Volumes[?Size>`8`])", `{"at_least":2}`, "", "Volumes")
	f.Add(server, "keys(@)", `{"contains":"Policy"}`, "", "Policy")
	f.Add(bucket, "Policy.Statement[].Principal", `{"none_of":["*",{"equals":{"AWS":"*"}}]}`, "none", "Policy")
	f.Add(bucket, "TagMap.*", `{"version":{">=":"1.0"}}`, "any", "Tags")
	f.Fuzz(func(t *testing.T, attributes, expression, expect, quantifier, unread string) {
		var o everqual.Observation
		if json.Unmarshal([]byte(attributes), &o.Attributes) != nil {
			return
		}
		o.State, o.CollectedAt = everqual.Present, collected
		tc := everqual.TestCase{ID: "T", Attribute: expression, Quantifier: everqual.Quantifier{Kind: quantifier, N: 1}}
		if json.Unmarshal([]byte(expect), &tc.Expect) != nil {
			return
		}
		s := everqual.Specification{TestCases: []everqual.TestCase{tc}}
		if n := assess.Assess(o, s, collected).Counts(); n.Total != 1 {
			t.Fatalf("counts %+v", n)
		}
		o.Unread = []everqual.Unread{{Path: unread, Reason: everqual.Denied}}
		v := assess.Assess(o, s, collected).Verdicts[0]
		if unread == "" && v.Outcome != everqual.NotEvaluated {
			t.Fatalf("an unread resource gives %s", v.Outcome)
		}
		delete(o.Attributes, unread)
		if w := assess.Assess(o, s, collected).Verdicts[0]; !cmp.Equal(v, w) {
			t.Fatalf("the verdict hangs on what was not read: %s", cmp.Diff(v, w))
		}
	})
}

func FuzzDiff(f *testing.F) {
	f.Add(server, bucket, "Volumes")
	f.Add(`{"A":[1,1,2]}`, `{"A":[1,2]}`, "")
	f.Add(`{"Tags":[{"Key":"a","Value":"b"}]}`, `{"Tags":[]}`, "X")
	f.Fuzz(func(t *testing.T, before, after, unread string) {
		a, b := everqual.Observation{State: everqual.Present}, everqual.Observation{State: everqual.Present}
		if json.Unmarshal([]byte(before), &a.Attributes) != nil || json.Unmarshal([]byte(after), &b.Attributes) != nil {
			return
		}
		d := assess.Diff(a, b)
		if !slices.IsSortedFunc(d.Changes, func(x, y assess.Change) int { return strings.Compare(x.Path, y.Path) }) {
			t.Fatal("changes are not sorted by path")
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatal(err)
		}
		b.Unread = []everqual.Unread{{Path: unread}}
		for _, c := range assess.Diff(a, b).Changes {
			if c.Path == unread {
				t.Fatalf("a change of %q, which was not read", unread)
			}
			assess.Attribute(c, []everqual.ReceivedEvent{{}, {ChangeEvent: everqual.ChangeEvent{Envelope: json.RawMessage(before)}}})
		}
	})
}
