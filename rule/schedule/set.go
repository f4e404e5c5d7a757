package schedule

// set holds the values of one field of a cron expression.
type set struct {
	min int
	has []bool
}

func newSet(min, max int) set { return set{min, make([]bool, max-min+1)} }

func (s set) add(v int) { s.has[v-s.min] = true }

// from is the smallest member that is v or more.
func (s set) from(v int) (int, bool) {
	for i := max(v-s.min, 0); i < len(s.has); i++ {
		if s.has[i] {
			return s.min + i, true
		}
	}
	return 0, false
}

// mask is the set as bits. It is for fields of fewer than 32 values.
func (s set) mask() (m uint32) {
	for i, in := range s.has {
		if in {
			m |= 1 << (s.min + i)
		}
	}
	return m
}
