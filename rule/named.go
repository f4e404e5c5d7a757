package rule

import (
	"strings"

	"github.com/everqual/everqual"
)

// Resource tells which resource an ARN names, without an event. The ID has the
// form that Match gives it (an IAM role without its path, a function without
// its version), so that both speak of one resource. Region and Account are ""
// where the ARN lacks them. ok is false when no rule describes such a resource.
func (s *Set) Resource(id everqual.ResourceID) (r everqual.Resource, ok bool) {
	arn, _ := id.Parts()
	for _, t := range s.types[arn.Service] {
		if r, ok := t.resource(string(id), &origin{}); ok {
			return r, true
		}
	}
	return everqual.Resource{}, false
}

// Named tells which resource of a type an id names, in any form that the type
// knows: its ARN, its name, its native id. The account and the region are those of
// the id, else those given.
func (s *Set) Named(resourceType, id, account, region string) (r everqual.Resource, ok bool) {
	for _, t := range s.typesNamed(resourceType) {
		if r, ok := t.resource(id, &origin{account: account, region: region}); ok {
			return r, true
		}
		// The URL of a queue ends in its name.
		if _, path, found := strings.Cut(id, "://"); found {
			if r, ok := t.resource(path[strings.LastIndexByte(path, '/')+1:], &origin{account: account, region: region}); ok {
				return r, true
			}
		}
	}
	return everqual.Resource{}, false
}
