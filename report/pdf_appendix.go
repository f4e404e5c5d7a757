package report

import (
	"fmt"

	"github.com/everqual/everqual"
)

// The appendices: every digest in full, and how to check them.

func (d *document) digests() {
	d.section(false, "A", "Appendix: digests in full")
	d.subsection("Report and ledger")
	led := d.r.Ledger
	d.pairs(38, [][2]string{
		{"Report", orElse(string(d.r.Digest), "none")},
		{"Ledger head", fmt.Sprintf("record %d", led.Sequence)},
		{"Hash of the head", orElse(string(led.Hash), "none")},
		{"Checkpoint", stamp(led.CheckpointAt)},
	})
	d.subsection("Specifications")
	d.specificationDigests()
	d.subsection("Collector identities")
	d.collectors()
	d.subsection("Records and evidence")
	d.recordDigests()
	d.otherEvidence()
}

func (d *document) specificationDigests() {
	if len(d.r.Specs) == 0 {
		d.none("No specification is in force for this system.")
		return
	}
	t := d.table(column{title: "Specification", width: 66}, column{title: "Digest of the file as approved (SHA-256)", width: 114})
	for _, s := range d.r.Specs {
		name := cell{{s.ID + ", version " + s.Version, tableBold}}
		if s.Path != "" {
			name = append(name, part{s.Path, noteMono})
		}
		t.row(name, cell{{orElse(string(s.Digest), "none"), tableMono}})
	}
	t.end()
}

func (d *document) collectors() {
	if len(d.r.Callers) == 0 {
		d.none("No collector identity is recorded.")
		return
	}
	t := d.table(column{title: "Identity (ARN)", width: 145}, column{title: "Account", width: 35})
	for _, c := range d.r.Callers {
		t.row(cell{{orElse(c.ARN, "not known"), tableMono}}, cell{{c.Account, tableText}})
	}
	t.end()
}

func (d *document) recordDigests() {
	if len(d.r.Inventory) == 0 {
		d.none("No resource of this system is on record.")
		return
	}
	t := d.table(column{title: "Resource and record", width: 53}, column{title: "Digest of", width: 16}, column{title: "SHA-256", width: 111})
	for _, item := range d.r.Inventory {
		t.row(cell{{item.Name, tableBold}, {string(item.Resource.ID), noteMono}, {fmt.Sprintf("record no. %d, version %d", item.Sequence, item.Version), tableNote}},
			cell{{"state", tableText}, {"evidence", tableText}, {"record", tableText}},
			cell{full(item.Digest), full(item.Evidence), full(item.Hash)})
	}
	t.end()
}

func full(g everqual.Digest) part { return part{orElse(string(g), "none"), tableMono} }

// otherEvidence lists evidence behind results that is not that of the latest
// records.
func (d *document) otherEvidence() {
	known := map[everqual.Digest]bool{"": true}
	for _, item := range d.r.Inventory {
		known[item.Evidence] = true
	}
	var t *table
	for _, r := range d.r.Results {
		if known[r.Evidence] {
			continue
		}
		known[r.Evidence] = true
		if t == nil {
			d.subsection("Evidence of other results")
			t = d.table(column{title: "Resource", width: 66}, column{title: "Digest of the evidence (SHA-256)", width: 114})
		}
		t.row(cell{{r.Name, tableBold}, {string(r.Resource.ID), noteMono}}, cell{full(r.Evidence)})
	}
	if t != nil {
		t.end()
	}
}

func (d *document) verification() {
	d.section(false, "B", "Appendix: how to verify")
	steps := []struct{ text, command string }{
		{"The data of this report is attached to this PDF as " + attachmentName + ". Take it out with any PDF reader, or:",
			"pdfdetach -saveall report.pdf"},
		{"Its digest is computed over the file without the two lines that hold the digest and its proof. This command must print the digits of the report digest in appendix A:",
			"grep -vE '^  \"(digest|proof)\": ' " + attachmentName + " | sha256sum"},
		{"The specifications, byte for byte as approved, and the evidence are kept as files that are named by their digest. This command must print " +
			"for each file its own name, and every digest of appendix A must be among them:",
			"sha256sum specifications/* evidence/*"},
		{"The hash of each ledger record covers its other fields, among them the hash of the record before. Recomputed from the first record on, the chain " +
			"must arrive at the hash of the head in appendix A; then no record up to the head was changed, removed or put in between.", ""},
		{"The report carries a proof that the ledger holds its digest, by a checkpoint that is signed. With the ledger's public key, and nothing else:",
			"everqual verify report.pdf --key ledger.pub"},
	}
	for i, s := range steps {
		d.paragraph(bodyText, fmt.Sprintf("%d.  %s", i+1, s.text))
		if s.command != "" {
			d.command(s.command)
		}
	}
}

func (d *document) command(s string) {
	d.need(9)
	d.y -= 0.6
	d.fill(margin, d.y, d.width(), 6.4, shade)
	d.text(margin+3, d.y+1.4, style{mono, 8, ink, 3.6}, s)
	d.y += 9
}
