package collect

import "github.com/everqual/everqual"

// tagKeys are the names under which AWS services return tags.
var tagKeys = []string{"Tags", "TagList", "TagSet"}

// TagsOf reads the tags out of the attributes, in any of the shapes that AWS
// services use: a list of {Key, Value} or {TagKey, TagValue}, or an object.
func TagsOf(a everqual.Attributes) map[string]string {
	tags := map[string]string{}
	for _, key := range tagKeys {
		switch list := a[key].(type) {
		case []any:
			for _, element := range list {
				addTag(tags, element)
			}
		case map[string]any:
			for k, v := range list {
				if s, ok := v.(string); ok {
					tags[k] = s
				}
			}
		}
	}
	if len(tags) == 0 {
		return nil
	}
	return tags
}

func addTag(tags map[string]string, element any) {
	tag, _ := element.(map[string]any)
	for _, names := range [][2]string{{"Key", "Value"}, {"TagKey", "TagValue"}} {
		if key, ok := tag[names[0]].(string); ok {
			value, _ := tag[names[1]].(string) // a tag may come without a value
			tags[key] = value
		}
	}
}
