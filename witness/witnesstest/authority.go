package witnesstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
)

// Authority stamps times, RFC 3161. It is an HTTP handler.
type Authority struct {
	Root *x509.Certificate
	Now  func() time.Time

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority returns an authority whose certificates hold from an hour before now:
// the library that signs adds the time of the machine. usage is
// what its certificate is for, time-stamping when none is given.
func NewAuthority(now func() time.Time, usage ...x509.ExtKeyUsage) (*Authority, error) {
	root, rootKey, err := certificate("Test root", now(), nil, nil, nil)
	if err != nil {
		return nil, err
	}
	if usage == nil {
		usage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	}
	extension, err := usages(usage)
	if err != nil {
		return nil, err
	}
	cert, key, err := certificate("Test TSA", now(), root, rootKey, &extension)
	return &Authority{Root: root, Now: now, cert: cert, key: key}, err
}

// usages is the extension, critical as RFC 3161 wants it.
func usages(usage []x509.ExtKeyUsage) (pkix.Extension, error) {
	var oids []asn1.ObjectIdentifier
	for _, u := range usage {
		last := map[x509.ExtKeyUsage]int{x509.ExtKeyUsageTimeStamping: 8, x509.ExtKeyUsageServerAuth: 1}[u]
		oids = append(oids, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, last})
	}
	value, err := asn1.Marshal(oids)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}, err
}

func certificate(name string, now time.Time, parent *x509.Certificate, by *ecdsa.PrivateKey, usage *pkix.Extension) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(100, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if parent == nil {
		parent, by, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = c, key, true, true, x509.KeyUsageCertSign
	}
	if usage != nil {
		c.ExtraExtensions = []pkix.Extension{*usage}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		return nil, nil, err
	}
	c, err = x509.ParseCertificate(der)
	return c, key, err
}

// PEM is the root certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// Pool holds the root certificate.
func (a *Authority) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root)
	return p
}

// Stamp is the reply to whoever asks for a time-stamp of b.
func (a *Authority) Stamp(b []byte, at time.Time) ([]byte, error) {
	imprint := sha256.Sum256(b)
	return a.reply(crypto.SHA256, imprint[:], nil, at)
}

func (a *Authority) reply(hash crypto.Hash, imprint []byte, nonce *big.Int, at time.Time) ([]byte, error) {
	t := timestamp.Timestamp{
		HashAlgorithm: hash, HashedMessage: imprint, Time: at, Nonce: nonce, Policy: asn1.ObjectIdentifier{1, 2, 3}, AddTSACertificate: true,
	}
	return t.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
}

func (a *Authority) ServeHTTP(to http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err == nil && r.Header.Get("Content-Type") == "application/timestamp-query" {
		var request *timestamp.Request
		if request, err = timestamp.ParseRequest(body); err == nil {
			var reply []byte
			if reply, err = a.reply(request.HashAlgorithm, request.HashedMessage, request.Nonce, a.Now()); err == nil {
				to.Header().Set("Content-Type", "application/timestamp-reply")
				_, _ = to.Write(reply)
				return
			}
		}
	}
	http.Error(to, "no time-stamp query", http.StatusBadRequest)
}
