package awshome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bucket reads a bucket that others write, such as the log archive of CloudTrail.
type Bucket struct {
	s3   *s3.Client
	name string
}

// OpenBucket finds the bucket with the credentials of a profile, "" being the usual
// one, in whatever region it is.
func OpenBucket(ctx context.Context, profile, name string) (*Bucket, error) {
	var load []func(*config.LoadOptions) error
	if profile != "" {
		load = append(load, config.WithSharedConfigProfile(profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	cfg.RetryMaxAttempts = attempts
	region, err := regionOf(ctx, s3.NewFromConfig(cfg, bucketStyle), name)
	if err != nil {
		return nil, err
	}
	if region != "" {
		cfg.Region = region
	}
	return &Bucket{s3.NewFromConfig(cfg, bucketStyle), name}, nil
}

// regionOf asks for the region of a bucket; S3 tells it also when it refuses.
func regionOf(ctx context.Context, client *s3.Client, name string) (string, error) {
	out, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if err == nil {
		return aws.ToString(out.BucketRegion), nil
	}
	var refused *smithyhttp.ResponseError
	switch {
	case !errors.As(err, &refused) || refused.Response == nil:
		return "", said("find the bucket "+name, err)
	case refused.HTTPStatusCode() == http.StatusNotFound:
		return "", fmt.Errorf("find the bucket %s: there is none of this name: %w", name, fs.ErrNotExist)
	}
	return refused.Response.Header.Get("X-Amz-Bucket-Region"), nil
}

// List yields the keys that begin with prefix, in order.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		pages := s3.NewListObjectsV2Paginator(b.s3, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield("", said(fmt.Sprintf("list s3://%s/%s", b.name, prefix), err))
				return
			}
			for _, o := range page.Contents {
				if !yield(aws.ToString(o.Key), nil) {
					return
				}
			}
		}
	}
}

// Open opens an object, and tells what was said of it when it was written;
// fs.ErrNotExist when there is none.
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadCloser, map[string]string, error) {
	return object(ctx, b.s3, b.name, key)
}

func object(ctx context.Context, client *s3.Client, bucket, key string) (io.ReadCloser, map[string]string, error) {
	action := fmt.Sprintf("read s3://%s/%s", bucket, key)
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if errors.As(err, new(*types.NoSuchKey)) {
		return nil, nil, fmt.Errorf("%s: %w", action, fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, said(action, err)
	}
	return out.Body, out.Metadata, nil
}
