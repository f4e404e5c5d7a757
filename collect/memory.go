package collect

import (
	"context"
	"sync"
	"time"

	"github.com/everqual/everqual"
)

// Memory answers calls once more with the exchanges that it was given, each
// once: who lists resources and reads them from the same listing afterwards asks
// AWS once. It is safe for concurrent use.
type Memory struct {
	// Age is how long a reply may serve; 0 is for ever.
	Age time.Duration

	mu    sync.Mutex
	kept  map[string]everqual.Exchange
	bytes int
}

// maxRemembered bounds the bodies that a memory keeps, in bytes.
const maxRemembered = 64 << 20

// Keep remembers replies, as many as there is room for.
func (m *Memory) Keep(exchanges ...everqual.Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range exchanges {
		key := callOf(e).key()
		if _, known := m.kept[key]; known || e.Status != 200 || m.bytes+len(e.Body) > maxRemembered {
			continue
		}
		if m.kept == nil {
			m.kept = map[string]everqual.Exchange{}
		}
		m.kept[key] = e
		m.bytes += len(e.Body)
	}
}

func (m *Memory) take(key string) (e everqual.Exchange, ok bool) {
	if m == nil {
		return e, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok = m.kept[key]; ok {
		delete(m.kept, key)
		m.bytes -= len(e.Body)
	}
	return e, ok && (m.Age == 0 || time.Since(e.At) <= m.Age)
}

type memoryKey struct{}

// WithMemory lets the calls made with ctx be answered by m.
func WithMemory(ctx context.Context, m *Memory) context.Context {
	return context.WithValue(ctx, memoryKey{}, m)
}

func memoryFrom(ctx context.Context) *Memory {
	m, _ := ctx.Value(memoryKey{}).(*Memory)
	return m
}
