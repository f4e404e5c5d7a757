package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// actor is a role at work. It prepares something to do as an administrator, and
// then does it and tells what it logged. Adds are the records that come of it, once,
// however often it has to be done; empties tells that no message is left.
type actor struct {
	prepare func(s *scene)
	act     func(s *scene) (said string)
	adds    map[string]int
	empties bool
}

var actors = map[string]actor{
	"intake": {
		prepare: func(s *scene) {
			s.event = s.altered()
			s.put(trailBucket, "AWSLogs/file.json", `{"Records":[]}`)
		},
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "intake")
			f.invoke(sqsBatch(s.event))
			f.invoke(sqsBatch(`{"Records":[{"eventSource":"aws:s3","s3":{"bucket":{"name":"` + trailBucket + `"},"object":{"key":"AWSLogs/file.json"}}}]}`))
			return f.log.String()
		},
		adds: map[string]int{"change-event": 1},
	},
	"work": {
		prepare: (*scene).heard,
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "work")
			for range 3 {
				names := s.waiting()
				if len(names) == 0 || f.log.Len() > 0 {
					break
				}
				f.invoke(sqsBatch(names...))
			}
			return f.log.String()
		},
		adds: map[string]int{"observation": 1, "assessment": 1}, empties: true,
	},
	"judge": {
		prepare: (*scene).observedOnly,
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "judge")
			f.invoke(fmt.Sprintf(`{"Records":[{"dynamodb":{"SequenceNumber":"7","NewImage":{"kind":{"S":"observation"},"subjects":{"L":[{"S":%q}]}}}}]}`, s.change))
			return f.log.String()
		},
		adds: map[string]int{"assessment": 1},
	},
	"specification": {
		prepare: func(s *scene) {
			s.observedOnly()
			s.specify()
		},
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "specification")
			f.invoke(`{"Records":[{"eventSource":"aws:s3"}]}`)
			return f.log.String()
		},
		adds: map[string]int{"specification": 1, "assessment": 1},
	},
	"schedule": {
		prepare: func(s *scene) {
			s.heard()
			s.specify()
		},
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "schedule")
			for _, do := range []string{`{"do":"rejudge"}`, `{"do":"work"}`, `{"do":"sweep","tags":{"System":"WEB"},"organisation":true}`, `{"do":"seal"}`} {
				if f.invoke(do); f.log.Len() > 0 {
					break
				}
			}
			return f.log.String()
		},
		adds: map[string]int{"observation": 1, "specification": 1}, empties: true,
	},
	"task": {
		prepare: func(s *scene) { s.altered() },
		act: func(s *scene) string {
			f := s.function(s.as(s.user), "task")
			f.invoke(fmt.Sprintf(`{"do":"observe","resource":{"id":%q}}`, s.change))
			f.invoke(fmt.Sprintf(`{"do":"judge","resource":{"id":%q}}`, s.change))
			f.invoke(`{"do":"members","system":"WEB","archive":true}`)
			issued := f.invoke(fmt.Sprintf(`{"do":"report","system":"WEB","number":"IQ-%d","by":"q.unit","at":"2026-11-28T00:00:00Z"}`, s.n))
			if _, digest, ok := strings.Cut(issued, `"digest":"`); ok {
				digest, _, _ = strings.Cut(digest, `"`)
				f.invoke(fmt.Sprintf(`{"do":"decide","report":%q,"answer":{"decision":"rejected","by":"Q. Unit","reason":"wrong"}}`, digest))
				f.invoke(fmt.Sprintf(`{"do":"publish","report":%q}`, digest))
			}
			return f.log.String()
		},
		adds: map[string]int{"observation": 1, "assessment": 1},
	},
	"worker": {
		prepare: (*scene).heard,
		act: func(s *scene) string {
			a := s.as(s.user)
			w := &working{live: *liveSettings(), grace: time.Second}
			until, stop := context.WithTimeout(s.Context(), 10*time.Second)
			defer stop()
			return s.captured(func(sofar func() string) error {
				go func() {
					for until.Err() == nil && len(s.waiting()) > 0 && wrong(sofar()) == "" {
						time.Sleep(50 * time.Millisecond)
					}
					stop()
				}()
				return a.worker(until, w)
			})
		},
		adds: map[string]int{"observation": 1, "assessment": 1}, empties: true,
	},
	"operator": {
		prepare: func(s *scene) {
			s.observedOnly()
			s.buried()
			s.expired()
			_, public, err := note.GenerateKey(rand.Reader, "everqual/former")
			s.put(s.name, "keys/former/a.pub", must(public, err)(s.T))
		},
		act: func(s *scene) (said string) {
			var commands [][]string
			for _, l := range must(s.home.Queue.DeadLetters(s.Context()))(s.T) {
				commands = append(commands, []string{"deadletter", "redrive", l.ID, "--by", "me", "--reason", "mended"})
			}
			s.as(s.user)
			number := fmt.Sprint("IQ-", time.Now().UnixNano())
			for _, args := range append(commands, []string{"status"}, []string{"verify"},
				[]string{"report", "--system", "WEB", "--by", "me", "--out", s.TempDir(), "--number", number},
				[]string{"report", "approve", number, "--by", "Q. Unit", "--reason", "reviewed"},
				[]string{"retention", "apply", "--by", "me", "--reason", "yearly"}) {
				if said += s.command(args...); wrong(said) != "" {
					break
				}
			}
			if wrong(said) == "" {
				s.allDisposed()
			}
			return said
		},
		adds: map[string]int{"disposition": 2},
	},
}
