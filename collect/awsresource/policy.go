package awsresource

import (
	"encoding/json"
	"net/url"
	"strings"
)

// policy parses a policy document, which IAM sends URL-encoded, and writes it
// in the one form that equal policies share: statements are a list sorted by
// Sid, and actions, resources, principals and condition values are sorted
// lists of strings, also where there is one. The order of none of these means
// anything to AWS, nor does a list of one differ from its element.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
//
// What cannot be parsed stays as it is, so that it still can be compared.
func policy(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "%7B") || strings.HasPrefix(trimmed, "%7b") {
		decoded, err := url.PathUnescape(trimmed)
		if err != nil {
			return v
		}
		text = decoded
	}
	var document map[string]any
	if json.Unmarshal([]byte(text), &document) != nil || document == nil {
		return v
	}
	if statements, ok := document["Statement"]; ok {
		list := asList(statements)
		for i, s := range list {
			list[i] = statement(s)
		}
		document["Statement"] = bySid(list)
	}
	return document
}

// bySid sorts statements by their Sid, and those that have none by what they say.
func bySid(list []any) any {
	keys := make([]any, len(list))
	for i, s := range list {
		members, _ := s.(map[string]any)
		keys[i] = []any{members["Sid"], s}
	}
	out := make([]any, 0, len(list))
	for _, pair := range sorted(keys).([]any) {
		out = append(out, pair.([]any)[1])
	}
	return out
}

func statement(v any) any {
	s, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for _, name := range []string{"Action", "NotAction", "Resource", "NotResource"} {
		if inner, ok := s[name]; ok {
			s[name] = sorted(asList(inner))
		}
	}
	for _, name := range []string{"Principal", "NotPrincipal"} {
		if kinds, ok := s[name].(map[string]any); ok { // else it is "*"
			for kind, inner := range kinds {
				kinds[kind] = sorted(asList(inner))
			}
		}
	}
	operators, _ := s["Condition"].(map[string]any)
	for _, operator := range operators {
		keys, _ := operator.(map[string]any)
		for key, values := range keys {
			keys[key] = sorted(asTexts(values))
		}
	}
	return s
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// asTexts writes the condition values true and 5 as "true" and "5": to AWS
// they are the same.
func asTexts(v any) []any {
	var texts []any
	for _, value := range asList(v) {
		switch value.(type) {
		case bool, float64:
			b, _ := json.Marshal(value)
			value = string(b)
		}
		texts = append(texts, value)
	}
	return texts
}
