package collect

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
)

var (
	errTooLong = errors.New("the reply is too long")
	errEmpty   = errors.New("the reply is empty")
	errNoReply = errors.New("the reply is neither a JSON object nor an XML document")
	errUnsaid  = errors.New("the reply is an error, though its status says that all is well")
	errCut     = errors.New("the reply has no end")
	// AWS-compatible servers answer so to an operation that they do not have;
	// asking again would not help.
	errWebPage = errors.New("the server answers with a web page: it has no such operation")
	errProxy   = errors.New("a web page came instead of a reply: somebody else than AWS answers, such as a proxy that wants a login")
)

// checkReply refuses what no operation of AWS answers with. The SDK finds nothing
// in it and makes no error of that, and nothing found would read as none there.
func checkReply(status int, h http.Header, body []byte) error {
	if status == http.StatusInternalServerError && strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		return errWebPage
	}
	if status < 200 || status > 299 || h.Get("Content-Encoding") != "" {
		return nil // an error with its status and code, or what only the SDK unpacks
	}
	switch b := bytes.TrimSpace(body); {
	case len(b) == 0:
		return errEmpty
	case b[0] == '<':
		return checkXML(b)
	case b[0] != '{':
		return errNoReply
	case b[len(b)-1] != '}':
		return errCut
	}
	return nil
}

// checkXML looks at the two ends only: replies are long.
func checkXML(b []byte) error {
	root := rootOf(b)
	name, _, _ := bytes.Cut(bytes.TrimRight(root, "/"), []byte(" "))
	name = bytes.TrimSpace(name)
	last := bytes.LastIndex(b, []byte("</"))
	switch {
	case strings.EqualFold(string(name), "html"):
		return errProxy
	case bytes.Equal(name, []byte("Error")), bytes.Equal(name, []byte("ErrorResponse")):
		return errUnsaid
	case len(name) == 0, b[len(b)-1] != '>':
		return errCut
	case bytes.HasSuffix(root, []byte("/")):
		return nil
	case last < 0, !bytes.Equal(bytes.TrimSpace(b[last+2:len(b)-1]), name):
		return errCut
	}
	return nil
}

// rootOf is what stands in the first tag of a document, behind its prolog.
func rootOf(b []byte) []byte {
	for len(b) > 0 {
		start := bytes.IndexByte(b, '<')
		end := bytes.IndexByte(b, '>')
		if start < 0 || end < start {
			return nil
		}
		if tag := b[start+1 : end]; len(tag) > 0 && tag[0] != '?' && tag[0] != '!' {
			return tag
		}
		b = b[end+1:]
	}
	return nil
}
