package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

// encrypted is a writer that encrypts to age recipients, and passes on what it is
// given when there are none. Closing it does not close w.
func encrypted(w io.Writer, to []string) (io.WriteCloser, error) {
	if len(to) == 0 {
		return passing{w}, nil
	}
	recipients := make([]age.Recipient, len(to))
	for i, text := range to {
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, usagef("--encrypt-to: %w; an age recipient begins with age1", err)
		}
		recipients[i] = r
	}
	return age.Encrypt(w, recipients...)
}

type passing struct{ io.Writer }

func (passing) Close() error { return nil }

const ageIntro = "age-encryption.org/"

// opened reads a file that may be encrypted, with the identities in a file.
func opened(from io.Reader, identity string) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(from, 1<<20)
	intro, err := r.Peek(len(ageIntro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(intro) != ageIntro {
		return r, nil
	}
	if identity == "" {
		return nil, usagef("the file is encrypted: name the file with your age identity with --identity")
	}
	f, err := os.Open(identity)
	if err != nil {
		return nil, fmt.Errorf("read the identity: %w", err)
	}
	defer f.Close()
	identities, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("%s holds no age identities", identity) // the error must not show them
	}
	plain, err := age.Decrypt(r, identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, fmt.Errorf("decrypt: %w", err)
	case err != nil:
		return nil, errChanged{err}
	}
	return bufio.NewReaderSize(decrypting{plain}, 1<<20), nil
}

// errChanged is an encrypted file that is not what was encrypted.
type errChanged struct{ error }

func (e errChanged) Error() string { return "the encrypted file was changed: " + e.error.Error() }

func (e errChanged) Unwrap() error { return e.error }

type decrypting struct{ from io.Reader }

func (d decrypting) Read(p []byte) (int, error) {
	n, err := d.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errChanged{err}
	}
	return n, err
}
