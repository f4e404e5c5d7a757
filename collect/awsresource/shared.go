package awsresource

import (
	"context"
	"sync"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// sharing lets many resources be read from one listing, as a sweep does: asking
// for each by itself would take a call for what one page of a thousand tells. The
// evidence of each refers to the page where it stood.
type sharing struct {
	age      time.Duration // how old a listing may be; 0 shares nothing
	replayed bool          // the one page of a listing that the recording has is the listing

	memory   collect.Memory // of what was listed already
	mu       sync.Mutex
	listings map[string]*listing
	held     int // elements of all listings
}

// listing is one that was read to its end, or cannot be shared.
type listing struct {
	once  sync.Once
	until time.Time
	found any // map[string]seen[T]
	size  int
}

// seen is an element of a listing and the exchange of its page.
type seen[T any] struct {
	element T
	page    everqual.Exchange
}

// maxHeld bounds the elements that are kept: beyond it, resources are asked for
// one by one.
const maxHeld = 50_000

// pageLog is told by all where the pages of a listing end.
type pageLog struct {
	lists int   // listings that were followed
	ends  []int // elements up to the end of each page
	one   bool  // stop after the first
}

type pageLogKey struct{}

// shared looks the resource up in the listing of its type. ok is false when there
// is nothing to share, or it is not in there: then it has to be asked for.
func (s source[T]) shared(ctx context.Context, l *look) (element T, ok bool) {
	sharing := &l.d.sharing
	if sharing.age == 0 && !sharing.replayed {
		return element, false
	}
	found, _ := sharing.of(l.kind.name+" "+l.resource.Account+" "+l.resource.Region, func() (any, int) {
		m := s.pages(ctx, l)
		return m, len(m)
	}).(map[string]seen[T])
	one, ok := found[l.name]
	if ok {
		collect.RecorderFrom(ctx).Add(one.page)
	}
	return one.element, ok
}

// of returns the listing of that name, which is read when there is none that is
// young enough.
func (s *sharing) of(name string, read func() (any, int)) any {
	s.mu.Lock()
	known := s.listings[name]
	if known == nil || time.Now().After(known.until) || s.replayed {
		if s.listings == nil {
			s.listings = map[string]*listing{}
		}
		if known != nil {
			s.held -= known.size
		}
		known = nil
		if s.held < maxHeld {
			known = &listing{until: time.Now().Add(s.age)}
		}
		s.listings[name] = known
	}
	s.mu.Unlock()
	if known == nil {
		return nil
	}
	known.once.Do(func() {
		found, n := read()
		s.mu.Lock()
		known.found, known.size = found, n
		s.held += n
		s.mu.Unlock()
	})
	return known.found
}

// pages reads the listing; nil when it cannot be read, or when it took more than
// one call for each page, so that no page alone shows a resource.
func (s source[T]) pages(ctx context.Context, l *look) map[string]seen[T] {
	log := &pageLog{one: l.d.sharing.replayed}
	recorder := collect.RecorderFrom(ctx).Fresh()
	ctx = collect.WithMemory(collect.WithRecorder(ctx, recorder), &l.d.sharing.memory)
	elements, err := s.find(context.WithValue(ctx, pageLogKey{}, log), l.clients, "")
	exchanges := recorder.Exchanges()
	if err != nil || log.lists != 1 || len(log.ends) == 0 || len(exchanges) != len(log.ends) || log.ends[len(log.ends)-1] != len(elements) {
		return nil
	}
	for i, x := range exchanges {
		if x.Redacted { // a digest in place of a secret tells of the call that showed it
			return nil
		}
		exchanges[i].BodyDigest = everqual.DigestOf([]byte(x.Body))
	}
	found := make(map[string]seen[T], len(elements))
	page := 0
	for i, e := range elements {
		for i >= log.ends[page] {
			page++
		}
		if id := s.id(e); id != nil {
			found[*id] = seen[T]{e, exchanges[page]}
		}
	}
	return found
}

// belonging is a call that lists what belongs to resources: of one, or of all of
// a region. A sweep reads the whole list once.
type belonging[T any] struct {
	name string // of the listing
	// find returns what belongs to the resource of that name, or, with "", all.
	find  func(ctx context.Context, c *clients, name string) ([]T, error)
	owner func(T) []string // the names of those it belongs to
}

// grouped is a listing by owner, with all its pages: only these together show
// that something is not in there.
type grouped[T any] struct {
	of    map[string][]T
	pages []everqual.Exchange
}

// maxShownPages is how many pages the evidence of one resource may refer to.
const maxShownPages = 20

// read returns what belongs to the resource, from the shared listing or by
// asking for it.
func (b belonging[T]) read(ctx context.Context, l *look) ([]T, error) {
	if found := b.listed(ctx, l); found != nil {
		return found.show(ctx, l.name), nil
	}
	return b.find(ctx, l.clients, l.name)
}

// listed is the shared listing, nil when there is none.
func (b belonging[T]) listed(ctx context.Context, l *look) *grouped[T] {
	sharing := &l.d.sharing
	if sharing.age == 0 && !sharing.replayed {
		return nil
	}
	found, _ := sharing.of(b.name+" "+l.resource.Account+" "+l.resource.Region, func() (any, int) {
		g := b.all(ctx, l)
		if g == nil {
			return nil, 0
		}
		return g, len(g.of)
	}).(*grouped[T])
	return found
}

// show makes the pages part of the evidence and returns what belongs to the name.
func (g *grouped[T]) show(ctx context.Context, name string) []T {
	recorder := collect.RecorderFrom(ctx)
	for _, x := range g.pages {
		recorder.Add(x)
	}
	return g.of[name]
}

// all is nil when the listing cannot be read or not be shared.
func (b belonging[T]) all(ctx context.Context, l *look) *grouped[T] {
	recorder := collect.RecorderFrom(ctx).Fresh()
	elements, err := b.find(collect.WithMemory(collect.WithRecorder(ctx, recorder), &l.d.sharing.memory), l.clients, "")
	exchanges := recorder.Exchanges()
	if err != nil || len(exchanges) > maxShownPages {
		return nil
	}
	for i, x := range exchanges {
		if x.Redacted {
			return nil
		}
		exchanges[i].BodyDigest = everqual.DigestOf([]byte(x.Body))
	}
	g := &grouped[T]{map[string][]T{}, exchanges}
	for _, e := range elements {
		for _, name := range b.owner(e) {
			g.of[name] = append(g.of[name], e)
		}
	}
	return g
}

// remembering keeps what is asked with the context that it returns for who reads
// the same listing next, and for the recorder of ctx.
func (d *Describer) remembering(ctx context.Context) (context.Context, func()) {
	if d.sharing.age == 0 {
		return ctx, func() {}
	}
	outer := collect.RecorderFrom(ctx)
	own := outer.Fresh()
	return collect.WithRecorder(ctx, own), func() {
		exchanges := own.Exchanges()
		d.sharing.memory.Keep(exchanges...)
		for _, e := range exchanges {
			outer.Add(e)
		}
	}
}
