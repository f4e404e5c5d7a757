package awsresource

// pick keeps of a listing, which cannot be asked for one resource alone, the
// one of that name; with "" all of it.
func pick[E any](list []E, id func(E) *string, name string) []E {
	if name == "" {
		return list
	}
	if one, ok := theOne(list, id, name); ok {
		return []E{one}
	}
	return []E{}
}

// itself is the id of a resource of which a listing tells the name only.
func itself(name string) *string { return &name }

// united is one object of those that the pages of a listing held.
func united[V any](pages []map[string]V) map[string]V {
	all := map[string]V{}
	for _, page := range pages {
		for key, value := range page {
			all[key] = value
		}
	}
	return all
}
