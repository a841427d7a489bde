package fulltext

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func small(t testing.TB) (bloom, dict []byte) {
	t.Helper()
	var bw, dw bytes.Buffer
	b := NewBuilder(&bw, &dw)
	for _, lines := range [][]string{{"request timeout", "level=info id=42"}, {"request started level=info"}, {"Größe " + strings.Repeat("x", 99)}, {"level=warn"}} {
		require.NoError(t, b.Add(&model.Batch{
			Streams: []*model.Stream{{}}, StreamOf: make([]uint32, len(lines)), Time: make([]int64, len(lines)), Body: lines,
		}, nil))
	}
	require.NoError(t, b.Finish())
	return bw.Bytes(), dw.Bytes()
}

var questions = []storage.Predicate{
	storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "equest"},
	storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: " lev"},
	storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: " level="},
	storage.Match{Field: storage.Field{Place: storage.Body}, Regexp: regexp.MustCompile("Gr.*e x+$")},
	storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "k"}},
}

// ask returns the first error of opening and asking.
func ask(bloom, dict []byte) error {
	x, err := Open(bytes.NewReader(bloom), bytes.NewReader(dict), NewCache(1<<20))
	if err != nil {
		return err
	}
	for _, q := range questions {
		if _, _, err := x.Granules(q); err != nil {
			return err
		}
	}
	return nil
}

func TestEveryChangedByteOfTheDictionaryIsFound(t *testing.T) {
	bloom, dict := small(t)
	require.NoError(t, ask(bloom, dict))
	for i := range dict {
		bad := bytes.Clone(dict)
		bad[i] ^= 0x10
		require.ErrorIs(t, ask(bloom, bad), ErrCorrupt, "byte %d", i)
	}
	for n := range dict {
		require.ErrorIs(t, ask(bloom, dict[:n]), ErrCorrupt, "first %d bytes", n)
	}
}

func TestChangedBytesOfTheBloomAreFound(t *testing.T) {
	bloom, dict := small(t)
	for i := range bloom {
		bad := bytes.Clone(bloom)
		bad[i] ^= 0x10
		require.ErrorIs(t, ask(bad, dict), ErrCorrupt, "byte %d", i)
	}
	for _, n := range []int{0, 1, bloomTrailer - 1, bloomTrailer, len(bloom) / 2, len(bloom) - 1} {
		require.ErrorIs(t, ask(bloom[:n], dict), ErrCorrupt, "first %d bytes", n)
	}
}

func TestFilesOfTwoPartsAreToldApart(t *testing.T) {
	bloom, _ := small(t)
	var bw, dw bytes.Buffer
	require.NoError(t, NewBuilder(&bw, &dw).Finish())
	require.NoError(t, ask(bw.Bytes(), dw.Bytes()), "a part without granules")
	require.ErrorContains(t, ask(bloom, dw.Bytes()), "words of 0 granules; want 4")
}

func TestABuilderCanBeUsedAgain(t *testing.T) {
	bloom, dict := small(t)
	var bw, dw bytes.Buffer
	b := NewBuilder(&bw, &dw)
	for range 2 {
		bw.Reset()
		dw.Reset()
		b.Reset(&bw, &dw)
		for _, lines := range [][]string{{"request timeout", "level=info id=42"}, {"request started level=info"}, {"Größe " + strings.Repeat("x", 99)}, {"level=warn"}} {
			require.NoError(t, b.Add(&model.Batch{
				Streams: []*model.Stream{{}}, StreamOf: make([]uint32, len(lines)), Time: make([]int64, len(lines)), Body: lines,
			}, nil))
		}
		require.NoError(t, b.Finish())
		require.Equal(t, bloom, bw.Bytes())
		require.Equal(t, dict, dw.Bytes())
	}
}

// FuzzOpen feeds damaged files, whose checksums are made to agree if mend is
// set, so that what is behind them is reached.
func FuzzOpen(f *testing.F) {
	bloom, dict := small(f)
	f.Add(bloom, dict, false)
	f.Add(bloom, dict, true)
	f.Add([]byte{}, []byte{}, true)
	f.Fuzz(func(t *testing.T, bloom, dict []byte, mend bool) {
		if mend {
			mendDict(dict)
			mendBloom(bloom)
		}
		if err := ask(bloom, dict); err != nil {
			require.ErrorIs(t, err, ErrCorrupt)
		}
	})
}

func mendDict(b []byte) {
	if n := len(b) - 12; n >= 0 {
		binary.LittleEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
	}
}

func mendBloom(b []byte) {
	if len(b) < bloomTrailer {
		return
	}
	stripes := int(binary.LittleEndian.Uint32(b[len(b)-bloomTrailer:]))
	dir := len(b) - bloomTrailer - stripes*stripeEntry
	if dir < 0 {
		return
	}
	crc := len(b) - 12
	binary.LittleEndian.PutUint32(b[crc:], crc32.Checksum(b[dir:crc], castagnoli))
	at := 0
	for i := range stripes {
		e := b[dir+i*stripeEntry:]
		size := blockSize(int(e[0]))
		for range binary.LittleEndian.Uint32(e[1:]) {
			if at+size > dir {
				return
			}
			binary.LittleEndian.PutUint32(b[at+size-4:], crc32.Checksum(b[at:at+size-4], castagnoli))
			at += size
		}
	}
}

// FuzzContains holds the index of one text against strings.Contains and
// storage.ContainsFold.
func FuzzContains(f *testing.F) {
	f.Add("level=INFO msg=\"request timeout\"", "time", uint8(3), uint8(9))
	f.Add("id=5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6.", "41D2-4B0E-9C55", uint8(0), uint8(40))
	f.Add("\u212aelvin \u017fmall \xc3", "kelvin", uint8(0), uint8(7))
	f.Fuzz(func(t *testing.T, text, needle string, from, to uint8) {
		var bw, dw bytes.Buffer
		b := NewBuilder(&bw, &dw)
		require.NoError(t, b.Add(&model.Batch{Streams: []*model.Stream{{}}, StreamOf: []uint32{0}, Time: []int64{0}, Body: []string{text}}, nil))
		require.NoError(t, b.Finish())
		x, err := Open(bytes.NewReader(bw.Bytes()), bytes.NewReader(dw.Bytes()), NewCache(1<<20))
		require.NoError(t, err)
		needles := []string{needle}
		if int(from) <= int(to) && int(to) <= len(text) {
			part := text[from:to]
			needles = append(needles, part, strings.ToUpper(part), strings.ToLower(part))
		}
		for _, n := range needles {
			set, all, err := x.Granules(storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: n, FoldCase: true})
			require.NoError(t, err)
			if !all && !set.Test(0) {
				require.False(t, strings.Contains(text, n) || storage.ContainsFold(text, n), "%q is in %q", n, text)
			}
		}
	})
}
