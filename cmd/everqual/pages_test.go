package main

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/home/embedded/page"
	"github.com/everqual/everqual/verify"
	"github.com/google/go-cmp/cmp"
)

// rewrite changes the records in a home's file, as somebody with the file could. A
// record of which change says no is left out.
func rewrite(t *testing.T, db *sql.DB, change func(r *everqual.Record) bool) {
	t.Helper()
	var kept []everqual.Record
	for _, r := range pages(t, db) {
		if change(&r) {
			kept = append(kept, r)
		}
	}
	if _, err := db.Exec(`DELETE FROM page`); err != nil {
		t.Fatal(err)
	}
	for len(kept) > 0 {
		together := 1
		for together < len(kept) && kept[together].Sequence == kept[0].Sequence+uint64(together) {
			together++
		}
		text, n := new(page.Encoder).Encode(kept[:together])
		if _, err := db.Exec(`INSERT INTO page VALUES (?, ?)`, kept[0].Sequence, text); err != nil {
			t.Fatal(err)
		}
		kept = kept[n:]
	}
}

// pages reads every record of a home's file.
func pages(t testing.TB, db *sql.DB) (records []everqual.Record) {
	t.Helper()
	rows, err := db.Query(`SELECT first, records FROM page ORDER BY first`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var first uint64
		var text []byte
		if err := rows.Scan(&first, &text); err != nil {
			t.Fatal(err)
		}
		some, err := page.Decode(first, text)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, some...)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return records
}

// replaced writes one text for another in the body of a record.
func replaced(r *everqual.Record, old, with string) {
	r.Body = bytes.ReplaceAll(r.Body, []byte(old), []byte(with))
}

// A page of which a byte was changed does not verify, unless it still holds the same
// records.
func TestEveryPageCounts(t *testing.T) {
	dir := smallHome(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, "everqual.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want, found := pages(t, db), 0
	var whole []byte
	if err := db.QueryRow(`SELECT records FROM page WHERE first = 1`).Scan(&whole); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 7 {
		b := bytes.Clone(whole)
		b[at] ^= 1 << (at % 8)
		if got, err := page.Decode(1, b); err == nil && cmp.Equal(got, want[:len(got)]) {
			continue
		}
		again := dropTriggers(t, db)
		if _, err := db.Exec(`UPDATE page SET records = ? WHERE first = 1`, b); err != nil {
			t.Fatal(err)
		}
		again()
		r, err := (&app{home: dir}).verifyHome(t.Context(), verify.Trust{}, false)
		if err != nil || r.OK() {
			t.Errorf("byte %d changed: %+v, %v", at, r, err)
		}
		found++
	}
	if found < len(whole)/10 {
		t.Errorf("only %d changes of %d bytes were tried", found, len(whole))
	}
}
