package awshome

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// mostDeletes is how many versions one call deletes.
const mostDeletes = 1000

// version is one of an object, or what hides the object: a delete marker.
type version struct {
	key, id        string
	marker, latest bool
}

// Erase deletes blobs with all their versions: to delete an object in a bucket with
// versions only hides it. What is read goes last, so that one that was cut off is
// still there and is begun again. What is locked is an error: no governance is bypassed.
func (a *archive) Erase(ctx context.Context, digests ...everqual.Digest) error {
	all, err := a.versionsOf(ctx, digests)
	if err != nil {
		return err
	}
	older := slices.DeleteFunc(slices.Clone(all), func(v version) bool { return v.latest })
	latest := slices.DeleteFunc(all, func(v version) bool { return !v.latest })
	for _, some := range [][]version{older, latest} {
		for batch := range slices.Chunk(some, mostDeletes) {
			if err := a.remove(ctx, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *archive) versionsOf(ctx context.Context, digests []everqual.Digest) ([]version, error) {
	found := make([][]version, len(digests))
	err := together(ctx, len(digests), func(ctx context.Context, i int) (err error) {
		found[i], err = a.versions(ctx, digests[i])
		return err
	})
	return slices.Concat(found...), err
}

func (a *archive) versions(ctx context.Context, d everqual.Digest) (all []version, err error) {
	if d.Hex() == "" {
		return nil, everqual.Permanent(fmt.Errorf("delete from the archive: %q is no SHA-256 digest", d))
	}
	key := blobKey(d)
	pages := s3.NewListObjectVersionsPaginator(a.s3, &s3.ListObjectVersionsInput{Bucket: &a.bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(fmt.Sprintf("list the versions of s3://%s/%s", a.bucket, key), err)
		}
		for _, v := range page.Versions {
			all = append(all, version{aws.ToString(v.Key), aws.ToString(v.VersionId), false, aws.ToBool(v.IsLatest)})
		}
		for _, m := range page.DeleteMarkers {
			all = append(all, version{aws.ToString(m.Key), aws.ToString(m.VersionId), true, aws.ToBool(m.IsLatest)})
		}
	}
	return slices.DeleteFunc(all, func(v version) bool { return v.key != key }), nil
}

// remove deletes these versions. S3 answers for each: those that it had no time for
// are asked for again, and deleting one that is gone is no error.
func (a *archive) remove(ctx context.Context, some []version) error {
	action := "delete from s3://" + a.bucket
	for try := 0; ; try++ {
		var ids []types.ObjectIdentifier
		for _, v := range some {
			ids = append(ids, types.ObjectIdentifier{Key: aws.String(v.key), VersionId: aws.String(v.id)})
		}
		out, err := a.s3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &a.bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		if err != nil || len(out.Errors) == 0 {
			return said(action, err)
		}
		var again []version
		for _, e := range out.Errors {
			these := meant(some, e)
			if !busy[aws.ToString(e.Code)] || len(these) == 0 {
				return a.refusedTo(ctx, action, e, these)
			}
			again = append(again, these...)
		}
		if err := wait(ctx, try, action, cause(out.Errors[0])); err != nil {
			return err
		}
		some = again
	}
}

// busy are S3's names for not now.
var busy = map[string]bool{"SlowDown": true, "InternalError": true, "ServiceUnavailable": true, "RequestTimeout": true}

// meant are those of the versions that an error speaks of: all of an object where it
// names none. What is asked for again always has a version: without one it would be hidden.
func meant(some []version, e types.Error) (these []version) {
	for _, v := range some {
		if id := aws.ToString(e.VersionId); v.key == aws.ToString(e.Key) && (id == "" || id == v.id) {
			these = append(these, v)
		}
	}
	return these
}

func cause(e types.Error) error {
	return &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)}
}

// refusedTo says what was not deleted, and how it is locked if it is: somebody locked
// it after Locks.
func (a *archive) refusedTo(ctx context.Context, action string, e types.Error, versions []version) error {
	action += ": " + aws.ToString(e.Key)
	for _, v := range versions {
		if lock, err := a.lock(ctx, v); err == nil && lock != nil {
			return fmt.Errorf("%s is locked %s: %w", action, lock, cause(e))
		}
	}
	return said(action, cause(e))
}

// Locks are those of blobs of which S3 lets no version be deleted yet.
func (a *archive) Locks(ctx context.Context, digests ...everqual.Digest) ([]flow.Lock, error) {
	_, err := a.s3.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &a.bucket})
	if code(err) == "ObjectLockConfigurationNotFoundError" || len(digests) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, said("ask for the locks of s3://"+a.bucket, err)
	}
	found := make([]*flow.Lock, len(digests))
	err = together(ctx, len(digests), func(ctx context.Context, i int) error {
		all, err := a.versions(ctx, digests[i])
		for _, v := range all {
			if err == nil && !v.marker {
				var one *flow.Lock
				one, err = a.lock(ctx, v)
				found[i] = flow.Stronger(found[i], one)
			}
		}
		return err
	})
	var locks []flow.Lock
	for i, lock := range found {
		if lock != nil {
			lock.Digest = digests[i]
			locks = append(locks, *lock)
		}
	}
	return locks, err
}

// lock is what keeps a version from being deleted, nil where nothing does.
func (a *archive) lock(ctx context.Context, v version) (*flow.Lock, error) {
	held, err := a.s3.GetObjectLegalHold(ctx, &s3.GetObjectLegalHoldInput{Bucket: &a.bucket, Key: &v.key, VersionId: &v.id})
	if err := unlessNone("legal hold", v, err); err != nil {
		return nil, err
	}
	kept, err := a.s3.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &a.bucket, Key: &v.key, VersionId: &v.id})
	if err := unlessNone("retention", v, err); err != nil {
		return nil, err
	}
	var lock flow.Lock
	if held != nil && held.LegalHold != nil && held.LegalHold.Status == types.ObjectLockLegalHoldStatusOn {
		lock.Hold = true
	}
	if kept != nil && kept.Retention != nil {
		lock.Mode, lock.Until = string(kept.Retention.Mode), aws.ToTime(kept.Retention.RetainUntilDate)
	}
	if !lock.Hold && lock.Until.IsZero() {
		return nil, nil
	}
	return &lock, nil
}

// unlessNone is an error unless it says that there is none.
func unlessNone(what string, v version, err error) error {
	if code(err) == "NoSuchObjectLockConfiguration" {
		return nil
	}
	return said(fmt.Sprintf("ask for the %s of version %s of %s", what, v.id, v.key), err)
}
