package rule

import (
	"regexp"
	"strings"

	"github.com/everqual/everqual"
)

// origin is what an event says of itself: where it happened, to whom, and the
// parts that rules read.
type origin struct {
	root, detail *node
	source       string // "aws.ec2"
	detailType   string // "AWS API Call via CloudTrail"
	name         string // CloudTrail's eventName, else ""
	account      string // owner of what the event touches
	region       string
}

func originOf(root *node, e everqual.ChangeEvent) *origin {
	d := first(root, "detail")
	o := &origin{
		root: root, detail: d,
		source:     wordAt(root, "source"),
		detailType: wordAt(root, "detail-type"),
		name:       wordAt(d, "eventName"),
	}
	o.account = firstOf(wordAt(d, "recipientAccountId"), wordAt(root, "account"), e.Account)
	o.region = firstOf(regional(wordAt(d, "awsRegion")), wordAt(root, "region"), e.Region)
	return o
}

// regional is region, "" when it is the name under which AWS Config, Health and
// Security Hub list what has no region: no endpoint answers there.
func regional(region string) string {
	if region == "global" || region == "aws-global" {
		return ""
	}
	return region
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// version is the API date that Lambda and CloudFront append to event names:
// UpdateFunctionConfiguration20150331v2, UpdateDistribution2020_05_31.
var version = regexp.MustCompile(`20\d\d_?\d\d_?\d\d(v\d+)?$`)

// plainName is the event's name without the API date.
func (o *origin) plainName() string {
	if !strings.Contains(o.name, "20") {
		return o.name
	}
	return version.ReplaceAllString(o.name, "")
}

// unwrap steps into the one member in which the newer EC2 calls log their whole
// request or response: {"ModifyVolumeRequest": {"VolumeId": ...}}.
func (o *origin) unwrap(at []*node) {
	for i, n := range at {
		for _, suffix := range []string{"Request", "Response"} {
			if inner := first(n, o.name+suffix); inner != nil {
				at[i] = inner
			}
		}
	}
}

// owner returns the account that owns the ARN according to the event's
// resources list, for ARNs that name none.
func (o *origin) owner(arn string) string {
	for _, list := range get(o.detail, "resources") {
		for _, r := range spread(list, nil, true) {
			if wordAt(r, "ARN") == arn {
				if id := wordAt(r, "accountId"); id != "" {
					return id
				}
			}
		}
	}
	return o.account
}

// cut says which large parts CloudTrail left out of the event, "" when none.
func (o *origin) cut() string {
	for _, part := range []string{"requestParameters", "responseElements"} {
		if n := first(first(o.detail, part), "omitted"); n != nil && string(n.raw) == "true" {
			return "CloudTrail omitted " + part + " for its size"
		}
	}
	return ""
}
