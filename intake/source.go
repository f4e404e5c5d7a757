package intake

import (
	"bytes"
	"io"
)

// source hands out the bytes of a stream and knows where it is. Whoever takes
// a newline counts it in line.
type source struct {
	r        io.Reader
	buf      []byte
	pos, end int   // buf[pos:end] is read but not taken
	base     int64 // offset of buf[0] in the stream
	line     int   // of buf[pos], from 1
	err      error // why nothing more comes: io.EOF, or what went wrong
}

const sourceBuffer = 256 << 10

func (s *source) offset() int64 { return s.base + int64(s.pos) }

// fill reads more behind what is not taken yet, which moves to the front of
// the buffer. It returns false when nothing came.
func (s *source) fill() bool {
	copy(s.buf, s.buf[s.pos:s.end])
	s.base += int64(s.pos)
	s.pos, s.end = 0, s.end-s.pos
	for idle := 0; s.err == nil; idle++ {
		n, err := s.r.Read(s.buf[s.end:])
		if idle == 100 && n == 0 && err == nil {
			err = io.ErrNoProgress
		}
		s.end, s.err = s.end+n, err
		if n > 0 {
			return true
		}
	}
	return false
}

// peek returns the next byte without taking it; ok is false at the end.
func (s *source) peek() (c byte, ok bool) {
	if s.pos == s.end && !s.fill() {
		return 0, false
	}
	return s.buf[s.pos], true
}

// ahead returns up to n bytes without taking them, n being less than the
// buffer.
func (s *source) ahead(n int) []byte {
	for s.end-s.pos < n && s.fill() {
	}
	return s.buf[s.pos:min(s.end, s.pos+n)]
}

// takeUntil takes all before the first of the bytes of stop, and returns the
// first bytes of it.
func (s *source) takeUntil(stop string) (head []byte) {
	for {
		if s.pos == s.end && !s.fill() {
			return head
		}
		rest := s.buf[s.pos:s.end]
		i := bytes.IndexAny(rest, stop)
		n := i
		if i < 0 {
			n = len(rest)
		}
		head = append(head, rest[:min(n, 64-len(head))]...)
		s.pos += n
		if i >= 0 {
			return head
		}
	}
}
