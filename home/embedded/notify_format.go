package embedded

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual/flow"
)

// bodies makes the body of a webhook's request, by format.
var bodies = map[Format]func(flow.Notice) any{
	Slack: slackBody,
	Chime: chimeBody,
	JSON:  jsonBody,
}

func jsonBody(n flow.Notice) any {
	n.Time = n.Time.UTC()
	return WebhookMessage{Version: 1, Notice: n}
}

// Bounds of one message. Slack takes 3,000 characters in a section and some
// 13,000 in all; Chime takes 4,096 in all.
// https://docs.slack.dev/reference/block-kit/blocks/section-block
const (
	maxFields  = 20
	maxTitle   = 250
	maxText    = 2500
	maxName    = 120
	maxValue   = 300
	maxContent = 4096
)

// slackText escapes the three characters that Slack wants escaped, which also
// takes mentions and links out of values, within limit characters in all.
// https://docs.slack.dev/messaging/formatting-message-text/#escaping
func slackText(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		escaped := string(r)
		switch r {
		case '&':
			escaped = "&amp;"
		case '<':
			escaped = "&lt;"
		case '>':
			escaped = "&gt;"
		}
		if n += utf8.RuneCountInString(escaped); n >= limit {
			return b.String() + "…"
		}
		b.WriteString(escaped)
	}
	return b.String()
}

var slackColours = map[string]string{"info": "#2e7d32", "warning": "#f9a825", "critical": "#c62828"}

type object = map[string]any

// slackBody is a line of text, and a coloured attachment with the rest.
func slackBody(n flow.Notice) any {
	section := func(text string) object {
		return object{"type": "section", "text": object{"type": "mrkdwn", "text": text, "verbatim": true}}
	}
	var blocks []object
	if n.Text != "" {
		blocks = append(blocks, section(slackText(n.Text, maxText)))
	}
	shown, more := few(n.Fields)
	for _, f := range shown {
		blocks = append(blocks, section("*"+slackText(f.Name, maxName)+"*\n"+slackText(f.Value, maxValue)))
	}
	if more != "" {
		blocks = append(blocks, section(more))
	}
	about := object{"type": "mrkdwn", "text": slackText(strings.Join(footer(n), " | "), maxText), "verbatim": true}
	blocks = append(blocks, object{"type": "context", "elements": []object{about}})
	return object{
		"text":        slackText(heading(n), maxTitle),
		"attachments": []object{{"color": slackColours[n.Severity], "blocks": blocks}},
	}
}

// chimeBody is Markdown, values being code, so that nothing in them is read as
// Markdown or calls people.
// https://docs.aws.amazon.com/chime/latest/dg/webhooks.html
func chimeBody(n flow.Notice) any {
	lines := []string{"/md **" + chimeText(heading(n), maxTitle) + "**"}
	if n.Text != "" {
		lines = append(lines, chimeText(n.Text, 1000))
	}
	shown, more := few(n.Fields)
	for _, f := range shown {
		lines = append(lines, "* "+chimeText(f.Name, maxName)+": `"+chimeText(f.Value, maxValue)+"`")
	}
	tail := "\n\n" + chimeText(strings.Join(footer(n), " | "), 700)
	content := lines[0]
	for i, line := range lines[1:] {
		if len(content)+len(line)+len(tail)+60 > maxContent {
			more = fmt.Sprintf("... and %d more lines: see the ledger", len(lines)-1-i)
			break
		}
		content += "\n" + line
	}
	if more != "" {
		content += "\n" + more
	}
	return object{"Content": content + tail}
}

// chimeText is text in one line in which nothing is a code span or calls
// everyone in the room.
func chimeText(s string, limit int) string {
	s = strings.NewReplacer("`", "'", "\r", "", "\n", " ", "@", "@\u200b", "*", "\u2217").Replace(s)
	return cut(s, limit)
}

// few returns the fields that a chat message shows, and what to say of others.
func few(fields []flow.Field) (shown []flow.Field, more string) {
	if len(fields) <= maxFields {
		return fields, ""
	}
	return fields[:maxFields], fmt.Sprintf("... and %d more: see the ledger", len(fields)-maxFields)
}

func heading(n flow.Notice) string {
	return strings.ToUpper(n.Severity) + ": " + n.Title
}

func footer(n flow.Notice) (parts []string) {
	if n.System != "" {
		parts = append(parts, "system "+n.System)
	}
	if n.Resource.ID != "" {
		parts = append(parts, string(n.Resource.ID))
	}
	return append(parts, n.Time.UTC().Format(time.RFC3339), "notice "+n.ID)
}
