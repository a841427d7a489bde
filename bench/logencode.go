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
	stream bool // bodies are no requests but parts of a TCP stream
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
	case "es-lines":
		return logFormat{header: docs("application/x-ndjson", "").header, encode: encodeMessages}
	case "otlp":
		return logFormat{
			header: map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"},
			encode: encodeOTLPLogs,
		}
	case "syslog":
		return logFormat{stream: true, encode: encodeSyslog}
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

// encodeMessages makes one document per line, with the stream's labels beside
// the line as it is.
func encodeMessages(streams []logStream, entries [][]logEntry) []byte {
	var doc []byte
	return zipped(func(out *gzip.Writer) error {
		for i, es := range entries {
			for _, e := range es {
				doc = append(doc[:0], `{"create":{"_index":"logs"}}`+"\n"+`{"@timestamp":"`...)
				doc = e.at.AppendFormat(doc, "2006-01-02T15:04:05.000000000Z")
				doc = append(doc, `","message":`...)
				doc = strconv.AppendQuote(doc, string(e.line))
				for kv := range slices.Chunk(streams[i].labels, 2) {
					doc = strconv.AppendQuote(append(doc, ','), kv[0])
					doc = strconv.AppendQuote(append(doc, ':'), kv[1])
				}
				if _, err := out.Write(append(doc, "}\n"...)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// semantic are OpenTelemetry's names of labels.
// https://opentelemetry.io/docs/specs/semconv/resource/k8s/
func semantic(label string) string {
	switch label {
	case "app":
		return "service.name"
	case "cluster", "namespace", "container", "node", "pod":
		return "k8s." + label + ".name"
	}
	return label
}

// encodeOTLPLogs makes an ExportLogsServiceRequest with a resource per stream,
// compressed as the Collector's exporter does.
func encodeOTLPLogs(streams []logStream, entries [][]logEntry) []byte {
	return zipped(func(out *gzip.Writer) error {
		var logs, resource, scope, record []byte
		for i, es := range entries {
			if len(es) == 0 {
				continue
			}
			resource, scope = resource[:0], scope[:0]
			for kv := range slices.Chunk(streams[i].labels, 2) {
				resource = attrString(resource, 1, semantic(kv[0]), kv[1])
			}
			for _, e := range es {
				at := uint64(e.at.UnixNano())
				record = pbFixed64(pbFixed64(record[:0], 1, at), 11, at)
				record = pbBytes(record, 5, pbBytes(nil, 1, e.line))
				scope = pbBytes(scope, 2, record)
			}
			logs = pbBytes(pbBytes(logs[:0], 1, resource), 2, scope)
			if _, err := out.Write(pbBytes(nil, 1, logs)); err != nil {
				return err
			}
		}
		return nil
	})
}

// encodeSyslog makes messages of RFC 5424, framed by counting octets (RFC
// 6587). A stream is the application on its node.
func encodeSyslog(streams []logStream, entries [][]logEntry) []byte {
	var out, msg []byte
	for i, es := range entries {
		labels := map[string]string{}
		for kv := range slices.Chunk(streams[i].labels, 2) {
			labels[kv[0]] = kv[1]
		}
		origin := " " + labels["node"] + " " + labels["app"] + " - - - "
		for _, e := range es {
			msg = e.at.AppendFormat(append(msg[:0], "<14>1 "...), "2006-01-02T15:04:05.000000Z")
			msg = append(append(msg, origin...), e.line...)
			out = append(strconv.AppendInt(out, int64(len(msg)), 10), ' ')
			out = append(out, msg...)
		}
	}
	return out
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
