package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
	"github.com/google/go-cmp/cmp"
)

// bucket is a copy of a trail's bucket with one hour in it.
type bucket struct {
	t   *testing.T
	dir string
	key *rsa.PrivateKey
}

func (b bucket) write(name string, content []byte) {
	b.t.Helper()
	path := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b bucket) zipped(name string, content []byte) (hash string) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(content)
	w.Close()
	b.write(name, z.Bytes())
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// hour writes a log file, the digest that signs for it, and the list of keys.
func (b bucket) hour(log []byte) (logKey string) {
	b.t.Helper()
	const root = "AWSLogs/111122223333/"
	logKey = root + "CloudTrail/eu-central-1/2026/03/02/111122223333_CloudTrail_eu-central-1_20260302T0930Z_AbCdEfGhIjKlMnOp.json.gz"
	digestKey := root + "CloudTrail-Digest/eu-central-1/2026/03/02/111122223333_CloudTrail-Digest_eu-central-1_audit_eu-central-1_20260302T100000Z.json.gz"
	public := x509.MarshalPKCS1PublicKey(&b.key.PublicKey)
	fingerprint := fmt.Sprintf("%x", md5.Sum(public))
	digest := sure(json.Marshal(map[string]any{
		"awsAccountId": "111122223333", "digestStartTime": "2026-03-02T09:00:00Z", "digestEndTime": "2026-03-02T10:00:00Z",
		"digestS3Bucket": "trail", "digestS3Object": digestKey, "digestPublicKeyFingerprint": fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
		"newestEventTime": "2026-03-02T09:20:00Z", "oldestEventTime": "2026-03-02T09:15:00Z",
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil, "previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
		"logFiles": []any{map[string]any{
			"s3Bucket": "trail", "s3Object": logKey, "hashValue": b.zipped(logKey, log), "hashAlgorithm": "SHA-256",
			"newestEventTime": "2026-03-02T09:20:00Z", "oldestEventTime": "2026-03-02T09:15:00Z",
		}},
	}))
	text := sha256.Sum256([]byte("2026-03-02T10:00:00Z\ntrail/" + digestKey + "\n" + b.zipped(digestKey, digest) + "\nnull"))
	signature := sure(rsa.SignPKCS1v15(rand.Reader, b.key, crypto.SHA256, text[:]))
	b.write(digestKey+".metadata.json", sure(json.Marshal(map[string]string{"signature": hex.EncodeToString(signature), "signature-algorithm": "SHA256withRSA"})))
	b.write("../keys.json", sure(json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{
		"Value": public, "Fingerprint": fingerprint, "ValidityStartTime": "2026-01-01T00:00:00Z", "ValidityEndTime": "2026-12-31T00:00:00Z",
	}}})))
	return logKey
}

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// call is a CloudTrail record.
func call(id, service, name, parameters, more string) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","eventTime":"2026-03-02T09:15:00Z","eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":"eu-central-1",
		"recipientAccountId":"111122223333","eventID":%q,"eventType":"AwsApiCall","requestParameters":%s,"responseElements":null%s}`, service, name, id, parameters, more)
}

// take takes in records.
func take(t *testing.T, c *flow.Corridor, records ...string) {
	t.Helper()
	accept := c.Accept()
	for _, record := range records {
		e, err := intake.FromRecord([]byte(record), everqual.Place{})
		if err != nil || accept.Event(t.Context(), e) != nil {
			t.Fatalf("%v\n%s", err, record)
		}
	}
	if err := accept.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Every event in the validated files ends in one fate, and what is missing is
// named.
func TestCompleteness(t *testing.T) {
	ctx := context.Background()
	events := []string{
		call("e-observed", "ec2", "ModifyVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa1"}`, ""),
		call("e-deleted", "ec2", "DeleteVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa2"}`, ""),
		call("e-dead", "ec2", "DisassociateRouteTable", `{"associationId":"rtbassoc-0aaaaaaaaaaaaaaa3"}`, ""),
		call("e-scope", "ec2", "CreateIpam", `{}`, ""),
		call("e-no-rule", "workspaces", "CreateWorkspaces", `{}`, ""),
		call("e-failed", "ec2", "DeleteVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa1"}`, `,"errorCode":"Client.UnauthorizedOperation"`),
		call("e-read", "ec2", "DescribeVolumes", `{}`, `,"readOnly":true`),
		call("e-waiting", "ec2", "ModifyVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa4"}`, ""),
		call("e-lost", "ec2", "ModifyVolume", `{"volumeId":"vol-0aaaaaaaaaaaaaaa5"}`, ""),
	}
	b := bucket{t, filepath.Join(t.TempDir(), "bucket"), sure(rsa.GenerateKey(rand.Reader, 2048))}
	logKey := b.hour([]byte(`{"Records":[` + strings.Join(events, ",") + `]}`))
	c, err := newHome(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	see := func(id string, state everqual.State) {
		r := everqual.Resource{ID: everqual.ResourceID("arn:aws:ec2:eu-central-1:111122223333:volume/" + id), Type: "AWS::EC2::Volume"}
		if _, err := c.Ledger.Observe(ctx, everqual.Observation{Resource: r, State: state, Digest: everqual.DigestOf([]byte(id)), CollectedAt: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	see("vol-0aaaaaaaaaaaaaaa1", everqual.Present)
	see("vol-0aaaaaaaaaaaaaaa2", everqual.Deleted)
	take(t, c, events[:7]...)
	if _, err := c.Work(ctx); err != nil { // nothing is left to look at, and one message cannot be worked on
		t.Fatal(err)
	}
	take(t, c, events[7:8]...)
	ask := completenessAsk{logs: b.dir, keys: []string{filepath.Join(b.dir, "..", "keys.json")}}
	account, err := ask.run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	want := map[flow.Fate]int{
		flow.FateObserved: 1, flow.FateDeleted: 1, flow.FateDeadLetter: 1, flow.FateOutOfScope: 1, flow.FateNoRule: 1, flow.FateFailed: 1,
		flow.FateReadOnly: 1, flow.FateNotObserved: 1, flow.FateNotReceived: 1,
	}
	if diff := cmp.Diff(want, account.Fates); diff != "" || account.Events != 9 || account.OpenCount != 3 || account.Files != 1 || account.Trail.Logs.Valid != 1 || account.complete() {
		t.Errorf("fates (-want +got):\n%s%+v", diff, account)
	}
	for _, o := range account.Open {
		if o.ID != "e-dead" && o.ID != "e-waiting" && o.ID != "e-lost" || o.File != logKey {
			t.Errorf("open: %+v", o)
		}
	}

	// Once somebody has decided, looked and handed in what was missing, nothing is open.
	letters := sure(c.Queue.DeadLetters(ctx))
	if len(letters) != 1 {
		t.Fatalf("dead letters %+v", letters)
	}
	if err := c.Dispose(ctx, letters[0].ID, "anna", "the route table is not ours"); err != nil {
		t.Fatal(err)
	}
	take(t, c, events[8:]...)
	see("vol-0aaaaaaaaaaaaaaa4", everqual.Present)
	see("vol-0aaaaaaaaaaaaaaa5", everqual.Present)
	account = sure(ask.run(ctx, c))
	rest := maps.Clone(account.Fates)
	if rest[flow.FateDisposed] != 1 || rest[flow.FateObserved] != 3 || account.OpenCount != 0 {
		t.Errorf("fates %v, open %+v", rest, account.Open)
	}
	var out bytes.Buffer
	printCompleteness(&out, account)
	if !strings.Contains(out.String(), "3 observed") {
		t.Errorf("printed:\n%s", out.String())
	}

	// The account is recorded with what CloudTrail signed, and that can be checked again.
	if err := ask.keep(ctx, c, account); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, c)

	// A log file that was changed is not read, and nothing is complete.
	b.zipped(logKey, []byte(`{"Records":[]}`))
	account = sure(ask.run(ctx, c))
	if account.Files != 0 || account.Trail.Logs.Modified != 1 || account.complete() {
		t.Errorf("a changed file: %+v", account)
	}
}

// checkRecorded validates the digests of the recorded account, as they are and with a
// byte of one changed, another signature, or another key.
func checkRecorded(t *testing.T, c *flow.Corridor) {
	t.Helper()
	ctx := context.Background()
	for record, err := range c.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindCompleteness}) {
		on := flow.RestsOn(record)
		if err != nil || len(on) != 2 {
			t.Fatalf("it rests on %v, %v", on, err)
		}
		tests := map[string]struct {
			body  string // what is written instead in the record
			blob  func(d everqual.Digest, b []byte) []byte
			wrong string
		}{
			"as it is":         {"", nil, ""},
			"a changed digest": {"", func(d everqual.Digest, b []byte) []byte { return changed(b, d == on[0]) }, "0 of the 1 digests"},
			"a changed key": {"", func(d everqual.Digest, b []byte) []byte {
				return bytes.Replace(b, []byte("2026-01-01"), []byte("2026-04-01"), 1)
			}, "0 of the 1 digests"},
			"another signature": {strings.Replace(string(record.Body), `"signature":"`, `"signature":"00`, 1), nil, "0 of the 1 digests"},
		}
		for name, test := range tests {
			r := &verify.Result{}
			again := recomputing{Result: r, blob: func(ctx context.Context, d everqual.Digest) ([]byte, error) {
				b, err := c.Archive.Get(ctx, d)
				if test.blob != nil {
					b = test.blob(d, bytes.Clone(b))
				}
				return b, err
			}}
			tried := record
			if test.body != "" {
				tried.Body = []byte(test.body)
			}
			if err := again.completeness(ctx, tried); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if test.wrong == "" && (!r.OK() || r.Recomputed != 1) || test.wrong != "" && (r.OK() || !strings.Contains(r.Findings[0].Message, test.wrong)) {
				t.Errorf("%s: %+v, want %q", name, r, test.wrong)
			}
		}
		return
	}
	t.Error("nothing was recorded")
}

// changed changes a byte in the middle.
func changed(b []byte, yes bool) []byte {
	if yes {
		b[len(b)/2] ^= 1
	}
	return b
}
