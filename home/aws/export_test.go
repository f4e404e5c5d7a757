package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/everqual/everqual/ledger"
)

// OpenStore opens the ledger's store alone, for its suite.
func OpenStore(ctx context.Context, name string, opt Options) (ledger.Store, error) {
	cfg, c, err := resolve(ctx, name, opt)
	return &store{&table{dynamodb.NewFromConfig(cfg), c.Table}, &archive{s3.NewFromConfig(cfg, bucketStyle), c.Bucket}}, err
}
