package main

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
)

// A logEntry is one line of a stream.
type logEntry struct {
	at   time.Time
	line []byte
}

// A logFormat turns batches of lines into request bodies; entries[i] are those
// of streams[i].
type logFormat struct {
	header map[string]string
	encode func(streams []logStream, entries [][]logEntry) []byte
}

// logFormatOf returns the format of that name, as in logsAPI.
func logFormatOf(name string) logFormat {
	docs := func(contentType, before string) logFormat {
		return logFormat{
			header: map[string]string{"Content-Type": contentType, "Content-Encoding": "gzip"},
			encode: func(s []logStream, e [][]logEntry) []byte { return encodeDocs(s, e, before) },
		}
	}
	switch name {
	case "jsonline":
		return docs("application/stream+json", "")
	case "es":
		return docs("application/x-ndjson", `{"create":{"_index":"logs"}}`+"\n")
	default:
		return logFormat{
			header: map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"},
			encode: encodeLoki,
		}
	}
}

// encodeLoki makes a logproto.PushRequest.
func encodeLoki(streams []logStream, entries [][]logEntry) []byte {
	var out, st, en, ts []byte
	for i, es := range entries {
		if len(es) == 0 {
			continue
		}
		st = pbBytes(st[:0], 1, streams[i].selector())
		for _, e := range es {
			ts = pbVarint(pbVarint(ts[:0], 1, uint64(e.at.Unix())), 2, uint64(e.at.Nanosecond()))
			en = pbBytes(pbBytes(en[:0], 1, ts), 2, e.line)
			st = pbBytes(st, 2, en)
		}
		out = pbBytes(out, 1, st)
	}
	return snappy.Encode(nil, out)
}

// encodeDocs makes one JSON document per line, with the stream's labels and,
// for JSON lines, their fields beside them; other lines become "msg".
func encodeDocs(streams []logStream, entries [][]logEntry, before string) []byte {
	var doc []byte
	return zipped(func(out *gzip.Writer) error {
		for i, es := range entries {
			for _, e := range es {
				doc = append(doc[:0], before...)
				doc = append(doc, `{"@timestamp":"`...)
				doc = e.at.AppendFormat(doc, "2006-01-02T15:04:05.000000000Z")
				doc = append(doc, '"', ',')
				for kv := range slices.Chunk(streams[i].labels, 2) {
					doc = append(strconv.AppendQuote(doc, kv[0]), ':')
					doc = append(strconv.AppendQuote(doc, kv[1]), ',')
				}
				if streams[i].kind == "json" {
					doc = append(doc, e.line[1:]...)
				} else {
					doc = append(strconv.AppendQuote(append(doc, `"msg":`...), string(e.line)), '}')
				}
				if _, err := out.Write(append(doc, '\n')); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// zipped returns what fill writes, compressed as shippers do: fast.
func zipped(fill func(*gzip.Writer) error) []byte {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err == nil {
		err = fill(zip)
	}
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		panic("gzip to memory: " + err.Error()) // our own bug: the level is valid and a buffer takes all
	}
	return out.Bytes()
}
