package flow

import (
	"context"
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/rule"
)

// Sifted is an item of the intake with what the rules say of it.
type Sifted struct {
	intake.Item
	Match rule.Match
	// MatchErr is set when the rules could not read the event.
	MatchErr error
}

// Changed tells whether the item is an event that changed something.
func (s *Sifted) Changed() bool { return s.Err == nil && !s.Event.ReadOnly && s.Event.ErrorCode == "" }

// sifting is how many items go from hand to hand together.
const sifting = 64

// Sieve reads everything that a file, a folder or, with "-", stdin holds and
// asks the rules of each changing event. Several files are read at the same
// time; their items come in the order of the files. Memory is bounded by the
// number of threads (0: one for each processor), not by the size of the archive.
type Sieve struct {
	Rules   *rule.Set
	Threads int

	files   intake.Files
	readers sync.Pool      // of *intake.Reader: their memory serves the next input
	batches chan *[]Sifted // that were read
}

// Files accounts for the inputs that were read to their end so far.
func (s *Sieve) Files() intake.Files { return s.files }

// sifted is the items of one input on their way, and its account at the end.
type sifted struct {
	items chan *[]Sifted
	files intake.Files // valid when items is closed
}

// Read yields the items, each valid until the next. It may be used once.
func (s *Sieve) Read(ctx context.Context, path string, stdin io.Reader) iter.Seq[*Sifted] {
	return func(yield func(*Sifted) bool) {
		ctx, stop := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer stop()
		for one := range s.start(ctx, &workers, path, stdin) {
			for batch := range one.items {
				for i := range *batch {
					if !yield(&(*batch)[i]) {
						return
					}
				}
				clear(*batch)
				select {
				case s.batches <- batch:
				default: // enough are kept
				}
			}
			s.add(one.files)
		}
	}
}

// start sends the inputs into the sieve, in order, no more at the same time than
// there are threads.
func (s *Sieve) start(ctx context.Context, workers *sync.WaitGroup, path string, stdin io.Reader) <-chan *sifted {
	threads := s.Threads
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	s.batches = make(chan *[]Sifted, 4*threads)
	order := make(chan *sifted, threads)
	free := make(chan struct{}, threads)
	workers.Go(func() {
		defer close(order)
		for in := range intake.Inputs(ctx, path) {
			one := &sifted{items: make(chan *[]Sifted, 2)}
			free <- struct{}{}
			workers.Go(func() {
				defer func() { <-free }()
				s.sift(ctx, in, stdin, one)
			})
			select {
			case order <- one:
			case <-ctx.Done():
				return
			}
		}
	})
	return order
}

// sift reads one input. What comes through a pipe is handed on at once.
func (s *Sieve) sift(ctx context.Context, in intake.Input, stdin io.Reader, to *sifted) {
	defer close(to.items)
	size := sifting
	if in.Path == "-" {
		size = 1
	}
	reader, ok := s.readers.Get().(*intake.Reader)
	if !ok {
		reader = &intake.Reader{Brief: true}
	}
	reader.Reset()
	defer s.readers.Put(reader)
	batch := s.batch()
	send := func() bool {
		select {
		case to.items <- batch:
			batch = s.batch()
			return true
		case <-ctx.Done():
			return false
		}
	}
	for item := range reader.Open(ctx, in, stdin) {
		one := Sifted{Item: item}
		if one.Changed() {
			one.Match, one.MatchErr = s.Rules.Match(item.Event)
		}
		if *batch = append(*batch, one); len(*batch) >= size && !send() {
			return
		}
	}
	to.files = reader.Files()
	send()
}

func (s *Sieve) batch() *[]Sifted {
	select {
	case b := <-s.batches:
		*b = (*b)[:0]
		return b
	default:
		b := make([]Sifted, 0, sifting)
		return &b
	}
}

func (s *Sieve) add(f intake.Files) {
	s.files.Read += f.Read
	s.files.Bytes += f.Bytes
	s.files.Skipped = append(s.files.Skipped, f.Skipped...)
	s.files.Failed = append(s.files.Failed, f.Failed...)
}
