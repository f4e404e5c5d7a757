package main

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/verify"
)

// trusted are the flags that say whose word is taken.
type trusted struct {
	keys, witnesses, roots []string
	kept                   []string
	needed                 int
}

func (t *trusted) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&t.keys, "key", nil, "file with a public key that you hold (may be given several times; default: what lies with the ledger)")
	cmd.Flags().StringArrayVar(&t.witnesses, "witness", nil, "public key of a witness, name+hash+key (may be given several times)")
	cmd.Flags().IntVar(&t.needed, "witnesses", 0, "how many of the witnesses must have cosigned (default: all that are named)")
	cmd.Flags().StringArrayVar(&t.roots, "tsa", nil, "file with the root certificate of a time-stamping authority, PEM (may be given several times)")
	cmd.Flags().StringArrayVar(&t.kept, "checkpoint", nil, "file with a checkpoint that you kept from earlier, as 'checkpoint show' prints it (may be given several times)")
}

func (t *trusted) read() (trust verify.Trust, err error) {
	if t.needed < 0 || t.needed > len(t.witnesses) {
		return trust, usagef("--witnesses %d: %d are named with --witness", t.needed, len(t.witnesses))
	}
	trust.Needed = t.needed
	if trust.Keys, err = publicKeys(t.keys); err != nil {
		return trust, err
	}
	if trust.Witnesses, err = witnessKeys(t.witnesses); err != nil {
		return trust, err
	}
	for _, path := range t.kept {
		text, err := os.ReadFile(path)
		if err != nil {
			return trust, fmt.Errorf("read the checkpoint: %w", err)
		}
		if err := trust.Keep(string(text)); err != nil {
			return trust, fmt.Errorf("%s holds no checkpoint: %w", path, err)
		}
	}
	for _, path := range t.roots {
		text, err := os.ReadFile(path)
		if err != nil {
			return trust, fmt.Errorf("read the authority's certificate: %w", err)
		}
		if trust.Authorities == nil {
			trust.Authorities = x509.NewCertPool()
		}
		if !trust.Authorities.AppendCertsFromPEM(text) {
			return trust, fmt.Errorf("%s holds no certificate in PEM: 'openssl x509 -inform DER' makes one of DER", path)
		}
	}
	return trust, nil
}

// printVouching says who else saw the ledger, and who only says so.
func printVouching(w io.Writer, r *verify.Result, trust verify.Trust) {
	if r.Cosigned > 0 {
		say(w, "Cosigned up to record %d by %d of the %d witnesses that you named.\n", r.Cosigned, cmp.Or(trust.Needed, len(trust.Witnesses)), len(trust.Witnesses))
	}
	if r.Stamped > 0 {
		say(w, "Time-stamped up to record %d at %s by an authority that you named.\n", r.Stamped, utc(r.StampedAt))
	}
	unchecked := map[everqual.AttestationForm][]string{}
	for _, t := range r.Attestations {
		if !t.Checked {
			unchecked[t.Form] = append(unchecked[t.Form], t.By)
		}
	}
	for _, f := range []struct {
		form            everqual.AttestationForm
		one, many, flag string
	}{
		{everqual.Cosignature, "cosignature", "cosignatures", "--witness"},
		{everqual.TimeStamp, "time-stamp", "time-stamps", "--tsa"},
	} {
		if by := unchecked[f.form]; len(by) > 0 {
			n := len(by)
			slices.Sort(by)
			say(w, "%s by %s present, not checked: name whom you trust with %s.\n", count(n, f.one, f.many), strings.Join(slices.Compact(by), "; "), f.flag)
		}
	}
}
