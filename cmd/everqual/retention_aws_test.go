package main

import (
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

// TestRetentionOnAWS deletes what has expired from a bucket with versions. What S3 has
// locked stays, is told of with its end, and is not recorded as deleted; when nothing
// locks it any more it goes too. What is left verifies.
func TestRetentionOnAWS(t *testing.T) {
	mototest.Start(t).TellLocks(t)
	standInForKMS(t)
	w := &workload{t: t, dir: t.TempDir(), s3: s3.NewFromConfig(must(config.LoadDefaultConfig(t.Context()))(t), func(o *s3.Options) { o.UsePathStyle = true })}
	w.deployEmpty("kept", "alias/ledger")
	follow(t, w.dir, []step{
		{0, "", "demo --out demo"},
		{0, "signs from now on", "migrate --from demo/home --to aws://kept"},
		{0, "Recorded", "retention set observation 1d --home aws://kept --by quality --reason SOP-12"},
		{0, "ends the hold", "retention hold --home aws://kept --id h --system LIMS --by counsel --reason inspection"},
		{0, " 0 may be deleted", "retention apply --home aws://kept --by archivist --reason yearly"},
		{0, "Recorded", "retention release h --home aws://kept --by counsel --reason closed"},
	})
	expired := w.expired().Expired
	if len(expired) < 3 {
		t.Fatalf("%d blobs have expired", len(expired))
	}
	w.retain(expired[0], types.ObjectLockRetentionModeCompliance, "2031-01-02T03:04:05Z")
	w.hold(expired[1], types.ObjectLockLegalHoldStatusOn)
	follow(t, w.dir, []step{
		{0, "COMPLIANCE until 2031-01-02T03:04:05Z", "retention apply --home aws://kept --dry-run"},
		{3, "legal hold", "retention apply --home aws://kept --by archivist --reason yearly"},
		{3, "2031-01-02T03:04:05Z", "retention apply --home aws://kept --by archivist --reason yearly -o json"},
		{0, "Verified", "verify --home aws://kept"},
	})
	if left := w.versions(expired[2]); left > 0 {
		t.Errorf("%d versions of what was deleted are left", left)
	}
	w.hold(expired[1], types.ObjectLockLegalHoldStatusOff)
	follow(t, w.dir, []step{
		{3, "1 blob deleted", "retention apply --home aws://kept --by archivist --reason yearly"},
		{0, "deleted when the retention had passed", "verify --home aws://kept"},
	})
	if a, b := w.versions(expired[0]), w.versions(expired[1]); a != 1 || b != 0 {
		t.Errorf("%d versions of what is locked are left, and %d of what was", a, b)
	}
}

// expired is how the archive stands.
func (w *workload) expired() flow.Retained {
	h := must(awshome.Open(w.t.Context(), "kept", awshome.Options{}))(w.t)
	defer h.Close()
	return must((&flow.Corridor{Home: h}).Retained(w.t.Context()))(w.t)
}

func (w *workload) retain(d everqual.Digest, mode types.ObjectLockRetentionMode, until string) {
	at := must(time.Parse(time.RFC3339, until))(w.t)
	must(w.s3.PutObjectRetention(w.t.Context(), &s3.PutObjectRetentionInput{Bucket: aws.String("kept-home"), Key: aws.String("archive/" + d.Hex()),
		VersionId: w.only(d), Retention: &types.ObjectLockRetention{Mode: mode, RetainUntilDate: &at}}))(w.t)
}

func (w *workload) hold(d everqual.Digest, status types.ObjectLockLegalHoldStatus) {
	must(w.s3.PutObjectLegalHold(w.t.Context(), &s3.PutObjectLegalHoldInput{Bucket: aws.String("kept-home"), Key: aws.String("archive/" + d.Hex()),
		VersionId: w.only(d), LegalHold: &types.ObjectLockLegalHold{Status: status}}))(w.t)
}

func (w *workload) listed(d everqual.Digest) *s3.ListObjectVersionsOutput {
	return must(w.s3.ListObjectVersions(w.t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("kept-home"), Prefix: aws.String("archive/" + d.Hex())}))(w.t)
}

func (w *workload) only(d everqual.Digest) *string { return w.listed(d).Versions[0].VersionId }

func (w *workload) versions(d everqual.Digest) int {
	out := w.listed(d)
	return len(out.Versions) + len(out.DeleteMarkers)
}
