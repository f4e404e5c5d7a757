package awshome

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Config names what a home consists of. The deployment writes it to the SSM
// parameter /everqual/NAME/home.
type Config struct {
	Table    string `json:"table"`            // DynamoDB: ledger, messages, dead letters
	QueueURL string `json:"queue_url"`        // SQS: names of messages
	Bucket   string `json:"bucket"`           // S3: archive, specifications, rules
	TopicARN string `json:"topic_arn"`        // SNS: notices
	KeyID    string `json:"key_id,omitempty"` // KMS; empty: nothing is signed
}

var named = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

func parameter(name string) string { return "/everqual/" + name + "/home" }

// ReadConfig reads the parameter of a home.
func ReadConfig(ctx context.Context, name string) (Config, error) {
	_, c, err := resolve(ctx, name, Options{})
	return c, err
}

// errUnasked is when there is nothing to ask AWS with: about the home nothing is known.
var errUnasked = errors.New("AWS was not asked")

func read(ctx context.Context, cfg aws.Config, name string) (Config, error) {
	p := parameter(name)
	if cfg.Region == "" {
		return Config{}, fmt.Errorf("open home: %w: no region is configured: set AWS_REGION to the home's", errUnasked)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return Config{}, fmt.Errorf("open home: %w: %w: log in, or set AWS_PROFILE", errUnasked, err)
	}
	out, err := ssm.NewFromConfig(cfg).GetParameter(ctx, &ssm.GetParameterInput{Name: &p, WithDecryption: aws.Bool(true)})
	if errors.As(err, new(*types.ParameterNotFound)) {
		return Config{}, fmt.Errorf("open home: there is no parameter %s in %s: deploy the home there, set AWS_REGION to where it is, or name another with --home aws://NAME", p, cfg.Region)
	}
	if err != nil {
		return Config{}, said("open home: read parameter "+p, err)
	}
	return ParseConfig(name, []byte(aws.ToString(out.Parameter.Value)))
}

// ParseConfig reads the value of a home's parameter. What is missing or unknown
// is an error: half a home would lose what the other half keeps.
func ParseConfig(name string, value []byte) (c Config, err error) {
	p := parameter(name)
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("parameter %s: %w: it is an object with table, queue_url, bucket, topic_arn and key_id", p, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return c, fmt.Errorf("parameter %s: something follows the object", p)
	}
	if missing := c.missing(); len(missing) > 0 {
		return c, fmt.Errorf("parameter %s: %s missing", p, strings.Join(missing, ", "))
	}
	return c, nil
}

func (c Config) missing() (names []string) {
	for _, f := range []struct{ name, value string }{
		{"table", c.Table}, {"queue_url", c.QueueURL}, {"bucket", c.Bucket}, {"topic_arn", c.TopicARN},
	} {
		if f.value == "" {
			names = append(names, f.name)
		}
	}
	return names
}
