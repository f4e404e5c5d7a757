package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// runCases answers every line of a file of cases, "-" for stdin, with a line of
// JSON. run says whether the answer is what the case expects; its error is about
// a line that is no case, which is told with its place while the rest carries
// on. The error, or exit code 3, tells of cases that failed, or of such lines.
func runCases[C, R any](file string, stdin io.Reader, out, problems io.Writer, run func(line int, c C) (answer R, failed bool, err error)) error {
	cases, failures, broken := 0, 0, 0
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := eachLine(file, stdin, func(n int, text []byte) error {
		var c C
		err := readCase(text, &c)
		if err == nil {
			var answer R
			var failed bool
			if answer, failed, err = run(n, c); err == nil {
				if cases++; failed {
					failures++
				}
				return enc.Encode(answer)
			}
		}
		broken++
		say(problems, "%s:%d: %s\n", file, n, err)
		return nil
	})
	switch err := errors.Join(err, w.Flush()); {
	case err != nil:
		return err
	case failures > 0:
		return fmt.Errorf("%s of %s: not as expected", number(failures), count(cases, "case", "cases"))
	case broken > 0:
		return exitCode(exitPartly)
	case cases == 0:
		return fmt.Errorf("%s holds no cases", file)
	}
	return nil
}

// readCase reads one case. An error speaks of keys and JSON, not of Go.
func readCase(text []byte, c any) error {
	err := json.Unmarshal(text, c)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return fmt.Errorf("no case: %w", err)
	case wrong.Field == "":
		return fmt.Errorf("no case: it is a JSON object, this is %s", article(wrong.Value))
	}
	return fmt.Errorf("no case: %q cannot be %s", wrong.Field, article(wrong.Value))
}

// article is a kind of JSON value, as encoding/json calls it, in a sentence.
func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ") // of a number that is too large it gives the text too
	switch kind {
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + kind
	}
	return "a " + kind
}

// lineID is the id of a case, whatever JSON it is; one without has the number of
// its line.
func lineID(id json.RawMessage, line int) json.RawMessage {
	if len(id) == 0 {
		return json.RawMessage(strconv.Itoa(line))
	}
	return id
}

// byteOrderMark begins files that some editors for Windows write. It is no part
// of the text.
var byteOrderMark = []byte("\uFEFF")

// eachLine calls do with every line of a file that is not blank, and its number.
// The file may be compressed; "-" is stdin.
func eachLine(file string, stdin io.Reader, do func(n int, text []byte) error) error {
	if file != "-" {
		b, err := readCompressed(file)
		if err != nil {
			return err
		}
		stdin = bytes.NewReader(b)
	}
	lines := bufio.NewReaderSize(stdin, 64<<10)
	for n := 1; ; n++ {
		line, end := lines.ReadBytes('\n')
		if end != nil && end != io.EOF {
			return end
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := do(n, line); err != nil {
				return err
			}
		}
		if end == io.EOF {
			return nil
		}
	}
}
