package report

import (
	_ "embed"
	"encoding/binary"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

// Noto Sans and Noto Sans Mono, unmodified; font/LICENSE is their licence. They
// are strings, so that every document gets a copy of its own: the PDF library
// writes into the bytes it is given.
var (
	//go:embed font/NotoSans-Regular.ttf
	notoRegular string
	//go:embed font/NotoSans-Bold.ttf
	notoBold string
	//go:embed font/NotoSansMono-Regular.ttf
	notoMono string
)

// face is one of the three fonts.
type face int

const (
	regular face = iota
	bold
	mono
)

const basicPlane = 1 << 16

// typefaces knows what the fonts can show and how wide it is.
type typefaces struct {
	printable [basicPlane]bool // in every face
	width     [3][basicPlane]uint16
}

// loadFonts registers the fonts with f and measures them. A character counts as
// printable only when every face has ink for it, so that a value looks the same
// wherever it stands.
func loadFonts(f *fpdf.Fpdf) *typefaces {
	t := new(typefaces)
	files := [3]string{notoRegular, notoBold, notoMono}
	for i, name := range faceNames {
		f.AddUTF8FontFromBytes(name, "", []byte(files[i]))
	}
	inked := [3]map[rune]bool{inkedRunes(notoRegular), inkedRunes(notoBold), inkedRunes(notoMono)}
	for r := range inked[mono] {
		t.printable[r] = inked[regular][r] && inked[bold][r] && unicode.IsPrint(r) && !unicode.IsMark(r)
	}
	t.printable[' '] = true
	for i, name := range faceNames {
		f.SetFont(name, "", 10)
		for r, ok := range t.printable {
			if ok {
				t.width[i][r] = uint16(f.GetStringSymbolWidth(string(rune(r))))
			}
		}
	}
	return t
}

var faceNames = [3]string{"regular", "bold", "mono"}

// inkedRunes returns the characters for which the TrueType font has a glyph
// with an outline: an empty glyph would print as a silent blank.
// https://learn.microsoft.com/en-us/typography/opentype/spec/cmap (format 4).
func inkedRunes(ttf string) map[rune]bool {
	tables := fontTables(ttf)
	glyphs := cmapFormat4(tables["cmap"])
	long := u16(tables["head"], 50) == 1
	runes := make(map[rune]bool, len(glyphs))
	for r, g := range glyphs {
		if g != 0 && glyphSize(tables["loca"], g, long) > 0 {
			runes[r] = true
		}
	}
	return runes
}

func u16(s string, at int) int { return int(binary.BigEndian.Uint16([]byte(s[at : at+2]))) }

func u32(s string, at int) int { return int(binary.BigEndian.Uint32([]byte(s[at : at+4]))) }

func fontTables(ttf string) map[string]string {
	tables := map[string]string{}
	for i := range u16(ttf, 4) {
		entry := 12 + 16*i
		offset, length := u32(ttf, entry+8), u32(ttf, entry+12)
		tables[ttf[entry:entry+4]] = ttf[offset : offset+length]
	}
	return tables
}

// glyphSize is the length of the glyph's outline in bytes.
func glyphSize(loca string, glyph int, long bool) int {
	if long {
		return u32(loca, 4*glyph+4) - u32(loca, 4*glyph)
	}
	return u16(loca, 2*glyph+2) - u16(loca, 2*glyph)
}

// cmapFormat4 maps the characters of the basic plane to glyphs.
func cmapFormat4(cmap string) map[rune]int {
	glyphs := map[rune]int{}
	for i := range u16(cmap, 2) {
		entry := 4 + 8*i
		sub := cmap[u32(cmap, entry+4):]
		if platform := u16(cmap, entry); platform != 0 && platform != 3 || u16(sub, 0) != 4 {
			continue
		}
		segments := u16(sub, 6) / 2
		ends, starts := 14, 16+2*segments
		deltas, offsets := starts+2*segments, starts+4*segments
		for s := range segments {
			offset := u16(sub, offsets+2*s)
			for r := u16(sub, starts+2*s); r <= u16(sub, ends+2*s) && r < 0xFFFF; r++ {
				glyph := r
				if offset != 0 {
					glyph = u16(sub, offsets+2*s+offset+2*(r-u16(sub, starts+2*s)))
				}
				if glyph != 0 || offset == 0 {
					glyphs[rune(r)] = (glyph + u16(sub, deltas+2*s)) & 0xFFFF
				}
			}
		}
		return glyphs
	}
	return glyphs
}
