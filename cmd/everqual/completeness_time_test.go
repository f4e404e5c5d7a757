package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// hours writes a chain of n digests, and for some hours a log file of that hour.
func (b bucket) hours(from time.Time, n int, logs map[int]string) {
	b.t.Helper()
	const root = "AWSLogs/111122223333/"
	public := x509.MarshalPKCS1PublicKey(&b.key.PublicKey)
	fingerprint := fmt.Sprintf("%x", md5.Sum(public))
	var previous, previousHash, previousSignature any
	for i := range n {
		start := from.Add(time.Duration(i) * time.Hour)
		end := start.Add(time.Hour)
		listed := []any{}
		if log := logs[i]; log != "" {
			key := root + "CloudTrail/eu-central-1/" + start.Format("2006/01/02") + "/111122223333_CloudTrail_eu-central-1_" + start.Add(4*time.Minute).Format("20060102T1504Z") + "_AbCdEfGhIjKlMnOp.json.gz"
			listed = append(listed, map[string]any{"s3Bucket": "trail", "s3Object": key, "hashValue": b.zipped(key, []byte(log)), "hashAlgorithm": "SHA-256"})
		}
		key := root + "CloudTrail-Digest/eu-central-1/" + end.Format("2006/01/02") + "/111122223333_CloudTrail-Digest_eu-central-1_audit_eu-central-1_" + end.Format("20060102T150405Z") + ".json.gz"
		hash := b.zipped(key, sure(json.Marshal(map[string]any{
			"digestStartTime": start.Format(time.RFC3339), "digestEndTime": end.Format(time.RFC3339), "digestS3Bucket": "trail", "digestS3Object": key,
			"digestPublicKeyFingerprint": fingerprint, "previousDigestS3Bucket": "trail", "previousDigestS3Object": previous,
			"previousDigestHashValue": previousHash, "previousDigestSignature": previousSignature, "logFiles": listed,
		})))
		before, _ := previousSignature.(string)
		if i == 0 {
			before = "null"
		}
		text := sha256.Sum256([]byte(end.Format(time.RFC3339) + "\ntrail/" + key + "\n" + hash + "\n" + before))
		signature := hex.EncodeToString(sure(rsa.SignPKCS1v15(rand.Reader, b.key, crypto.SHA256, text[:])))
		b.write(key+".metadata.json", sure(json.Marshal(map[string]string{"signature": signature})))
		previous, previousHash, previousSignature = key, hash, signature
	}
	b.write("../keys.json", sure(json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{
		"Value": public, "Fingerprint": fingerprint, "ValidityStartTime": "2026-01-01T00:00:00Z", "ValidityEndTime": "2026-12-31T00:00:00Z",
	}}})))
}

// records is a log file of read-only calls at these times; each has its time as ID.
func records(times ...string) string {
	var all []string
	for _, at := range times {
		all = append(all, strings.Replace(call(at, "ec2", "DescribeVolumes", `{}`, `,"readOnly":true`), "2026-03-02T09:15:00Z", at, 1))
	}
	return `{"Records":[` + strings.Join(all, ",") + `]}`
}

func newBucket(t *testing.T) (bucket, completenessAsk) {
	b := bucket{t, filepath.Join(t.TempDir(), "bucket"), sure(rsa.GenerateKey(rand.Reader, 2048))}
	return b, completenessAsk{logs: b.dir, keys: []string{filepath.Join(b.dir, "..", "keys.json")}}
}

// Accounts of times that follow each other have each event exactly once, by its time,
// however late it was delivered.
func TestCompletenessOfDays(t *testing.T) {
	ctx := context.Background()
	b, ask := newBucket(t)
	b.hours(time.Date(2026, 3, 1, 23, 1, 31, 0, time.UTC), 50, map[int]string{
		1:  records("2026-03-02T00:02:00Z"),
		24: records("2026-03-02T23:20:00Z", "2026-03-02T23:58:10Z", "2026-03-03T00:00:00Z"), // delivered from 23:01 to 00:01
		25: records("2026-03-02T23:59:59Z", "2026-03-03T00:30:00Z"),                         // until 01:01
		27: records("2026-03-02T23:59:58Z", "2026-03-03T02:30:00Z"),                         // two hours late
		49: records("2026-03-03T23:59:57Z", "2026-03-04T00:30:00Z"),
	})
	c, err := newHome(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, test := range []struct {
		from, to              string
		events, late, outside int
		complete              bool
	}{
		{"", "", 10, 0, 0, true},
		{"2026-03-02", "2026-03-02", 4, 0, 2, true},
		{"2026-03-03", "2026-03-03", 5, 1, 4, true},
		{"2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 4, 0, 2, true}, // the end is not included
		{"2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z", 5, 1, 4, true},
		{"2026-03-03", "2026-03-04", 6, 1, 3, false}, // the digests end before
		{"2026-03-04", "", 1, 0, 1, true},
		{"2026-03-04T02:00:00Z", "", 0, 0, 0, false}, // there are none
		{"", "2026-03-01T12:00:00Z", 0, 0, 0, false},
		{"", "2026-03-01T23:01:31Z", 0, 0, 0, false}, // only of the hour after
		{"", "2026-03-01T23:01:32Z", 0, 0, 1, true},
		{"2026-03-01T12:00:00Z", "2026-03-01T13:00:00Z", 0, 0, 0, false},
	} {
		ask.from, ask.to = test.from, test.to
		account := sure(ask.run(ctx, c))
		if account.Events != test.events || account.Late != test.late || account.Outside != test.outside || account.complete() != test.complete {
			t.Errorf("from %q to %q: %d events, %d late, %d outside, complete %v, want %+v", test.from, test.to,
				account.Events, account.Late, account.Outside, account.complete(), test)
		}
	}
	for _, test := range [][2]string{{"2026-03-03", "2026-03-02"}, {"2026-03-03T01:00:00Z", "2026-03-03T01:00:00Z"}, {"2026-03-03T01:00:00+01:00", "2026-03-03T00:00:00Z"}} {
		ask.from, ask.to = test[0], test[1]
		if _, err := ask.run(ctx, c); !errors.As(err, new(usageError)) || !errors.As(ask.check(), new(usageError)) {
			t.Errorf("from %q to %q: %v", test[0], test[1], err)
		}
	}

	// What is recorded can be checked again, also as an earlier version recorded it: the
	// files up to the end of the time.
	ask.from, ask.to = "2026-03-02", "2026-03-02"
	if err := ask.keep(ctx, c, sure(ask.run(ctx, c))); err != nil {
		t.Fatal(err)
	}
	for record, err := range c.Ledger.Records(ctx, ledger.Query{Kind: everqual.KindCompleteness}) {
		if err != nil {
			t.Fatal(err)
		}
		recomputed(t, c, record, 26)
		old := sure(ledger.Body[everqual.Completeness](record))
		old.Until, old.Digests = time.Time{}, old.Digests[:25]
		record.Body = sure(json.Marshal(old))
		recomputed(t, c, record, 25)
	}
}

func recomputed(t *testing.T, c *flow.Corridor, record everqual.Record, digests int) {
	t.Helper()
	r := &verify.Result{}
	again := recomputing{Result: r, blob: c.Archive.Get}
	if err := again.completeness(context.Background(), record); err != nil || !r.OK() || r.Recomputed != 1 {
		t.Errorf("recomputed: %v, %+v", err, r)
	}
	if n := len(sure(ledger.Body[everqual.Completeness](record)).Digests); n != digests {
		t.Errorf("%d digests are recorded, want %d", n, digests)
	}
}

// An event counts once, what is none is named, and so is what no rule knows.
func TestCompletenessNames(t *testing.T) {
	ctx := context.Background()
	b, ask := newBucket(t)
	twice := call("e-twice", "workspaces", "CreateWorkspaces", `{}`, "")
	var many []string
	for i := range printedOpen + 5 {
		many = append(many, call(fmt.Sprint("lost-", i), "ec2", "ModifyVolume", `{}`, ""))
	}
	b.hours(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), 3, map[int]string{
		0: `{"Records":[` + twice + `,` + strings.Replace(call("e-none", "ec2", "ModifyVolume", `{}`, ""), `"eventTime"`, `"when"`, 1) + `]}`,
		1: `{"Records":[` + twice + `,` + call("e-other", "workspaces", "CreateWorkspaces", `{}`, "") + `]}`,
		2: `{"Records":[` + strings.Join(many, ",") + `]}`,
	})
	c, err := newHome(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	take(t, c, twice, call("e-other", "workspaces", "CreateWorkspaces", `{}`, ""))
	account := sure(ask.run(ctx, c))
	if account.Events != printedOpen+7 || account.Duplicates != 1 || account.OpenCount != printedOpen+5 || account.Truncated || len(account.Open) != account.OpenCount || account.findings() != 0 {
		t.Errorf("%+v", account)
	}
	if diff := cmp.Diff([]unknownCall{{"workspaces.amazonaws.com", "CreateWorkspaces", 2}}, account.NoRule); diff != "" {
		t.Error(diff)
	}
	if n := account.NoEvents; len(n) != 1 || account.Unparsable != 1 || n[0].Index != 1 || !strings.HasSuffix(n[0].File, "T0804Z_AbCdEfGhIjKlMnOp.json.gz") || n[0].Reason != "eventTime is missing" {
		t.Errorf("no events: %+v", n)
	}
	var out bytes.Buffer
	printCompleteness(&out, account)
	for _, want := range []string{
		"207 (and 1 that were there twice)", "2 workspaces.amazonaws.com CreateWorkspaces", "record 1 of 111122223333_CloudTrail_eu-central-1_20260302T0804Z",
		"and 5 more, which -o json lists", "NOT complete: 205 events are not accounted for, 1 records are no events, 0 findings",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// Keys of several regions are one list, which the record keeps.
func TestCompletenessKeys(t *testing.T) {
	ctx := context.Background()
	b, ask := newBucket(t)
	b.hours(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), 2, nil)
	public := x509.MarshalPKCS1PublicKey(&sure(rsa.GenerateKey(rand.Reader, 2048)).PublicKey)
	b.write("../other.json", sure(json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{"Value": public, "Fingerprint": fmt.Sprintf("%x", md5.Sum(public))}}})))
	b.write("../bad.json", []byte("{}"))
	c, err := newHome(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	mine, other := ask.keys[0], filepath.Join(b.dir, "..", "other.json")
	for _, keys := range [][]string{{mine}, {mine, other}, {other, mine}} {
		ask.keys = keys
		if account := sure(ask.run(ctx, c)); !account.complete() || account.Trail.Digests.Valid != 2 {
			t.Errorf("%v: %+v", keys, account.Trail)
		}
	}
	ask.keys = []string{other}
	if account := sure(ask.run(ctx, c)); account.complete() {
		t.Error("complete without the key")
	}
	ask.keys = []string{mine, "ask"}
	if err := ask.check(); !errors.As(err, new(usageError)) {
		t.Errorf("files and asking: %v", err)
	}
	ask.keys = []string{mine, filepath.Join(b.dir, "..", "bad.json")}
	if _, err := ask.run(ctx, c); err == nil || !strings.Contains(err.Error(), "bad.json: read list of public keys") {
		t.Errorf("a file that is none: %v", err)
	}
}
