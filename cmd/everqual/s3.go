package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/trail"
)

// inS3 takes s3://BUCKET/PREFIX apart.
func inS3(path string) (bucket, prefix string, ok bool) {
	rest, ok := strings.CutPrefix(path, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	return bucket, prefix, ok
}

// objectsTogether is how many log files share an account of intake.
const objectsTogether = 100

// takeFromS3 takes in the log files below a prefix, in the order of their keys, and
// tells the account of each hundred: when it is broken off and begun again, these are
// duplicates.
func takeFromS3(ctx context.Context, c *flow.Corridor, profile, from string, taken func(everqual.IntakeAccount)) error {
	name, prefix, _ := inS3(from)
	bucket, err := awshome.OpenBucket(ctx, profile, name)
	if err != nil {
		return err
	}
	var together []string
	take := func() error {
		if len(together) == 0 {
			return nil
		}
		account, err := takeObjects(ctx, c, bucket, name, together)
		if err == nil {
			taken(account)
		}
		together = nil
		return err
	}
	for key, err := range bucket.List(ctx, prefix) {
		if err != nil {
			return err
		}
		switch why := intake.Unwanted(key); {
		case strings.HasSuffix(key, "/"): // a folder that somebody made in the console
		case why != "":
			taken(everqual.IntakeAccount{Skipped: []everqual.InputProblem{{Place: everqual.Place{Input: "s3://" + name + "/" + key}, Message: why}}})
		default:
			together = append(together, key)
		}
		if len(together) == objectsTogether {
			if err := take(); err != nil {
				return err
			}
		}
	}
	return take()
}

func takeObjects(ctx context.Context, c *flow.Corridor, bucket *awshome.Bucket, name string, keys []string) (everqual.IntakeAccount, error) {
	var inputs []flow.Delivered
	for _, key := range keys {
		in := &lateObject{ctx: ctx, bucket: bucket, key: key}
		defer in.Close()
		inputs = append(inputs, flow.Delivered{Name: "s3://" + name + "/" + key, Reader: in})
	}
	from := fmt.Sprintf("s3://%s/%s and %d more", name, keys[0], len(keys)-1)
	return c.TakeDelivered(ctx, from, inputs...)
}

// lateObject is an object that is opened when it is read.
type lateObject struct {
	ctx    context.Context
	bucket *awshome.Bucket
	key    string
	in     io.ReadCloser
}

func (o *lateObject) Read(p []byte) (int, error) {
	if o.in == nil {
		var err error
		if o.in, _, err = o.bucket.Open(o.ctx, o.key); err != nil {
			return 0, err
		}
	}
	return o.in.Read(p)
}

func (o *lateObject) Close() error {
	if o.in == nil {
		return nil
	}
	return o.in.Close()
}

// trailFiles are those of a trail's bucket: in a folder that holds a copy, or in S3
// itself.
func trailFiles(ctx context.Context, logs, bucket string) (trail.Files, error) {
	name, prefix, ok := inS3(logs)
	if !ok {
		return trail.Folder(logs, bucket), nil
	}
	if bucket != "" && bucket != name {
		return nil, usagef("--bucket %s is not the bucket of %s", bucket, logs)
	}
	b, err := awshome.OpenBucket(ctx, "", name)
	return trailObjects{b, name, prefix}, err
}

// trailObjects are those of a bucket below a prefix.
type trailObjects struct {
	*awshome.Bucket
	name, prefix string
}

func (b trailObjects) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	if !strings.HasPrefix(prefix, b.prefix) {
		prefix = b.prefix
	}
	return b.Bucket.List(ctx, prefix)
}

// maxTrailObject is how long an object of a trail may be, in bytes as it is stored.
const maxTrailObject = 512 << 20

func (b trailObjects) Get(ctx context.Context, key string) (trail.Object, error) {
	o := trail.Object{Bucket: b.name, Key: key}
	in, metadata, err := b.Open(ctx, key)
	if err != nil {
		return o, err
	}
	defer in.Close()
	o.Metadata = metadata
	if o.Body, err = io.ReadAll(io.LimitReader(in, maxTrailObject+1)); err == nil && len(o.Body) > maxTrailObject {
		err = trail.ErrTooLarge
	}
	return o, err
}

// logFile reads the events of a validated log file, wherever it is.
func logFile(ctx context.Context, files trail.Files, logs, key string) iter.Seq[intake.Item] {
	var reader intake.Reader
	b, ok := files.(trailObjects)
	if !ok {
		return reader.Open(ctx, intake.Input{Path: filepath.Join(logs, filepath.FromSlash(key))}, nil)
	}
	return func(yield func(intake.Item) bool) {
		in := &lateObject{ctx: ctx, bucket: b.Bucket, key: key}
		defer in.Close()
		for item := range reader.Read(ctx, "s3://"+b.name+"/"+key, in) {
			if !yield(item) {
				return
			}
		}
	}
}
