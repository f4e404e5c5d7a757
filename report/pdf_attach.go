package report

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"strconv"
	"time"
)

// attachmentName is the name of the report's JSON inside the PDF.
const attachmentName = "iq-report.json"

// attachment is the file to embed, with the document's XMP metadata.
type attachment struct {
	content []byte
	at      time.Time
	xmp     string
	id      string // 32 hexadecimal digits
}

func (d *document) attachment(content []byte) attachment {
	doc := d.r.Document
	at := doc.GeneratedAt.UTC()
	xmp := fmt.Sprintf(`<?xpacket begin="`+"\uFEFF"+`" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:identifier>%s</dc:identifier>
<xmp:CreateDate>%s</xmp:CreateDate><xmp:CreatorTool>%s</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`, html.EscapeString(d.clean(doc.Title+" "+doc.Number)), html.EscapeString(d.clean(string(d.r.Digest))),
		at.Format("2006-01-02T15:04:05Z"), html.EscapeString(d.clean("Everqual "+doc.ToolVersion)))
	sum := md5.Sum(content)
	return attachment{content: content, at: at, xmp: xmp, id: hex.EncodeToString(sum[:])}
}

// attach writes pdf with the file embedded. The PDF library can attach files
// too, but then its bookmarks point to the wrong pages. The document catalog is
// the last object that the library writes: it is replaced here by one that also
// names the embedded file, and the cross-reference table is written anew.
// ISO 32000-1 §7.11.4 (embedded files), §7.5.4 (cross-reference table).
func attach(w io.Writer, pdf []byte, a attachment) error {
	old, err := tailOf(pdf)
	if err != nil {
		return err
	}
	copy(pdf, "%PDF-1.7")
	out := &objects{w: w, at: old.catalogAt, table: old.table, next: old.catalog}
	if _, err := w.Write(pdf[:old.catalogAt]); err != nil {
		return err
	}
	file := out.stream(fmt.Sprintf("/Type /EmbeddedFile /Subtype /application#2Fjson /Filter /FlateDecode /Params << /Size %d /ModDate (%s) /CheckSum <%s> >>",
		len(a.content), a.at.Format("D:20060102150405Z"), a.id), deflate(a.content))
	spec := out.object(fmt.Sprintf("<< /Type /Filespec /F (%s) /UF (%s) /AFRelationship /Data /Desc (Data of this report) /EF << /F %d 0 R >> >>",
		attachmentName, attachmentName, file))
	meta := out.stream("/Type /Metadata /Subtype /XML", []byte(a.xmp))
	root := out.object(fmt.Sprintf("<<%s/Metadata %d 0 R\n/AF [%d 0 R]\n/Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >>\n"+
		"/ViewerPreferences << /DisplayDocTitle true >>\n>>", old.entries, meta, spec, attachmentName, spec))
	out.finish(root, old.info, a.id)
	return out.err
}

// tail is what the library wrote at the end.
type tail struct {
	catalog, info int
	catalogAt     int
	entries       []byte // of the catalog, without << and >>
	table         []byte // cross-reference entries before the catalog's, 20 bytes each
}

func tailOf(pdf []byte) (t tail, err error) {
	fail := func(what string) (tail, error) { return tail{}, fmt.Errorf("attach data: the PDF has no %s", what) }
	mark := bytes.LastIndex(pdf, []byte("\nstartxref\n"))
	if mark < 0 {
		return fail("startxref")
	}
	digits, _, _ := bytes.Cut(pdf[mark+len("\nstartxref\n"):], []byte("\n"))
	xref, err := strconv.Atoi(string(digits))
	if err != nil || xref <= 0 || xref >= mark {
		return fail("cross-reference table")
	}
	trailer := pdf[xref:]
	if i := bytes.LastIndex(trailer, []byte("trailer\n")); i >= 0 {
		trailer = trailer[i:]
	}
	_, root, ok := bytes.Cut(trailer, []byte("/Root "))
	if n, scanErr := fmt.Sscanf(string(root), "%d 0 R", &t.catalog); !ok || n != 1 || scanErr != nil {
		return fail("root")
	}
	_, info, ok := bytes.Cut(trailer, []byte("/Info "))
	if n, scanErr := fmt.Sscanf(string(info), "%d 0 R", &t.info); !ok || n != 1 || scanErr != nil {
		return fail("information dictionary")
	}
	head := fmt.Appendf(nil, "\n%d 0 obj\n<<", t.catalog)
	at := bytes.LastIndex(pdf[:xref], head)
	end := bytes.LastIndex(pdf[:xref], []byte(">>\nendobj"))
	first := bytes.IndexByte(pdf[xref+len("xref\n"):], '\n') + xref + len("xref\n") + 1
	if at < 0 || end < at+len(head) || first+20*t.catalog > len(pdf) {
		return fail("catalog at its end")
	}
	t.catalogAt, t.entries, t.table = at+1, pdf[at+len(head):end], pdf[first:first+20*t.catalog]
	if names := bytes.LastIndex(t.entries, []byte("/Names <<")); names >= 0 {
		t.entries = t.entries[:names] // the library's own, empty and last
	}
	return t, nil
}

// objects appends PDF objects and remembers where they are. After an error it
// writes nothing more.
type objects struct {
	w     io.Writer
	at    int
	table []byte
	next  int
	err   error
}

func (o *objects) write(b []byte) {
	if o.err != nil {
		return
	}
	_, o.err = o.w.Write(b)
	o.at += len(b)
}

func (o *objects) object(body string) (number int) {
	o.table = fmt.Appendf(o.table[:len(o.table):len(o.table)], "%010d 00000 n \n", o.at)
	number, o.next = o.next, o.next+1
	o.write(fmt.Appendf(nil, "%d 0 obj\n%s\nendobj\n", number, body))
	return number
}

func (o *objects) stream(entries string, content []byte) (number int) {
	return o.object(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", entries, len(content), content))
}

func (o *objects) finish(root, info int, id string) {
	start := o.at
	o.write(fmt.Appendf(nil, "xref\n0 %d\n%strailer\n<<\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n/ID [<%s> <%s>]\n>>\nstartxref\n%d\n%%%%EOF\n",
		o.next, o.table, o.next, root, info, id, id, start))
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b) // a bytes.Buffer takes everything
	_ = z.Close()
	return out.Bytes()
}
