package collect

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// errTrailing is a second document after the first.
var errTrailing = errors.New("there is more after its end")

// jsonSecrets finds the values at the wanted paths of a JSON document. List
// elements have the path of their list.
func jsonSecrets(body []byte, wanted []string) ([]span, error) {
	s := jsonScan{decoder: json.NewDecoder(bytes.NewReader(body)), body: body, wanted: wanted}
	if err := s.value(nil); err != nil {
		return nil, err
	}
	if _, err := s.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return s.found, nil
}

type jsonScan struct {
	decoder *json.Decoder
	body    []byte
	wanted  []string
	found   []span
}

// value reads one value; secret ones are kept whole, whatever they are, but of
// a list each element by itself: the reply has to keep its shape.
func (s *jsonScan) value(path []string) error {
	if matches(path, s.wanted) && !s.atList() {
		return s.secret(path)
	}
	token, err := s.decoder.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	for s.decoder.More() {
		inner := path
		if delim == '{' {
			key, err := s.decoder.Token()
			if err != nil {
				return err
			}
			inner = append(slices.Clip(path), key.(string))
		}
		if err := s.value(inner); err != nil {
			return err
		}
	}
	_, err = s.decoder.Token()
	return err
}

// atList tells whether the next value is a list.
func (s *jsonScan) atList() bool {
	rest := bytes.TrimLeft(s.body[s.decoder.InputOffset():], " \t\r\n:,")
	return bytes.HasPrefix(rest, []byte("["))
}

func (s *jsonScan) secret(path []string) error {
	var raw json.RawMessage
	if err := s.decoder.Decode(&raw); err != nil {
		return err
	}
	end := int(s.decoder.InputOffset())
	value := string(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		value = text
	}
	if value == "null" || value == "" {
		return nil // nothing is set, and that may be known
	}
	s.found = append(s.found, span{end - len(raw), end, strings.Join(path, "."), value, `"`})
	return nil
}

// xmlSecrets finds the content of the elements at the wanted paths.
func xmlSecrets(body []byte, wanted []string) ([]span, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	var path []string
	var found []span
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) && len(path) == 0 {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if !matches(path, wanted) {
				continue
			}
			s, err := xmlSecret(decoder, strings.Join(path, "."))
			if err != nil {
				return nil, err
			}
			if path = path[:len(path)-1]; s.value != "" {
				found = append(found, s)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// xmlSecret reads to the end of the element that just began.
func xmlSecret(decoder *xml.Decoder, path string) (span, error) {
	s := span{start: int(decoder.InputOffset()), path: path}
	for depth := 1; depth > 0; {
		s.end = int(decoder.InputOffset())
		token, err := decoder.Token()
		if err != nil {
			return s, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			s.value += "<" + t.Name.Local + ">"
		case xml.EndElement:
			depth--
		case xml.CharData:
			s.value += string(t)
		}
	}
	return s, nil
}
