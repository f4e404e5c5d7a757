package awshome

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/everqual/everqual/flow"
)

// notifier publishes notices to a topic: text for people, and attributes for the
// filter policies of subscriptions.
type notifier struct {
	sns   *sns.Client
	topic string
}

// Bounds of SNS: a subject is ASCII, shorter than 100 characters and in one line;
// a message has at most 256 KB.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const (
	maxSubject = 99
	maxNotice  = 200_000
)

// Notify publishes a notice.
func (n *notifier) Notify(ctx context.Context, notice flow.Notice) error {
	_, err := n.sns.Publish(ctx, &sns.PublishInput{
		TopicArn: &n.topic, Subject: aws.String(subject(notice)), Message: aws.String(words(notice)),
		MessageAttributes: attributes(notice),
	})
	return said("publish notice "+notice.ID, err)
}

// subject begins with a letter, as SNS demands, for a severity does.
func subject(n flow.Notice) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(n.Severity) + ": " + n.Title {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			r = ' '
		case r < ' ' || r > '~':
			r = '?'
		}
		b.WriteRune(r)
	}
	s := b.String()
	if len(s) > maxSubject {
		return s[:maxSubject-3] + "..."
	}
	return s
}

func words(n flow.Notice) string {
	lines := []string{n.Title}
	if n.Text != "" {
		lines = append(lines, "", n.Text)
	}
	lines = append(lines, "")
	for _, f := range n.Fields {
		lines = append(lines, f.Name+": "+f.Value)
	}
	for _, f := range []flow.Field{{Name: "System", Value: n.System}, {Name: "Resource", Value: string(n.Resource.ID)}} {
		if f.Value != "" {
			lines = append(lines, f.Name+": "+f.Value)
		}
	}
	lines = append(lines, fmt.Sprintf("Time: %s", n.Time.UTC().Format(time.RFC3339)), "Notice: "+n.ID)
	s := strings.Join(lines, "\n")
	if len(s) > maxNotice {
		return strings.ToValidUTF8(s[:maxNotice], "") + "\n... cut here: see the ledger"
	}
	return s
}

// attributes leaves out what is empty: SNS refuses it.
func attributes(n flow.Notice) map[string]types.MessageAttributeValue {
	all := map[string]types.MessageAttributeValue{}
	for name, value := range map[string]string{
		"severity": n.Severity, "system": n.System, "account": n.Resource.Account, "region": n.Resource.Region,
		"type": n.Resource.Type, "notice": n.ID,
	} {
		if value != "" {
			all[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
		}
	}
	return all
}
