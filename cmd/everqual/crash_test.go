package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// TestKilledRun kills the program at random moments of a run and starts it
// again, until it comes through: every event is recorded once, every resource
// has one version, and nothing is left or dead.
func TestKilledRun(t *testing.T) {
	const buckets, kills = 12, 15
	mototest.Start(t)
	w := &workload{t: t, dir: t.TempDir()}
	w.write("specs/system.json", `{"id": "WEB", "title": "Web shop", "scope": {"tags": {"System": "WEB"}}}`)
	w.write("specs/bucket.json", e2eBucket)
	w.deployBuckets(buckets)
	args := []string{"run", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s", "--debounce", "0s", "--visibility", "2s",
		"--home", filepath.Join(w.dir, "home"), "--specs", filepath.Join(w.dir, "specs")}
	killed := 0
	for range kills {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(rand.IntN(700))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		if err := cmd.Wait(); err != nil {
			killed++
		}
		timer.Stop()
	}
	if killed == 0 {
		t.Fatal("no run was killed: the test proves nothing")
	}
	var r runOutput
	w.everqual(&r, "run", "--from", filepath.Join(w.dir, "logs"), "--settle", "0s", "--debounce", "0s", "--visibility", "2s")
	if r.Events.Total != 2*buckets || r.Work.DeadLetters != 0 {
		t.Errorf("the last run says %+v", r)
	}
	var events []struct{ ID string }
	w.everqual(&events, "events")
	if len(events) != 2*buckets {
		t.Errorf("%d events are recorded, want %d", len(events), 2*buckets)
	}
	for i := range buckets {
		w.onceOnly(fmt.Sprintf("arn:aws:s3:::bucket-%d", i))
	}
}

// deployBuckets makes buckets, with two events each.
func (w *workload) deployBuckets(n int) {
	cfg := must(config.LoadDefaultConfig(w.t.Context()))(w.t)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	for i := range n {
		name := fmt.Sprint("bucket-", i)
		must(client.CreateBucket(w.t.Context(), &s3.CreateBucketInput{Bucket: &name,
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))(w.t)
		key, value := "System", "WEB"
		must(client.PutBucketTagging(w.t.Context(), &s3.PutBucketTaggingInput{Bucket: &name,
			Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: &key, Value: &value}}}}))(w.t)
		w.heard("s3", "CreateBucket", "deployer", fmt.Sprintf(`{"bucketName":%q}`, name), "null")
		w.heard("s3", "PutBucketTagging", "deployer", fmt.Sprintf(`{"bucketName":%q}`, name), "null")
	}
}

// onceOnly checks that an unchanged resource has exactly one version.
func (w *workload) onceOnly(arn string) {
	var records []struct{ Kind string }
	w.everqual(&records, "history", arn)
	kinds := map[string]int{}
	for _, r := range records {
		kinds[r.Kind]++
	}
	if kinds["observation"] != 1 || kinds["change-event"] != 2 || kinds["dead-letter"] != 0 {
		w.t.Errorf("%s has %v, want 1 observation, 2 change events", arn, kinds)
	}
}
