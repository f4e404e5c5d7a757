package awsresource

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// look is one resource while it is being read.
type look struct {
	*clients   // of the region where the resource is
	d          *Describer
	kind       kind
	resource   everqual.Resource
	name       string // the id or name by which the service knows it
	attributes everqual.Attributes
	unread     []everqual.Unread
	gone       bool
}

// read tells whether a call gave something to set at path; "" is the whole
// resource. When AWS said no it notes why: an expected absence becomes an
// explicit null, anything else leaves the path unread.
func (l *look) read(path, action string, err error, absent ...string) bool {
	if err == nil {
		return true
	}
	code, _ := codeOf(err)
	switch {
	case path == "" && slices.Contains(l.kind.missing, code):
		l.gone = true
	case code != "" && slices.Contains(absent, code):
		l.attributes[path] = nil
	case slices.Contains(l.kind.missing, code):
		// The calls before saw it. Only asking again can tell which is true.
		l.fail(path, everqual.Unread{
			Call: action, Reason: everqual.Unreachable, Message: "it vanished while it was read: " + unreadOf(action, err).Message,
		})
	default:
		l.fail(path, unreadOf(action, err))
	}
	return false
}

func (l *look) fail(path string, u everqual.Unread) {
	u.Path = path
	l.unread = append(l.unread, u)
	delete(l.attributes, path)
}

// nothing notes a reply that should hold the resource and does not.
func (l *look) nothing(action string) {
	l.fail("", everqual.Unread{
		Call: action, Reason: everqual.Invalid, Message: fmt.Sprintf("the reply holds no %s %s", l.kind.name, l.name),
	})
}

// root makes the members of an SDK structure the attributes.
func (l *look) root(v any) {
	if members, ok := tree(v).(map[string]any); ok {
		maps.Copy(l.attributes, members)
	}
}

// set nests the reply of a further call at path. An unset list is an empty one:
// AWS was asked, and there is none; anything else unset is an explicit null.
func (l *look) set(path string, v any) {
	t := tree(v)
	if r := reflect.ValueOf(v); t == nil && r.IsValid() && r.Kind() == reflect.Slice {
		t = []any{}
	}
	l.attributes[path] = t
}

// setOrNull nests a reply that says "nothing is configured" by being empty.
func (l *look) setOrNull(path string, v any) {
	t := tree(v)
	if members, ok := t.(map[string]any); ok && len(members) == 0 {
		t = nil
	}
	l.attributes[path] = t
}

// orNull writes an explicit null at members of the root that AWS leaves out when
// nothing is configured.
func (l *look) orNull(names ...string) { orNull(l.attributes, names...) }

// orNull does it at the members of a part.
func orNull(members map[string]any, names ...string) {
	for _, name := range names {
		if _, ok := members[name]; !ok && members != nil {
			members[name] = nil
		}
	}
}

// orEmpty is orNull for objects of names and values.
func (l *look) orEmpty(names ...string) {
	for _, name := range names {
		if _, ok := l.attributes[name]; !ok {
			l.attributes[name] = map[string]any{}
		}
	}
}

// move goes on in another region.
func (l *look) move(region string) {
	l.resource.Region, l.clients = region, l.d.in(l.resource.Account, region)
}

// finish gives what was read its final form.
func (l *look) finish(out collect.Description) collect.Description {
	out.Region = l.resource.Region
	whole := slices.IndexFunc(l.unread, func(u everqual.Unread) bool { return u.Path == "" })
	switch {
	case l.gone || l.ended():
		out.State = everqual.Deleted
	case whole >= 0:
		out.State, out.Unread = everqual.Present, l.unread[whole:whole+1]
	default:
		out.State, out.Unread = everqual.Present, l.unread
		out.Attributes = normalise(l.kind, l.attributes)
		out.Parts = l.kind.partsIn(out.Attributes, l.resource)
	}
	return out
}

// readable tells whether the resource is there and was read.
func (l *look) readable() bool {
	return !l.gone && !l.ended() && !slices.ContainsFunc(l.unread, func(u everqual.Unread) bool { return u.Path == "" })
}

func (l *look) ended() bool {
	found := false
	if path := l.kind.ending.path; path != "" {
		edit(map[string]any(l.attributes), steps(path), func(v any) (any, bool) {
			state, _ := v.(string)
			found = found || slices.Contains(l.kind.ending.states, state)
			return v, true
		})
	}
	return found
}

// maxPages bounds a listing; the longest real one is far below it.
const maxPages = 1000

var errEndless = fmt.Errorf("the listing does not end after %d pages", maxPages)

// pager is the shape of the SDK's paginators.
type pager[P, O any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*P)) (*O, error)
}

// all follows a listing to its end.
func all[P, O, E any](ctx context.Context, p pager[P, O], items func(*O) []E) ([]E, error) {
	list := []E{}
	log, _ := ctx.Value(pageLogKey{}).(*pageLog)
	if log != nil {
		log.lists++
	}
	for n := 0; p.HasMorePages(); n++ {
		if n == maxPages {
			return nil, errEndless
		}
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, items(page)...)
		if log != nil {
			if log.ends = append(log.ends, len(list)); log.one {
				break
			}
		}
	}
	return list, nil
}

// byToken follows a listing for which the SDK has no paginator.
func byToken[E any](page func(token *string) ([]E, *string, error)) ([]E, error) {
	list := []E{}
	var token *string
	for range maxPages {
		items, next, err := page(token)
		if err != nil {
			return nil, err
		}
		if list = append(list, items...); next == nil || *next == "" {
			return list, nil
		}
		token = next
	}
	return nil, errEndless
}

// theOne returns the element with the wanted id.
func theOne[E any](list []E, id func(E) *string, want string) (E, bool) {
	for _, e := range list {
		if got := id(e); got != nil && *got == want {
			return e, true
		}
	}
	var none E
	return none, false
}
