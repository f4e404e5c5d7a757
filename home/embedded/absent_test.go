package embedded

import "testing"

// No key that was added is ever said to be absent; of others, most are.
func TestAbsent(t *testing.T) {
	var a absent
	if a.says(nameNumber("a")) {
		t.Error("it knows nothing, and says that a key is absent")
	}
	name := func(n int) int64 { return nameNumber(string(rune(n))) }
	const added = 300_000 // for two filters
	for n := range added {
		a.add(name(0x10000 + n))
	}
	absent := 0
	for n := range added {
		if a.says(name(0x10000 + n)) {
			t.Fatalf("key %d was added, and is said to be absent", n)
		}
		if a.says(name(0x10000 + added + n)) {
			absent++
		}
	}
	if absent < added*8/10 || len(a.filters) != 2 {
		t.Errorf("of %d others %d are said to be absent, by %d filters", added, absent, len(a.filters))
	}
}
