package awshome

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/everqual/everqual"
)

// Folder reads the folder of the home's bucket that people keep files in, such as
// specs or rules; nil: there are none. Its files are in memory then: whoever reads
// them sees one state.
func Folder(ctx context.Context, name, folder string, opt Options) (fs.FS, error) {
	cfg, c, err := resolve(ctx, name, opt)
	if err != nil {
		return nil, err
	}
	a := &archive{s3.NewFromConfig(cfg, bucketStyle), c.Bucket}
	keys, err := a.list(ctx, folder+"/")
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	files := make([][]byte, len(keys))
	err = together(ctx, len(keys), func(ctx context.Context, i int) (err error) {
		files[i], err = a.read(ctx, keys[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return folded(folder, keys, files)
}

// list returns the keys that begin with prefix. What ends with a slash is a folder
// that somebody made in the console.
func (a *archive) list(ctx context.Context, prefix string) (keys []string, err error) {
	pages := s3.NewListObjectsV2Paginator(a.s3, &s3.ListObjectsV2Input{Bucket: &a.bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, said(fmt.Sprintf("list s3://%s/%s", a.bucket, prefix), err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return slices.DeleteFunc(keys, func(k string) bool { return strings.HasSuffix(k, "/") }), nil
}

// folded is a file system of the files: the standard library's in memory is the
// one of a zip file.
func folded(folder string, keys []string, files [][]byte) (fs.FS, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, k := range keys {
		w, err := z.Create(strings.TrimPrefix(k, folder+"/"))
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(files[i]); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
}

// upload writes a file where there is none.
func (a *archive) upload(ctx context.Context, key string, b []byte) error {
	action := fmt.Sprintf("write s3://%s/%s", a.bucket, key)
	_, err := a.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: &a.bucket, Key: &key, Body: bytes.NewReader(b), IfNoneMatch: aws.String("*")})
	if code(err) != "PreconditionFailed" {
		return said(action, err)
	}
	there, err := a.read(ctx, key)
	if err == nil && !bytes.Equal(there, b) {
		err = everqual.Permanent(fmt.Errorf("%s: another one is there: compare the two, and remove the wrong one", action))
	}
	return err
}
