package awshome_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
)

// vault is a home whose bucket keeps versions and can lock them.
type vault struct {
	*testing.T
	*front
	flow.Eraser
	archive flow.Archive
	s3      *s3.Client
	bucket  string
	seconds int
}

func newVault(t *testing.T) *vault {
	f := start(t, "")
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	name := f.deploy(t)
	c, err := awshome.ReadConfig(ctx, name)
	must(t, err)
	v := &vault{T: t, front: f, s3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }), bucket: name + "-locked"}
	_, err = v.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &v.bucket, ObjectLockEnabledForBucket: aws.Bool(true),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(cfg.Region)}})
	must(t, err)
	c.Bucket = v.bucket
	h, err := awshome.Open(ctx, name, awshome.Options{Config: &c})
	must(t, err)
	v.archive, v.Eraser = h.Archive, h.Archive.(flow.Eraser)
	return v
}

// kept puts a blob of which there is an older, damaged version.
func (v *vault) kept(text string) everqual.Digest {
	v.Helper()
	d, ctx := everqual.DigestOf([]byte(text)), v.Context()
	_, err := v.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &v.bucket, Key: aws.String("archive/" + d.Hex()), Body: strings.NewReader("damaged")})
	must(v, err)
	v.tick()
	must(v, v.archive.Put(ctx, d, []byte(text)))
	v.tick()
	return d
}

// tick lets a second pass: the server goes by it which version is the last.
func (v *vault) tick() {
	v.seconds++
	v.moto.Clock(v, mototest.Epoch.Add(time.Duration(v.seconds)*time.Second))
}

// left are the versions of a blob that are there, and what hides it; the older first.
func (v *vault) left(d everqual.Digest) (ids []string) {
	v.Helper()
	out, err := v.s3.ListObjectVersions(v.Context(), &s3.ListObjectVersionsInput{Bucket: &v.bucket, Prefix: aws.String("archive/" + d.Hex())})
	must(v, err)
	for _, x := range out.Versions {
		ids = append([]string{*x.VersionId}, ids...)
	}
	for _, x := range out.DeleteMarkers {
		ids = append(ids, *x.VersionId)
	}
	return ids
}

// Of a bucket with versions nothing is left, neither what was overwritten nor what
// hides it; what others keep beside it stays.
func TestEraseVersions(t *testing.T) {
	v := newVault(t)
	plain, hidden, other := v.kept("plain"), v.kept("hidden"), v.kept("other")
	_, err := v.s3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &v.bucket, Key: aws.String("archive/" + hidden.Hex())})
	must(t, err)
	beside := "archive/" + plain.Hex() + ".note"
	_, err = v.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &v.bucket, Key: &beside, Body: strings.NewReader("x")})
	must(t, err)
	if len(v.left(plain)) != 3 || len(v.left(hidden)) != 3 { // with the one beside, and the marker
		t.Fatalf("there are %v and %v", v.left(plain), v.left(hidden))
	}
	must(t, v.Erase(t.Context(), plain, hidden))
	if left := v.left(plain); len(left) != 1 || len(v.left(hidden)) > 0 || len(v.left(other)) != 2 {
		t.Errorf("left are %v, %v and %v", left, v.left(hidden), v.left(other))
	}
	if _, err := v.archive.Get(t.Context(), plain); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an erased blob: %v", err)
	}
	if err := v.Erase(t.Context(), "sha256:../x"); !everqual.IsPermanent(err) {
		t.Errorf("no digest: %v", err)
	}
}

// What S3 has locked is told with its end, and a deletion of it is refused: also one of
// governance, and where an older version alone is locked.
func TestEraseLocked(t *testing.T) {
	v := newVault(t)
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	retain := func(d everqual.Digest, id string, mode types.ObjectLockRetentionMode) {
		_, err := v.s3.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{Bucket: &v.bucket, Key: aws.String("archive/" + d.Hex()), VersionId: &id,
			Retention: &types.ObjectLockRetention{Mode: mode, RetainUntilDate: &until}})
		must(t, err)
	}
	free, compliance, governance, held := v.kept("free"), v.kept("compliance"), v.kept("governance"), v.kept("held")
	retain(compliance, v.left(compliance)[1], types.ObjectLockRetentionModeCompliance)
	retain(governance, v.left(governance)[0], types.ObjectLockRetentionModeGovernance)
	_, err := v.s3.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{Bucket: &v.bucket, Key: aws.String("archive/" + held.Hex()),
		LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn}})
	must(t, err)
	locks, err := v.Locks(t.Context(), free, compliance, governance, held)
	must(t, err)
	date := until.Format(time.RFC3339)
	want := map[everqual.Digest]string{compliance: "COMPLIANCE until " + date, governance: "GOVERNANCE until " + date, held: "legal hold"}
	if len(locks) != len(want) {
		t.Errorf("the locks are %v", locks)
	}
	for _, l := range locks {
		if !strings.Contains(l.String(), want[l.Digest]) || want[l.Digest] == "" {
			t.Errorf("a lock is %s, want %q", l, want[l.Digest])
		}
	}
	for d, says := range want {
		if err := v.Erase(t.Context(), d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("erase what is locked: %v, want %q", err, says)
		}
		if _, err := v.archive.Get(t.Context(), d); err != nil {
			t.Errorf("what is locked: %v", err)
		}
	}
	must(t, v.Erase(t.Context(), free))
}

// S3 answers for each version by itself: one that it had no time for is asked for
// again, and of a reply that was lost the versions are gone.
func TestEraseAgain(t *testing.T) {
	v := newVault(t)
	blobs := []everqual.Digest{v.kept("one"), v.kept("two")}
	older, calls := v.left(blobs[1])[0], 0
	end := v.meeting(func(_ string, serve func(), w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("delete") {
			serve()
			return
		}
		switch calls++; calls {
		case 1: // done, and the line cut
			serve()
			panic(http.ErrAbortHandler)
		case 2:
			fmt.Fprintf(w, `<DeleteResult><Error><Key>archive/%s</Key><VersionId>%s</VersionId><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error></DeleteResult>`,
				blobs[1].Hex(), older)
		default:
			body, err := io.ReadAll(r.Body)
			must(t, err)
			if n := strings.Count(string(body), "<Object>"); calls == 3 && n != 1 {
				t.Errorf("%d versions were asked for again, want 1", n)
			}
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			serve()
		}
	})
	must(t, v.Erase(t.Context(), blobs...))
	end()
	if calls < 4 || len(v.left(blobs[0])) > 0 || len(v.left(blobs[1])) > 0 {
		t.Errorf("after %d calls left are %v and %v", calls, v.left(blobs[0]), v.left(blobs[1]))
	}
}
