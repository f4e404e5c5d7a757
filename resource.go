package everqual

import "strings"

// ResourceID is the Amazon Resource Name (ARN) of a resource.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ResourceID string

// Resource is the thing under qualification.
type Resource struct {
	ID ResourceID `json:"id"`
	// Type is the CloudFormation name, such as "AWS::EC2::Instance".
	Type string `json:"type"`
	// Account is the 12-digit account that owns it.
	Account string `json:"account"`
	// Region is where AWS answers for it, also for types whose ARN has none.
	Region string `json:"region"`
}

// ARN is a ResourceID in its parts. Rest is what follows the account, such as
// "instance/i-0abc" or "db:lims".
type ARN struct {
	Partition, Service, Region, Account, Rest string
}

// Parts splits id; ok is false when it is no ARN.
func (id ResourceID) Parts() (a ARN, ok bool) {
	p := strings.SplitN(string(id), ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[5] == "" {
		return ARN{}, false
	}
	return ARN{Partition: p[1], Service: p[2], Region: p[3], Account: p[4], Rest: p[5]}, true
}

// CutPrefix is strings.CutPrefix with a prefix in which "*" stands for anything
// that has no slash.
func CutPrefix(s, prefix string) (rest string, found bool) {
	before, after, star := strings.Cut(prefix, "*")
	if rest, found = strings.CutPrefix(s, before); !star || !found {
		return rest, found
	}
	i := strings.Index(rest, after)
	if i < 0 || strings.Contains(rest[:i], "/") {
		return s, false
	}
	return rest[i+len(after):], true
}

// CutSuffix is strings.CutSuffix with a suffix that may end in "*", which stands
// for anything that has no slash.
func CutSuffix(s, suffix string) (rest string, found bool) {
	before, star := strings.CutSuffix(suffix, "*")
	if !star {
		return strings.CutSuffix(s, suffix)
	}
	i := strings.LastIndex(s, before)
	if i < 0 || strings.Contains(s[i+len(before):], "/") {
		return s, false
	}
	return s[:i], true
}

// Name returns the last segment of the ARN: the instance id, the bucket name,
// the role name without its path.
func (id ResourceID) Name() string {
	return string(id[strings.LastIndexAny(string(id), "/:")+1:])
}

// Partition returns the ARN partition that a region belongs to.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	}
	return "aws"
}
