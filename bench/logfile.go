package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

const (
	kindFile   = "file" // streams of real logs
	maxLine    = 256 << 10
	maxStreams = 5000
)

// readLogs encodes the lines of real files, in order, with times spread evenly
// over the span: what matters is their text, and old times would be refused.
// Each file is a stream, or as many as its lines name (see -file-stream). The
// words to search for are picked from the lines.
func readLogs(format logFormat, o *options) (*logLoad, error) {
	var count int
	for _, path := range o.files {
		n := 0
		if err := eachLine(path, o.lines, func([]byte) error { n++; return nil }); err != nil {
			return nil, err
		}
		count += n
	}
	if count == 0 {
		return nil, errors.New("-file: no lines")
	}
	streams, err := fileStreams(o)
	if err != nil {
		return nil, err
	}
	batches, place := dealStreams(format, streams.list, o.conns)
	picker, fields := newWordPicker(count), newFieldPicker()
	gap, i := o.span/time.Duration(count), 0
	for _, path := range o.files {
		err := eachLine(path, o.lines, func(line []byte) error {
			picker.add(line)
			fields.add(line)
			p := place[streams.number(o, path, line)]
			batches[p.conn].add(p.index, o.start().Add(gap*time.Duration(i)), bytes.Clone(line))
			i++
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := &logLoad{load: &load{header: maps.Clone(format.header)}}
	// VictoriaLogs searches for words in one field: the line is to be that.
	out.header["VL-Loki-Disable-Message-Parsing"] = "1"
	for _, b := range batches {
		b.cut()
		if len(b.bodies) > 0 { // fewer streams than connections
			out.conns = append(out.conns, b.bodies)
		}
		out.raw += b.raw
	}
	if out.words, err = picker.pick(); err != nil {
		return nil, err
	}
	out.words.few, out.words.many = fields.pick()
	fmt.Fprintf(os.Stderr, "%d lines in %d streams; searching for %s\n", count, len(streams.list), picker.describe(out.words))
	return out, nil
}

// eachLine calls f with at most limit lines of the file, without their ends;
// empty ones are left out and those over maxLine cut. A name ending in .gz is
// decompressed.
func eachLine(path string, limit int, f func(line []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	var r io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	br := bufio.NewReaderSize(r, maxLine)
	for n := 0; n < limit; {
		line, more, err := br.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(line) > 0 {
			if err := f(line); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			n++
		}
		for more && err == nil {
			_, more, err = br.ReadLine()
		}
	}
	return nil
}

// streamSet numbers the streams of files.
type streamSet struct {
	list []logStream
	byID map[string]int
}

// id names the stream that a line belongs to: its file, and what -file-stream
// finds in it.
func (s *streamSet) id(o *options, path string, line []byte) string {
	if o.fileStream == nil {
		return path
	}
	m := o.fileStream.FindSubmatch(line)
	if m == nil {
		return path
	}
	return path + "\x00" + string(m[len(m)-1])
}

func (s *streamSet) number(o *options, path string, line []byte) int {
	return s.byID[s.id(o, path, line)]
}

// fileStreams reads all files and returns their streams. They have the labels
// of generated ones, so that the same selectors find them.
func fileStreams(o *options) (*streamSet, error) {
	s := &streamSet{byID: map[string]int{}}
	for _, path := range o.files {
		app := filepath.Base(path)
		err := eachLine(path, o.lines, func(line []byte) error {
			id := s.id(o, path, line)
			if _, ok := s.byID[id]; ok {
				return nil
			}
			if len(s.list) == maxStreams {
				return fmt.Errorf("-file-stream makes more than %d streams", maxStreams)
			}
			_, pod, _ := strings.Cut(id, "\x00")
			if pod == "" {
				pod = app
			}
			s.byID[id] = len(s.list)
			s.list = append(s.list, logStream{kind: kindFile, labels: []string{
				"app", app, "cluster", "prod-eu-1", "container", "main", "logtype", kindFile,
				"namespace", "files", "node", "localhost", "pod", strings.ToValidUTF8(pod, "?"),
			}})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// A streamPlace is where a stream's lines go.
type streamPlace struct{ conn, index int }

// dealStreams gives each connection its share of the streams.
func dealStreams(format logFormat, all []logStream, conns int) ([]*logBatcher, []streamPlace) {
	shares := make([][]logStream, conns)
	var places []streamPlace
	for i, s := range all {
		c := i % conns
		places = append(places, streamPlace{conn: c, index: len(shares[c])})
		shares[c] = append(shares[c], s)
	}
	var batches []*logBatcher
	for _, share := range shares {
		batches = append(batches, newLogBatcher(format, share))
	}
	return batches, places
}
