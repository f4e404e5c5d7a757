package trail

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// load reads a digest, or reports what hinders and sets its state. The error is
// one of the context.
func (w *walker) load(ctx context.Context, d *digest) error {
	d.covered = Interval{d.end.Add(-hour), d.end} // until it says better
	if err := ctx.Err(); err != nil {
		return err
	}
	var err error
	d.object, err = w.files.Get(ctx, d.key)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrMetadata):
		w.altered(d, "", err.Error())
		d.object.Metadata = nil
	case errors.Is(err, ErrTooLarge):
		w.wrong(d, DigestTooLarge, "", err.Error())
		return nil
	case err != nil: // also one that was listed and is gone
		w.doubt(d, DigestUnreadable, "", "cannot be read: "+err.Error())
		return nil
	}
	w.decode(d)
	return nil
}

func (w *walker) decode(d *digest) {
	content, err := w.inflate(d.object.Body, w.opt.DigestLimit)
	d.object.Body = nil
	switch {
	case errors.Is(err, ErrTooLarge):
		w.wrong(d, DigestTooLarge, "", err.Error())
		return
	case err != nil:
		w.wrong(d, DigestBroken, "", err.Error())
		return
	}
	d.hash = hashOf(content)
	doc, err := parseDigest(content)
	if err != nil {
		w.wrong(d, DigestBroken, "", "no digest: "+err.Error())
		return
	}
	d.doc = &doc
}

// judge decides what a digest that was read is worth.
func (w *walker) judge(d *digest) {
	if d.doc == nil {
		return
	}
	w.signature(d)
	if d.moved() {
		w.location(d)
	}
	w.hashes(d)
	if d.state == invalid {
		return
	}
	d.covered = Interval{d.doc.Start, d.doc.End}
	w.fields(d)
}

// wrong reports damage of a digest and makes it invalid.
func (w *walker) wrong(d *digest, k Kind, field, message string) {
	d.state = invalid
	w.report(Finding{Kind: k, Severity: Damage, Key: d.key, Field: field, Message: message, From: d.covered.From, To: d.covered.To})
}

// doubt reports what cannot be told of a digest.
func (w *walker) doubt(d *digest, k Kind, field, message string) {
	d.state = max(d.state, unverifiable)
	w.report(Finding{Kind: k, Severity: Unverifiable, Key: d.key, Field: field, Message: message, From: d.covered.From, To: d.covered.To})
}

// altered reports damage of the metadata, which the digest itself survives.
func (w *walker) altered(d *digest, field, message string) {
	w.report(Finding{Kind: MetadataAltered, Severity: Damage, Key: d.key, Field: field, Message: message, From: d.covered.From, To: d.covered.To})
}

// location compares where the digest is with where it says that it is. A
// signature that verifies is made for the latter.
func (w *walker) location(d *digest) {
	field, message := "digestS3Object", ""
	if d.doc.Object != d.key {
		message = fmt.Sprintf("says that it is %s: ", d.doc.Object)
	} else {
		field, message = "digestS3Bucket", fmt.Sprintf("says that it is in bucket %s, and is in %s: ", d.doc.Bucket, d.object.Bucket)
	}
	if d.signed {
		message += "it was moved or copied from there, since its signature is right for that place"
	} else {
		message += "it was moved or copied from there, or its text was changed"
	}
	w.wrong(d, DigestMoved, field, message)
}

// moved tells whether a digest is elsewhere than it says. In a bucket whose
// name is not known, only its key can tell.
func (d *digest) moved() bool {
	return d.doc.Object != d.key || d.object.Bucket != "" && d.doc.Bucket != d.object.Bucket
}

// decodeHex returns nil for what is no hexadecimal number.
func decodeHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}

// signatures returns the signature of the metadata, and those that valid or
// unverifiable and invalid later digests repeat. Wherever it comes from, a
// signature that verifies is CloudTrail's.
func (w *walker) signatures(d *digest) (own []byte, stated bool, trusted, doubtful [][]byte) {
	text, stated := d.object.Metadata["signature"]
	for _, l := range w.links[d.key] {
		if l.from.trusted() {
			trusted = append(trusted, l.signature)
		} else {
			doubtful = append(doubtful, l.signature)
		}
	}
	return decodeHex(text), stated, trusted, doubtful
}

func (w *walker) signature(d *digest) {
	own, stated, trusted, doubtful := w.signatures(d)
	all := append(append([][]byte{own}, trusted...), doubtful...)
	signed := stringToSign(*d.doc, d.hash)
	for _, key := range w.keys.find(d.doc.Fingerprint) {
		for _, s := range all {
			if s != nil && verifies(key.Key, signed, s) {
				w.verified(d, s, own, stated)
				return
			}
		}
	}
	w.unverified(d, all, stated || len(trusted) > 0, len(doubtful) > 0)
}

// verified checks around a signature that verifies: the metadata, what later
// digests repeat, and the time of the key.
func (w *walker) verified(d *digest, signature, own []byte, stated bool) {
	d.signed = true
	w.period(d)
	if d.moved() { // later digests and their signatures are of what was here
		return
	}
	if stated && string(own) != string(signature) {
		w.altered(d, "signature", "the signature in the metadata is not that of this digest, which a later digest repeats: the metadata was changed, the digest was not")
	}
	w.algorithmOf(d)
	for _, l := range w.links[d.key] {
		if string(l.signature) != string(signature) {
			w.report(Finding{Kind: PreviousSignature, Severity: Damage, Key: l.from.key, Field: "previousDigestSignature", From: l.from.covered.From, To: l.from.covered.To,
				Message: fmt.Sprintf("is not the signature of %s, which is right by its metadata", d.key)})
		}
	}
}

func (w *walker) algorithmOf(d *digest) {
	if a, ok := d.object.Metadata["signature-algorithm"]; ok && a != algorithm {
		w.altered(d, "signature-algorithm", fmt.Sprintf("is %q in the metadata, and the digest is signed with %s", a, algorithm))
	}
}

// period checks that a key was valid when it signed: between the start of the
// digest and two hours after its end, or within an hour of when a backfill
// digest was made. So the AWS CLI asks for keys.
func (w *walker) period(d *digest) {
	from, to := d.doc.Start, d.doc.End.Add(2*hour)
	made, known := w.generated(d)
	if known {
		from, to = made.Add(-hour), made.Add(hour)
	}
	var later bool
	for _, k := range w.keys.find(d.doc.Fingerprint) {
		if k.validBetween(from, to) {
			return
		}
		later = later || k.validBetween(from, time.Unix(1<<40, 0))
	}
	k := w.keys.find(d.doc.Fingerprint)[0]
	if w.chain.Backfill && !known && later {
		w.doubt(d, KeyExpired, backfillStamp, fmt.Sprintf("key %s signed it, which was valid from %s on: no metadata says that the digest was made then",
			k.Fingerprint, k.ValidFrom.Format(time.RFC3339)))
		return
	}
	w.wrong(d, KeyExpired, "digestPublicKeyFingerprint", fmt.Sprintf("key %s signed it, which was valid from %s to %s only",
		k.Fingerprint, k.ValidFrom.Format(time.RFC3339), k.ValidTo.Format(time.RFC3339)))
}

const backfillStamp = "backfill-generation-timestamp"

// generated is when a backfill digest was made, later than its hours, where its
// metadata says so.
func (w *walker) generated(d *digest) (time.Time, bool) {
	text, stated := d.object.Metadata[backfillStamp]
	if !w.chain.Backfill || !stated {
		return time.Time{}, false
	}
	made, err := time.Parse(time.RFC3339, text)
	if err != nil {
		w.altered(d, backfillStamp, fmt.Sprintf("is %q, which is no time", text))
	}
	return made, err == nil
}

// unverified says why no signature verifies.
func (w *walker) unverified(d *digest, signatures [][]byte, known, doubtful bool) {
	maker, made := w.keys.maker(signatures...)
	field := "digestPublicKeyFingerprint"
	switch {
	case !known && !doubtful:
		w.doubt(d, SignatureMissing, "signature", "there is no metadata with a signature, and no later digest that repeats it: whether the digest was changed cannot be told")
	case d.doc.Algorithm != "" && d.doc.Algorithm != algorithm:
		w.wrong(d, SignatureUnknown, "digestSignatureAlgorithm", fmt.Sprintf("is %q and not %s: the digest was changed, or signed in a way that is not known", d.doc.Algorithm, algorithm))
	case len(w.keys.find(d.doc.Fingerprint)) == 0 && made:
		w.wrong(d, KeyMismatch, field, fmt.Sprintf("names key %s, and the signature that is known of it was made by key %s: the digest was changed or replaced", d.doc.Fingerprint, maker.Fingerprint))
	case len(w.keys.find(d.doc.Fingerprint)) == 0:
		w.doubt(d, KeyUnknown, field, fmt.Sprintf("no key with fingerprint %s was given: list the public keys of region %s for this time; if there is none, the digest is not CloudTrail's", d.doc.Fingerprint, d.chain.Region))
	case !known:
		w.doubt(d, SignatureMissing, "signature", "there is no metadata with a signature, and the only later digest that repeats one is not valid: whether the digest was changed cannot be told")
	default:
		w.wrong(d, SignatureInvalid, "signature", "signature does not verify: "+w.hint(d, maker, made))
	}
}

// hint tells what was changed from who made the signature.
func (w *walker) hint(d *digest, maker PublicKey, made bool) string {
	switch {
	case made && !strings.EqualFold(maker.Fingerprint, d.doc.Fingerprint):
		return fmt.Sprintf("it was made by key %s, and the digest names key %s", maker.Fingerprint, d.doc.Fingerprint)
	case made:
		return "it was made by CloudTrail's key over something else, so the digest, its location or the previous signature was changed"
	}
	return fmt.Sprintf("it was not made by key %s, so the signature itself was changed or is another's", d.doc.Fingerprint)
}

// hashes compares the digest with what later digests say of it.
func (w *walker) hashes(d *digest) {
	for _, l := range w.links[d.key] {
		hash, alg := l.from.doc.PreviousHash, l.from.doc.PreviousHashAlgorithm
		if hash == nil || strings.EqualFold(*hash, d.hash) || alg != nil && *alg != "SHA-256" {
			continue
		}
		switch {
		case d.signed && !d.moved():
			w.report(Finding{Kind: PreviousHash, Severity: Damage, Key: l.from.key, Field: "previousDigestHashValue", From: l.from.covered.From, To: l.from.covered.To,
				Message: fmt.Sprintf("is not the hash of %s, which is right by its signature", d.key)})
		case l.from.trusted():
			w.wrong(d, PreviousHash, "previousDigestHashValue", fmt.Sprintf("its hash is %s, and %s says %s: its content was changed", d.hash, l.from.key, *hash))
		}
	}
}

// fields compares what a digest says with its name. One that is signed says so
// by CloudTrail's own hand.
func (w *walker) fields(d *digest) {
	note := func(field, message string) {
		w.report(Finding{Kind: DigestMismatch, Severity: Note, Key: d.key, Field: field, Message: message, From: d.covered.From, To: d.covered.To})
	}
	if !d.doc.End.Equal(d.end) {
		note("digestEndTime", fmt.Sprintf("is %s, and its name says %s", d.doc.EndText, d.end.Format(time.RFC3339)))
	}
	if a := d.doc.Account; a != "" && a != d.chain.Account {
		note("awsAccountId", fmt.Sprintf("is %s, and its name says %s", a, d.chain.Account))
	}
	if !d.doc.Start.Before(d.doc.End) {
		note("digestStartTime", "is not before digestEndTime: it covers no time")
	}
	w.predecessor(d, note)
}

// predecessor looks at where a digest says that the one before it is.
func (w *walker) predecessor(d *digest, note func(field, message string)) {
	if d.doc.Previous == nil {
		return
	}
	n, ok := parseDigestName(*d.doc.Previous)
	if ok && n.chain == w.chain && n.end.After(d.end) || *d.doc.Previous == d.key {
		w.doubt(d, DigestMismatch, "previousDigestS3Object", fmt.Sprintf("is %s, which is not before it: what precedes it cannot be told", *d.doc.Previous))
	}
	_, here := w.digests[*d.doc.Previous]
	switch s := d.doc.PreviousStore; {
	case s == nil:
		note("previousDigestS3Bucket", "is null, and there is a previous digest")
	case here && *s != d.doc.Bucket: // else it is reported as absent
		note("previousDigestS3Bucket", fmt.Sprintf("is %s, and the digest before it is here", *s))
	}
}
