package rule

import "github.com/everqual/everqual"

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
