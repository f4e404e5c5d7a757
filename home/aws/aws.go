// Package awshome is the home on AWS: the ledger and the queue in a DynamoDB
// table, the archive in S3, notices on SNS, the key in KMS. It has a file of the
// same name for every file of its twin on one machine, home/embedded.
package awshome

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/logging"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// Options are what a home does not decide itself.
type Options struct {
	Clock  flow.Clock     // nil: the machine's
	Notify flow.Notifier  // nil: the home's topic
	Config *Config        // nil: as the home's parameter says
	AWS    *aws.Config    // nil: as environment and shared files say
	Log    *slog.Logger   // nil: nothing is logged
	Watch  everqual.Watch // nil: nobody is told of the home's requests
}

// ErrNoKey is what a home without a key says when it should sign.
var ErrNoKey = errors.New("the home has no key_id: its ledger is not signed, and no checkpoint proves that nobody changed it: put a KMS key into its parameter")

// Open opens the home with the name. It makes nothing: the deployment does.
func Open(ctx context.Context, name string, opt Options) (flow.Home, error) {
	cfg, c, err := resolve(ctx, name, opt)
	if err != nil {
		return flow.Home{}, err
	}
	if opt.Clock == nil {
		opt.Clock = flow.MachineClock{}
	}
	if opt.Notify == nil {
		opt.Notify = &notifier{sns.NewFromConfig(cfg), c.TopicARN}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if c.KeyID == "" {
		opt.Log.Warn(ErrNoKey.Error(), "home", name)
	}
	t := &table{dynamodb.NewFromConfig(cfg), c.Table}
	blobs := &archive{s3.NewFromConfig(cfg, bucketStyle), c.Bucket}
	records := ledger.New(&store{t, blobs}, opt.Clock.Now)
	sign := func(ctx context.Context) (ledger.Signer, string, error) {
		if c.KeyID == "" {
			return nil, "", ErrNoKey
		}
		return NewSigner(ctx, kms.NewFromConfig(cfg), c.KeyID)
	}
	return flow.Home{
		Ledger: records, Archive: blobs, Notify: opt.Notify, Clock: opt.Clock, Signer: sign,
		Queue: &queue{t, opt.Clock, &bell{sqs.NewFromConfig(cfg), c.QueueURL}},
		Close: sync.OnceValue(func() error {
			if c.KeyID == "" {
				return nil
			}
			return records.Seal(context.WithoutCancel(ctx), sign)
		}),
	}, nil
}

// attempts is how often a call is sent: a throttled one costs little, and a run
// that ends for it much.
const attempts = 8

// resolve finds the parts of the home.
func resolve(ctx context.Context, name string, opt Options) (cfg aws.Config, c Config, err error) {
	if !named.MatchString(name) {
		return cfg, c, fmt.Errorf("open home: %q is no name: it has letters, digits and -_. only, as in --home aws://production", name)
	}
	if opt.AWS != nil {
		cfg = opt.AWS.Copy()
	} else if cfg, err = config.LoadDefaultConfig(ctx); err != nil {
		return cfg, c, fmt.Errorf("open home: read the AWS configuration: %w", err)
	}
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = attempts
	}
	cfg.Logger = remarks(opt.Log)
	if opt.Watch != nil {
		cfg.APIOptions = append(slices.Clip(cfg.APIOptions), watching(opt.Watch))
	}
	if opt.Config != nil {
		return cfg, *opt.Config, nil
	}
	c, err = read(ctx, cfg, name)
	return cfg, c, err
}

// remarks takes what the SDK has to say, about connections mostly, which it would
// write to standard error in a form of its own. It is detail: what fails is an error,
// and what succeeded at the second try is nothing to tell.
func remarks(log *slog.Logger) logging.Logger {
	if log == nil {
		return logging.Nop{}
	}
	return logging.LoggerFunc(func(_ logging.Classification, format string, v ...any) {
		log.Debug("AWS SDK: " + fmt.Sprintf(format, v...))
	})
}

// bucketStyle is for another endpoint than AWS's own, which seldom answers to bucket
// host names. A file that somebody uploaded without a checksum is nothing to tell.
func bucketStyle(o *s3.Options) {
	o.UsePathStyle = o.BaseEndpoint != nil
	o.DisableLogOutputChecksumValidationSkipped = true
}
