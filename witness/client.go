package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// maxReply bounds what a server may answer, in bytes.
const maxReply = 128 << 10

// Client asks witnesses and time-stamping authorities.
type Client struct{ http *http.Client }

// NewClient returns a client that waits so long for each answer.
func NewClient(timeout time.Duration) *Client {
	return &Client{&http.Client{Timeout: timeout, CheckRedirect: noRedirect}}
}

// noRedirect keeps a request from being led to another host.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Stamp asks an authority for a time-stamp of a checkpoint.
func (cl *Client) Stamp(ctx context.Context, at string, c everqual.Checkpoint, nonce *big.Int) (*Paper, error) {
	request, err := Request(c, nonce)
	if err != nil {
		return nil, err
	}
	r, err := cl.post(ctx, at, "application/timestamp-query", request)
	if err != nil {
		return nil, err
	}
	if r.status != http.StatusOK {
		return nil, r.refused(at)
	}
	p, err := Read(r.body)
	if err == nil {
		err = p.answers(nonce)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	return p, nil
}

// Prove returns the hashes that show that a checkpoint's tree begins with the first
// old records.
type Prove func(ctx context.Context, old uint64) ([]everqual.Digest, error)

// tries is how often a witness is asked: it may cosign for another meanwhile.
const tries = 3

// Cosign asks a witness to cosign a checkpoint, old being the size that it is
// believed to have cosigned last. https://c2sp.org/tlog-witness
func (cl *Client) Cosign(ctx context.Context, prefix string, c everqual.Checkpoint, old uint64, prove Prove) (*Paper, error) {
	at := strings.TrimRight(prefix, "/") + "/add-checkpoint"
	for range tries {
		proof, err := prove(ctx, old)
		if err != nil {
			return nil, err
		}
		r, err := cl.post(ctx, at, "text/plain; charset=utf-8", addition(c, old, proof))
		if err != nil {
			return nil, err
		}
		switch r.status {
		case http.StatusOK:
			return Read(append([]byte(c.Note), r.body...))
		case http.StatusConflict:
			if old, err = r.conflict(at, c, old); err != nil {
				return nil, err
			}
		default:
			return nil, r.refused(at)
		}
	}
	return nil, fmt.Errorf("%s: it cosigned something else each time in between: try again", at)
}

// addition is the body of a request to add a checkpoint.
func addition(c everqual.Checkpoint, old uint64, proof []everqual.Digest) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	for _, d := range proof {
		h, _ := hex.DecodeString(d.Hex()) // of a digest: cannot fail
		fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(h))
	}
	fmt.Fprintf(&b, "\n%s", c.Note)
	return b.Bytes()
}

// reply is what a server answered.
type reply struct {
	status int
	body   []byte
}

// conflict is the size that the witness cosigned last, when it can be built on.
func (r reply) conflict(at string, c everqual.Checkpoint, sent uint64) (uint64, error) {
	old, err := strconv.ParseUint(strings.TrimSuffix(string(r.body), "\n"), 10, 63)
	switch {
	case err != nil:
		return 0, r.refused(at)
	case old > c.Size:
		return 0, fmt.Errorf("%s: it has cosigned %d records of this ledger already, the checkpoint has %d: choose a later one with --size", at, old, c.Size)
	case old == sent:
		return 0, fmt.Errorf("%s: it has cosigned other records than the first %d that are here: this ledger was changed, or another is kept under its key", at, old)
	}
	return old, nil
}

// refused says what an answer other than the wished one means.
func (r reply) refused(at string) error {
	means := map[int]string{
		http.StatusNotFound:            "it does not know this ledger, or is not at this address: give the operator keys/ledger.pub",
		http.StatusForbidden:           "it does not take the ledger's signature: the operator has another key for it",
		http.StatusUnprocessableEntity: "it finds that these records do not continue those that it cosigned",
	}[r.status]
	if means == "" {
		means = fmt.Sprintf("%.200q", r.body)
	}
	return fmt.Errorf("%s answered %d %s: %s", at, r.status, http.StatusText(r.status), means)
}

func (cl *Client) post(ctx context.Context, at, contentType string, body []byte) (r reply, err error) {
	if err := allowed(at); err != nil {
		return r, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, at, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("User-Agent", "everqual")
	response, err := cl.http.Do(request)
	if err != nil {
		return r, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(io.LimitReader(response.Body, maxReply+1))
	if err != nil {
		return r, fmt.Errorf("read the answer of %s: %w", at, err)
	}
	if len(b) > maxReply {
		return r, fmt.Errorf("%s answered more than %d bytes", at, maxReply)
	}
	return reply{response.StatusCode, b}, nil
}

// allowed refuses addresses at which anybody in between could answer.
func allowed(at string) error {
	u, err := url.Parse(at)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("%q is no address: give one like https://witness.example.com/", at)
	}
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return fmt.Errorf("%s: the address must begin with https://", at)
	}
	return nil
}
