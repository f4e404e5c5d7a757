package specification_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/everqual/everqual/specification"
)

// Every example of the page about specifications is without problems.
func TestExamplesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/specification.md")
	if err != nil {
		t.Fatal(err)
	}
	const frame = `{"id":"X","version":"1","title":"t","system":"LIMS","applies":APPLIES,"test_cases":CASES}`
	const someCase = `[{"id":"T","title":"t","attribute":"A","expect":EXPECT}]`
	examples := 0
	check := func(applies, cases string) {
		examples++
		text := strings.NewReplacer("APPLIES", applies, "CASES", cases).Replace(frame)
		if _, problems := specification.Parse("page", []byte(text)); len(problems) > 0 {
			t.Errorf("%s: %v", text, problems)
		}
	}
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		switch text := block[1]; {
		case strings.Contains(text, `"test_cases"`):
			if _, problems := specification.Parse("page", []byte(text)); len(problems) > 0 {
				t.Errorf("%s: %v", text, problems)
			}
		case strings.Contains(text, `"scope"`):
			if _, problems := specification.ParseSystem("page", []byte(text)); len(problems) > 0 {
				t.Errorf("%s: %v", text, problems)
			}
		case strings.Contains(text, `"attribute"`):
			check(`{"type":"*"}`, "["+strings.Trim(strings.TrimSpace(text), "[]")+"]")
		default:
			check(text, strings.Replace(someCase, "EXPECT", "true", 1))
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `").FindAllStringSubmatch(string(page), -1) {
		if json.Valid([]byte(row[1])) {
			check(`{"type":"*"}`, strings.Replace(someCase, "EXPECT", row[1], 1))
		}
	}
	if examples < 40 {
		t.Errorf("only %d examples found", examples)
	}
}
