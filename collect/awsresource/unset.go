package awsresource

// nullUnset makes members that AWS leaves out when nothing is configured
// explicit nulls: those that say something by their absence.
func (l *look) nullUnset(names ...string) { nullUnset(l.attributes, names...) }

func nullUnset(members map[string]any, names ...string) {
	for _, name := range names {
		if _, ok := members[name]; !ok {
			members[name] = nil
		}
	}
}
