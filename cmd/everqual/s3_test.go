package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/flow"
)

// uploaded puts a copy of a trail's bucket into S3, with the metadata that lies beside
// its digests.
func uploaded(t *testing.T, dir, bucket string) {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle, o.Region = true, "eu-west-3" })
	_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-3"}})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".metadata.json") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		metadata := map[string]string{}
		if text, err := os.ReadFile(path + ".metadata.json"); err == nil {
			for _, pair := range strings.Split(strings.Trim(string(text), "{}"), ",") {
				name, value, _ := strings.Cut(pair, ":")
				metadata[strings.Trim(name, `"`)] = strings.Trim(value, `"`)
			}
		}
		key, err := filepath.Rel(dir, path)
		if err == nil {
			_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String(filepath.ToSlash(key)), Body: bytes.NewReader(b), Metadata: metadata})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// keyService answers as CloudTrail does when it is asked for its public keys: first
// with one that signed nothing here.
func keyService(t *testing.T, key *rsa.PrivateKey) string {
	other := sure(rsa.GenerateKey(rand.Reader, 2048))
	reply := func(k *rsa.PrivateKey, next string) string {
		der := x509.MarshalPKCS1PublicKey(&k.PublicKey)
		return fmt.Sprintf(`{"PublicKeyList":[{"Value":%q,"Fingerprint":"%x","ValidityStartTime":1767225600,"ValidityEndTime":1798675200}]%s}`,
			base64.StdEncoding.EncodeToString(der), md5.Sum(der), next)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := sure(io.ReadAll(r.Body))
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/cloudtrail/") ||
			!bytes.Contains(body, []byte(`"StartTime":1772442000`)) {
			t.Errorf("asked %s: %s", r.Header.Get("X-Amz-Target"), body)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if bytes.Contains(body, []byte("NextToken")) {
			io.WriteString(w, reply(key, ""))
		} else {
			io.WriteString(w, reply(other, `,"NextToken":"2"`))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// Log files are taken in from S3 where they are, and held against their digests there.
func TestTrailInS3(t *testing.T) {
	mototest.Start(t)
	ctx := context.Background()
	b := bucket{t, filepath.Join(t.TempDir(), "bucket"), sure(rsa.GenerateKey(rand.Reader, 2048))}
	b.hour([]byte(`{"Records":[` + call("e-1", "ec2", "CreateIpam", `{}`, "") + `,` + call("e-2", "ec2", "DescribeVolumes", `{}`, `,"readOnly":true`) + `]}`))
	uploaded(t, b.dir, "trail")
	c, err := newHome(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i, want := range []everqual.EventCounts{
		{Total: 2, ReadOnly: 1, Unmatched: 1}, {Total: 2, ReadOnly: 1, Duplicate: 1},
	} {
		var sum runResult
		if err := takeFromS3(ctx, c, "", "s3://trail/AWSLogs/111122223333/", sum.add); err != nil {
			t.Fatal(err)
		}
		if sum.Events != want || sum.Inputs.Files != 1 || len(sum.Inputs.Skipped) != 1 || !strings.Contains(sum.Inputs.Skipped[0].Message, "digest") {
			t.Errorf("time %d: %+v", i, sum)
		}
	}
	ask := completenessAsk{logs: "s3://trail/AWSLogs/111122223333/", keys: []string{filepath.Join(b.dir, "..", "keys.json")}}
	account, err := ask.run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if !account.complete() || account.Files != 1 || account.Fates[flow.FateOutOfScope] != 1 || account.Fates[flow.FateReadOnly] != 1 {
		t.Errorf("account %+v", account)
	}
	if err := ask.keep(ctx, c, account); err != nil {
		t.Fatal(err)
	}
	checkRecorded(t, c)
	// The keys may be asked for: in the region of the digests, page by page.
	t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", keyService(t, b.key))
	ask.keys = []string{"ask"}
	if account, err = ask.run(ctx, c); err != nil || !account.complete() || account.Files != 1 {
		t.Errorf("with keys that were asked for: %+v, %v", account, err)
	}
	for from, want := range map[string]string{"s3://absent/": "find the bucket absent: there is none"} {
		if err := takeFromS3(ctx, c, "", from, func(everqual.IntakeAccount) {}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", from, err, want)
		}
	}
}
