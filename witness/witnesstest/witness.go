// Package witnesstest is a witness and a time-stamping authority, as their rules
// have them. It is imported by tests only.
package witnesstest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// Witness cosigns checkpoints of the ledgers that it knows, each of which may only
// grow. It is an HTTP handler. https://c2sp.org/tlog-witness
type Witness struct {
	Name string
	Now  func() time.Time

	key  ed25519.PrivateKey
	mu   sync.Mutex
	logs map[string]*seen // by origin
}

// seen is what was cosigned last of a ledger.
type seen struct {
	key  note.Verifier
	size uint64
	root []byte
}

// NewWitness returns a witness whose key follows from its name.
func NewWitness(name string, now func() time.Time) *Witness {
	seed := sha256.Sum256([]byte(name))
	return &Witness{Name: name, Now: now, key: ed25519.NewKeyFromSeed(seed[:]), logs: map[string]*seen{}}
}

// VKey is the public key as one line.
func (w *Witness) VKey() string {
	public := w.public()
	return fmt.Sprintf("%s+%08x+%s", w.Name, w.hash(), base64.StdEncoding.EncodeToString(public))
}

func (w *Witness) public() []byte {
	return append([]byte{4}, w.key.Public().(ed25519.PublicKey)...)
}

func (w *Witness) hash() uint32 {
	h := sha256.Sum256(append([]byte(w.Name+"\n"), w.public()...))
	return binary.BigEndian.Uint32(h[:])
}

// Know lets the witness cosign for the ledger with this public key.
func (w *Witness) Know(public string) error {
	key, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs[key.Name()] = &seen{key: key}
	return nil
}

// Line is the cosignature of a checkpoint's text at a time.
func (w *Witness) Line(text string, at time.Time) string {
	signature := ed25519.Sign(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at.Unix(), text))
	b := binary.BigEndian.AppendUint32(nil, w.hash())
	b = append(binary.BigEndian.AppendUint64(b, uint64(at.Unix())), signature...)
	return "\u2014 " + w.Name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}

func (w *Witness) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/add-checkpoint") {
		http.Error(to, "POST to add-checkpoint", http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	status, answer := w.add(string(body))
	if status == http.StatusConflict {
		to.Header().Set("Content-Type", "text/x.tlog.size")
	}
	to.WriteHeader(status)
	_, _ = io.WriteString(to, answer)
}

// add cosigns, or says why it does not, in the order of the rules.
func (w *Witness) add(body string) (status int, answer string) {
	head, checkpoint, _ := strings.Cut(body, "\n\n")
	text, _, _ := strings.Cut(checkpoint, "\n\n")
	text += "\n"
	origin, size, root, err := parse(text)
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	last, known := w.logs[origin]
	if !known {
		return http.StatusNotFound, "unknown log"
	}
	if _, err := note.Open([]byte(checkpoint), note.VerifierList(last.key)); err != nil {
		return http.StatusForbidden, err.Error()
	}
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseUint(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil || old > size || len(lines) > 64 {
		return http.StatusBadRequest, "old size"
	}
	if old != last.size || old == size && string(root) != string(last.root) {
		return http.StatusConflict, fmt.Sprintf("%d\n", last.size)
	}
	path, err := hashes(lines[1:])
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	if old == 0 && len(path) > 0 || old > 0 && proof.VerifyConsistency(rfc6962.DefaultHasher, old, size, path, last.root, root) != nil {
		return http.StatusUnprocessableEntity, "no proof"
	}
	last.size, last.root = size, root
	return http.StatusOK, w.Line(text, w.Now())
}

func parse(text string) (origin string, size uint64, root []byte, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return "", 0, nil, errors.New("a checkpoint has three lines")
	}
	if size, err = strconv.ParseUint(lines[1], 10, 64); err != nil {
		return "", 0, nil, err
	}
	root, err = base64.StdEncoding.DecodeString(lines[2])
	return lines[0], size, root, err
}

func hashes(lines []string) (path [][]byte, err error) {
	for _, l := range lines {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil || len(h) != sha256.Size {
			return nil, fmt.Errorf("%q is no hash", l)
		}
		path = append(path, h)
	}
	return path, nil
}
