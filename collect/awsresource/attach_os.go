package awsresource

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/everqual/everqual"
)

//go:embed documents
var documents embed.FS

// The Systems Manager documents that ask an instance for facts of its operating
// system. They have to be created in the account; only one with exactly the
// shipped content is run.
const (
	linuxFacts   = "Everqual-LinuxFacts"
	windowsFacts = "Everqual-WindowsFacts"
)

// Document returns the text of the document for a platform, "linux" or
// "windows", and the name under which it has to be created.
func Document(platform string) (name string, text []byte, err error) {
	switch platform {
	case "linux":
		name = linuxFacts
	case "windows":
		name = windowsFacts
	default:
		return "", nil, fmt.Errorf("there is no document for %q, only for linux and windows", platform)
	}
	text, err = documents.ReadFile("documents/" + name + ".json")
	return name, text, err
}

// operatingSystem is what Run Command reads inside an instance. It is the one
// thing that does more than read through AWS's API, so it has its own permission,
// and is sent only when it is wanted by its name.
var operatingSystem = attachment{
	name: "os", path: "OperatingSystem", read: (*look).operatingSystem,
	actions: []string{"ssm:DescribeDocument", "ssm:GetDocument", "ssm:SendCommand", "ssm:GetCommandInvocation"},
	types:   []string{"AWS::EC2::Instance"},
}

// commands are the operations that the transport lets through for it.
var commands = []string{"ssm:SendCommand"}

// ran says which document told the facts. The hash is Systems Manager's own.
type ran struct{ Name, Version, Hash *string }

func (l *look) operatingSystem(ctx context.Context) {
	const path = "OperatingSystem"
	platform := "linux"
	if p, _ := l.attributes["Platform"].(string); strings.EqualFold(p, "windows") {
		platform = "windows"
	}
	document, ok := l.document(ctx, path, platform)
	if !ok {
		return
	}
	sent, err := l.ssm.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName: document.Name, DocumentVersion: document.Version, DocumentHash: document.Hash, DocumentHashType: types.DocumentHashTypeSha256,
		InstanceIds: []string{l.name}, TimeoutSeconds: aws.Int32(60), Comment: aws.String("Everqual reads facts; nothing is changed"),
	})
	if l.refused(path, "ssm:SendCommand", err, "InvalidInstanceId") {
		return
	}
	if sent.Command == nil {
		l.fail(path, everqual.Unread{Call: "ssm:SendCommand", Reason: everqual.Invalid, Message: "the reply names no command"})
		return
	}
	output, ok := l.output(ctx, path, sent.Command.CommandId)
	if !ok {
		return
	}
	facts, err := parseFacts(output)
	if err != nil {
		l.fail(path, everqual.Unread{Call: "ssm:GetCommandInvocation", Reason: everqual.Invalid, Message: err.Error()})
		return
	}
	l.set(path, struct {
		Document ran
		Facts    map[string]map[string]string
	}{document, facts})
}

// document finds the document in the account, and makes sure that it is the
// shipped one.
func (l *look) document(ctx context.Context, path, platform string) (d ran, ok bool) {
	name, text, err := Document(platform)
	if err != nil {
		l.fail(path, everqual.Unread{Reason: everqual.Invalid, Message: err.Error()})
		return d, false
	}
	described, err := l.ssm.DescribeDocument(ctx, &ssm.DescribeDocumentInput{Name: &name})
	if l.refused(path, "ssm:DescribeDocument", err, "InvalidDocument") {
		return d, false
	}
	if described.Document == nil || described.Document.DefaultVersion == nil {
		l.fail(path, everqual.Unread{Call: "ssm:DescribeDocument", Reason: everqual.Invalid, Message: "the reply holds no document"})
		return d, false
	}
	d = ran{described.Document.Name, described.Document.DefaultVersion, described.Document.Hash}
	content, err := l.ssm.GetDocument(ctx, &ssm.GetDocumentInput{Name: &name, DocumentVersion: d.Version, DocumentFormat: types.DocumentFormatJson})
	if l.refused(path, "ssm:GetDocument", err) {
		return d, false
	}
	if !sameJSON([]byte(aws.ToString(content.Content)), text) {
		l.fail(path, everqual.Unread{Call: "ssm:GetDocument", Reason: everqual.Invalid, Message: fmt.Sprintf(
			"version %s of the document %s in the account is not the shipped one, and is not run: create it from 'everqual ssm-document %s'", aws.ToString(d.Version), name, platform)})
		return d, false
	}
	return d, true
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// patience with a command: how often is asked for its end.
const maxPolls = 60

// output waits for the command to end and returns what it printed.
func (l *look) output(ctx context.Context, path string, command *string) (text string, ok bool) {
	const call = "ssm:GetCommandInvocation"
	for range maxPolls {
		if err := l.d.pause(ctx); err != nil {
			l.refused(path, call, err)
			return "", false
		}
		out, err := l.ssm.GetCommandInvocation(ctx, &ssm.GetCommandInvocationInput{CommandId: command, InstanceId: &l.name})
		if code, _ := codeOf(orNone(err)); code == "InvocationDoesNotExist" { // it is on its way to the instance
			continue
		}
		if l.refused(path, call, err) {
			return "", false
		}
		switch out.Status {
		case types.CommandInvocationStatusPending, types.CommandInvocationStatusInProgress, types.CommandInvocationStatusDelayed:
			continue
		case types.CommandInvocationStatusSuccess:
			return aws.ToString(out.StandardOutputContent), true
		}
		l.fail(path, everqual.Unread{Call: call, Reason: everqual.Unreachable, Message: "the command ended as " + string(out.Status) + ": " + short(aws.ToString(out.StandardErrorContent))})
		return "", false
	}
	l.fail(path, everqual.Unread{Call: call, Reason: everqual.Unreachable, Message: "the command did not end in time"})
	return "", false
}

var errNone = errors.New("none")

// orNone stands for no error where one is asked for its code.
func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// pause waits between two questions; a replay has all the answers.
func (d *Describer) pause(ctx context.Context) error {
	if d.poll == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d.poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// parseFacts reads lines of section, name and value with tabs between them. The
// first line tells the version, the last one that nothing was cut off: Systems
// Manager keeps 24,000 characters.
func parseFacts(text string) (map[string]map[string]string, error) {
	facts := map[string]map[string]string{}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	if lines[0] != "Facts\tVersion\t1" || lines[len(lines)-1] != "Facts\tEnd\t1" {
		return nil, errors.New("the output is not whole: it does not begin and end as version 1 of the document writes it")
	}
	for i, line := range lines[1 : len(lines)-1] {
		parts := strings.SplitN(line, "\t", 3)
		if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
			return nil, fmt.Errorf("line %d of the output is no fact", i+2)
		}
		if facts[parts[0]] == nil {
			facts[parts[0]] = map[string]string{}
		}
		facts[parts[0]][parts[1]] = parts[2]
	}
	return facts, nil
}
