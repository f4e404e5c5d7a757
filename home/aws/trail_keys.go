package awshome

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

// TrailKeys asks CloudTrail for the public keys that it signed digests with, in each
// region, and returns them as 'aws cloudtrail list-public-keys' prints them. A key is
// trusted because AWS gave it over TLS.
func TrailKeys(ctx context.Context, regions []string, from, to time.Time) ([]byte, error) {
	type key struct {
		Value, Fingerprint                 string
		ValidityStartTime, ValidityEndTime time.Time
	}
	var list struct{ PublicKeyList []key }
	list.PublicKeyList = []key{}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	cfg.RetryMaxAttempts = attempts
	for _, region := range regions {
		client := cloudtrail.NewFromConfig(cfg, func(o *cloudtrail.Options) { o.Region = region })
		pages := cloudtrail.NewListPublicKeysPaginator(client, &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, said("ask CloudTrail in "+region+" for its public keys", err)
			}
			for _, k := range page.PublicKeyList {
				list.PublicKeyList = append(list.PublicKeyList, key{
					Value: base64.StdEncoding.EncodeToString(k.Value), Fingerprint: aws.ToString(k.Fingerprint),
					ValidityStartTime: aws.ToTime(k.ValidityStartTime), ValidityEndTime: aws.ToTime(k.ValidityEndTime),
				})
			}
		}
	}
	return json.Marshal(list)
}
