package awshome_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/mod/sumdb/note"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

// TestMain has the models tried less often than elsewhere: every step of theirs is
// a call of a server. -rapid.checks says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestParseConfig(t *testing.T) {
	for value, want := range map[string]string{
		`{"table":"t","queue_url":"q","bucket":"b","topic_arn":"a","key_id":"k"}`: "",
		`{"table":"t","queue_url":"q","bucket":"b","topic_arn":"a"}`:              "",
		`{"table":"t","queue_url":"q","bucket":"b","topic_arn":"a","kye_id":"k"}`: `parameter /everqual/prod/home: json: unknown field "kye_id"`,
		`{"table":"t","bucket":"b"}`:                                              "parameter /everqual/prod/home: queue_url, topic_arn missing",
		`{"table":"t","queue_url":"q","bucket":"b","topic_arn":"a"}{}`:            "something follows",
		`table`: "parameter /everqual/prod/home: invalid character",
		``:      "parameter /everqual/prod/home: EOF",
	} {
		_, err := awshome.ParseConfig("prod", []byte(value))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	f := start(t, "")
	ctx := context.Background()
	for name, want := range map[string]string{
		"":       `"" is no name`,
		"a/b":    `"a/b" is no name`,
		"absent": "there is no parameter /everqual/absent/home in eu-central-1",
	} {
		if _, err := awshome.Open(ctx, name, awshome.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("open %q: %v, want %q", name, err, want)
		}
	}
	var log bytes.Buffer
	h, err := awshome.Open(ctx, f.deploy(t), awshome.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	if _, _, err := h.Signer(ctx); err == nil || !strings.Contains(err.Error(), "no key_id") || !strings.Contains(log.String(), "no key_id") {
		t.Errorf("a home without a key: %v, logged %s", err, log.String())
	}
}

// What the SDK says about a damaged answer, which it asks for again, is in the log
// for who wants details, and nowhere else.
func TestRemarks(t *testing.T) {
	f := start(t, "")
	ctx := context.Background()
	var log bytes.Buffer
	h, err := awshome.Open(ctx, f.deploy(t), awshome.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	must(t, err)
	damaged := false
	defer f.meeting(func(operation string, serve func(), w http.ResponseWriter, r *http.Request) {
		if !damaged && strings.HasPrefix(operation, "DynamoDB_") {
			damaged = true
			w.Header().Set("X-Amz-Crc32", "1")
			_, _ = w.Write([]byte("{}"))
			return
		}
		serve()
	})()
	_, _, err = h.Queue.Pending(ctx)
	must(t, err)
	if !damaged || !strings.Contains(log.String(), "level=DEBUG msg=\"AWS SDK: ") {
		t.Errorf("logged %q", log.String())
	}
}

// TestSealed signs with a key that a stand-in for KMS holds: moto's KMS knows no
// Ed25519. The stand-in answers the two calls with AWS's fields, and a real key.
func TestSealed(t *testing.T) {
	f := start(t, "")
	ctx := context.Background()
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKIXPublicKey(public)
	must(t, err)
	wrong := false
	defer f.meeting(func(operation string, serve func(), w http.ResponseWriter, r *http.Request) {
		var in struct {
			KeyId, MessageType, SigningAlgorithm string
			Message                              []byte
		}
		if !strings.HasPrefix(operation, "TrentService.") {
			serve()
			return
		}
		must(t, json.NewDecoder(r.Body).Decode(&in))
		out := map[string]any{"KeyId": in.KeyId, "PublicKey": der, "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}
		if operation == "TrentService.Sign" {
			if in.MessageType != "RAW" || in.SigningAlgorithm != "ED25519_SHA_512" {
				t.Errorf("asked to sign %s with %s", in.MessageType, in.SigningAlgorithm)
			}
			if wrong {
				in.Message = append(in.Message, '!')
			}
			out = map[string]any{"KeyId": in.KeyId, "Signature": ed25519.Sign(secret, in.Message), "SigningAlgorithm": in.SigningAlgorithm}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		must(t, json.NewEncoder(w).Encode(out))
	})()
	name := f.deploy(t)
	c, err := awshome.ReadConfig(ctx, name)
	must(t, err)
	c.KeyID = "alias/everqual"
	expectSealed(t, name, c)
	h, err := awshome.Open(ctx, name, awshome.Options{Config: &c})
	must(t, err)
	wrong = true
	_, _, err = h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "k2", Body: 1})
	must(t, err)
	if err := h.Close(); err == nil || !strings.Contains(err.Error(), "not one of its public key") {
		t.Errorf("a wrong signature: %v", err)
	}
}

// expectSealed appends the first record, and expects it to be signed.
func expectSealed(t *testing.T, name string, c awshome.Config) {
	t.Helper()
	ctx := context.Background()
	open := func() flow.Home {
		h, err := awshome.Open(ctx, name, awshome.Options{Config: &c})
		must(t, err)
		return h
	}
	h := open()
	_, _, err := h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "k", Body: 1})
	must(t, err)
	must(t, h.Close())
	_, text, err := h.Signer(ctx)
	must(t, err)
	verifier, err := note.NewVerifier(text)
	must(t, err)
	n := 0
	for r, err := range open().Ledger.Records(ctx, ledger.Query{Kind: everqual.KindCheckpoint}) {
		must(t, err)
		var c everqual.Checkpoint
		must(t, json.Unmarshal(r.Body, &c))
		if _, err := note.Open([]byte(c.Note), note.VerifierList(verifier)); err != nil || c.Size != 1 {
			t.Errorf("checkpoint of %d: %v", c.Size, err)
		}
		n++
	}
	if n != 1 || !strings.HasPrefix(verifier.Name(), "everqual/") {
		t.Errorf("%d checkpoints by %s", n, verifier.Name())
	}
}

// A subscriber gets the text, and can filter by the attributes.
func TestNotify(t *testing.T) { notifies(t, start(t, "")) }

func notifies(t *testing.T, f *front) {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	name := f.deploy(t)
	c, err := awshome.ReadConfig(ctx, name)
	must(t, err)
	_, err = sns.NewFromConfig(cfg).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &c.TopicARN, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:eu-central-1:111122223333:" + name),
		Attributes: map[string]string{"FilterPolicy": `{"severity":["critical"],"system":["LIMS"],"type":["AWS::EC2::Instance"]}`},
	})
	must(t, err)
	h, err := awshome.Open(ctx, name, awshome.Options{})
	must(t, err)
	notice := flow.Notice{
		ID: "n1", Severity: "critical", Title: "FAIL:\n\u00fcber " + strings.Repeat("long ", 40), Text: "Text \u00fc", System: "LIMS", Time: noon,
		Resource: everqual.Resource{ID: "arn:i", Type: "AWS::EC2::Instance", Account: "111122223333", Region: "eu-central-1"},
		Fields:   []flow.Field{{Name: "Expected", Value: "m5.large"}},
	}
	must(t, h.Notify.Notify(ctx, notice))
	notice.Severity = "info"
	notice.Text = strings.Repeat("\u00fc", 200_000)
	must(t, h.Notify.Notify(ctx, notice))
	out, err := sqs.NewFromConfig(cfg).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.QueueURL, MaxNumberOfMessages: 10})
	must(t, err)
	if len(out.Messages) != 1 {
		t.Fatalf("%d notices passed the filter, want 1", len(out.Messages))
	}
	var got struct{ Subject, Message string }
	must(t, json.Unmarshal([]byte(aws.ToString(out.Messages[0].Body)), &got))
	if len(got.Subject) > 99 || !strings.HasPrefix(got.Subject, "CRITICAL: FAIL: ?ber long") {
		t.Errorf("subject %q", got.Subject)
	}
	for _, want := range []string{"Text \u00fc", "Expected: m5.large", "System: LIMS", "Resource: arn:i", "Time: 2026-03-01T12:00:00Z"} {
		if !strings.Contains(got.Message, want) {
			t.Errorf("the message lacks %q:\n%s", want, got.Message)
		}
	}
}

// A damaged blob is told, and mended when it is put again.
func TestArchive(t *testing.T) { archives(t, start(t, "")) }

func archives(t *testing.T, f *front) {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	name := f.deploy(t)
	h, err := awshome.Open(ctx, name, awshome.Options{})
	must(t, err)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	put := func(key, text string) {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader(text)})
		must(t, err)
	}
	d := everqual.DigestOf([]byte("evidence"))
	put("archive/"+d.Hex(), "something else")
	if _, err := h.Archive.Get(ctx, d); !everqual.IsPermanent(err) || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("a damaged blob: %v", err)
	}
	must(t, h.Archive.Put(ctx, d, []byte("evidence")))
	if b, err := h.Archive.Get(ctx, d); err != nil || string(b) != "evidence" {
		t.Errorf("mended: %q, %v", b, err)
	}
	for _, key := range []string{"specs/", "specs/lims/app.json", "specs/system.json", "specsother/x.json"} {
		put(key, key)
	}
	files, err := awshome.Folder(ctx, name, "specs", awshome.Options{})
	must(t, err)
	var names []string
	must(t, fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			names = append(names, name)
		}
		return err
	}))
	if got := strings.Join(names, " "); got != "lims/app.json system.json" {
		t.Errorf("the folder holds %s", got)
	}
	if none, err := awshome.Folder(ctx, name, "rules", awshome.Options{}); none != nil || err != nil {
		t.Errorf("a folder that is not there: %v, %v", none, err)
	}
	if _, err := h.Archive.Get(ctx, everqual.DigestOf(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}
