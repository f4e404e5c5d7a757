package awshome

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/everqual/everqual"
)

// archive keeps blobs in a bucket, each under its digest.
type archive struct {
	s3     *s3.Client
	bucket string
}

// maxBlob bounds a blob, so that no damaged or planted one fills the memory.
const maxBlob = 64 << 20

func blobKey(d everqual.Digest) string { return "archive/" + d.Hex() }

// Put keeps b, which must have the digest d. S3 compares the digest with what it
// received. A blob that is there already is checked, and written again if it is
// damaged; in a bucket with versions the damaged one stays for whoever asks.
func (a *archive) Put(ctx context.Context, d everqual.Digest, b []byte) error {
	if got := everqual.DigestOf(b); d != got {
		return everqual.Permanent(fmt.Errorf("archive blob as %q: its digest is %s", d, got))
	}
	if len(b) > maxBlob {
		return everqual.Permanent(fmt.Errorf("archive blob %s: %d bytes are more than the %d that can be kept", d.Short(), len(b), maxBlob))
	}
	for try := 0; ; try++ {
		err := a.put(ctx, d, b, aws.String("*"))
		switch code(err) {
		case "PreconditionFailed":
			return a.mend(ctx, d, b)
		case "ConditionalRequestConflict": // somebody puts the same at this moment
			if err := wait(ctx, try, "archive blob "+d.Short(), err); err != nil {
				return err
			}
		default:
			return said("archive blob "+d.Short(), err)
		}
	}
}

func (a *archive) put(ctx context.Context, d everqual.Digest, b []byte, ifNone *string) error {
	sum, _ := hex.DecodeString(d.Hex()) // of a digest: cannot fail
	_, err := a.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &a.bucket, Key: aws.String(blobKey(d)), Body: bytes.NewReader(b), IfNoneMatch: ifNone,
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum)),
	})
	return err
}

func (a *archive) mend(ctx context.Context, d everqual.Digest, b []byte) error {
	_, err := a.Get(ctx, d)
	if everqual.IsPermanent(err) {
		err = said("archive blob "+d.Short(), a.put(ctx, d, b, nil))
	}
	return err
}

// Get returns the blob with the digest d. An object that does not hold it is a
// permanent error that names bucket and key.
func (a *archive) Get(ctx context.Context, d everqual.Digest) ([]byte, error) {
	if d.Hex() == "" {
		return nil, everqual.Permanent(fmt.Errorf("read archive: %q is no SHA-256 digest", d))
	}
	b, err := a.read(ctx, blobKey(d))
	if err != nil {
		return nil, err
	}
	if got := everqual.DigestOf(b); got != d {
		return nil, everqual.Permanent(fmt.Errorf("blob s3://%s/%s is damaged: it holds a blob with the digest %s: restore an earlier version of it", a.bucket, blobKey(d), got))
	}
	return b, nil
}

// read reads an object. What it is checked against is the caller's.
func (a *archive) read(ctx context.Context, key string) ([]byte, error) {
	in, err := a.Open(ctx, a.bucket, key)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxBlob+1))
	if err == nil && len(b) > maxBlob {
		err = everqual.Permanent(fmt.Errorf("it is longer than %d bytes", maxBlob))
	}
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", a.bucket, key, err)
	}
	return b, nil
}

// Open opens an object that others wrote.
func (a *archive) Open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	in, _, err := object(ctx, a.s3, bucket, key)
	return in, err
}

// code is AWS's name of an error; empty where it has none.
func code(err error) string {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return ""
	}
	return e.ErrorCode()
}
