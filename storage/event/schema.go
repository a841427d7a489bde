package event

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/shred"
)

// The columns of events.parquet that every part has, and of spans alone.
const (
	colTime    = "time"
	colStream  = "stream"
	colBody    = "body"
	colRest    = "attrs" // attributes without a column of their own
	attrPrefix = "attr." // and the key: columns of attributes

	colTraceID       = "trace_id"
	colSpanID        = "span_id"
	colParentID      = "parent_id"
	colKind          = "kind"
	colStatus        = "status"
	colStatusMessage = "status_message"
	colDuration      = "duration"
	colTraceState    = "trace_state"
	colFlags         = "flags"
	colEvents        = "events"
	colLinks         = "links"
	colDroppedAttrs  = "dropped_attrs"
	colDroppedEvents = "dropped_events"
	colDroppedLinks  = "dropped_links"
)

// An attribute gets a column of its own when at least one row in
// hotFraction has it, and maxHot others do not have more.
const (
	maxHot      = 64
	hotFraction = 64
)

// A hotColumn is an attribute with a column of its own. All its values are of
// one kind.
type hotColumn struct {
	key  string
	kind model.Kind
	rows int
	text bool // valid UTF-8 throughout
	dict bool // few distinct values
}

// hotColumns chooses the attributes that get columns, sorted by key.
func hotColumns(batches []*model.Batch) []hotColumn {
	byKey := map[string]*hotColumn{}
	distinct := map[string]map[string]struct{}{}
	rows := 0
	for _, b := range batches {
		rows += b.Len()
		for _, c := range b.Attrs {
			h := byKey[c.Key]
			if h == nil {
				h = &hotColumn{key: c.Key, text: true}
				byKey[c.Key] = h
				distinct[c.Key] = map[string]struct{}{}
			}
			h.look(c, distinct[c.Key])
		}
	}
	var hot []hotColumn
	for _, h := range byKey {
		if h.kind != mixedKinds && h.rows*hotFraction >= rows && utf8.ValidString(h.key) {
			h.dict = len(distinct[h.key])*8 <= min(h.rows, sampleRows)
			hot = append(hot, *h)
		}
	}
	slices.SortFunc(hot, func(a, b hotColumn) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), strings.Compare(a.key, b.key))
	})
	hot = hot[:min(len(hot), maxHot)]
	slices.SortFunc(hot, func(a, b hotColumn) int { return strings.Compare(a.key, b.key) })
	return hot
}

// mixedKinds marks a column whose values are not of one kind.
const mixedKinds model.Kind = 255

// sampleRows is how many values tell whether a dictionary is worth its while.
const sampleRows = granuleRows

// look takes in the values of one more batch.
func (h *hotColumn) look(c *model.Column, distinct map[string]struct{}) {
	for i, v := range c.Vals {
		if h.rows == 0 {
			h.kind = v.Kind()
		}
		if i > 0 && v == c.Vals[i-1] { // nothing new
			h.rows++
			continue
		}
		if v.Kind() != h.kind {
			h.kind = mixedKinds
		}
		if h.rows < sampleRows {
			distinct[v.Str()] = struct{}{}
		}
		if h.kind == model.KindString && h.text && !utf8.ValidString(v.Str()) {
			h.text = false
		}
		h.rows++
	}
}

// node returns the parquet type of the column.
func (h *hotColumn) node() parquet.Node {
	var n parquet.Node
	switch h.kind {
	case model.KindInt:
		n = deltaInt(64)
	case model.KindFloat:
		n = parquet.Leaf(parquet.DoubleType)
	case model.KindBool:
		n = parquet.Leaf(parquet.BooleanType)
	default:
		n = bytesNode(h.text && h.kind != model.KindBytes, h.dict)
	}
	return parquet.Optional(n)
}

// unpacked is n without compression, which gains less there than it costs.
func unpacked(n parquet.Node) parquet.Node { return parquet.Compressed(n, &parquet.Uncompressed) }

func deltaInt(bits int) parquet.Node {
	return parquet.Encoded(parquet.Int(bits), &parquet.DeltaBinaryPacked)
}

// bytesNode returns the type of strings if text says that all are valid UTF-8,
// which readers rely on, else of raw bytes.
func bytesNode(text, dict bool) parquet.Node {
	n := parquet.Leaf(parquet.ByteArrayType)
	if text {
		n = parquet.String()
	}
	if dict {
		return parquet.Encoded(n, &parquet.RLEDictionary)
	}
	return parquet.Encoded(n, &parquet.DeltaLengthByteArray)
}

// schemaOf returns the schema of a part with the given columns for attributes,
// and for bodies if they are shredded.
func schemaOf(sig model.Signal, text bool, hot []hotColumn, plan *shred.Plan) *parquet.Schema {
	g := parquet.Group{
		colTime:   parquet.Encoded(parquet.Timestamp(parquet.Nanosecond), &parquet.DeltaBinaryPacked),
		colStream: deltaInt(32),
		colBody:   bytesNode(text, sig == model.Spans),
		colRest:   parquet.Optional(bytesNode(false, false)),
	}
	if plan != nil {
		g[colBody] = parquet.Optional(g[colBody])
		maps.Copy(g, bodyNodes(plan))
	}
	for i := range hot {
		g[attrPrefix+hot[i].key] = hot[i].node()
	}
	if sig == model.Spans {
		g[colTime] = unpacked(g[colTime]) // of logs many are a step apart
		g[colTraceID] = parquet.Leaf(parquet.FixedLenByteArrayType(16))
		g[colSpanID] = unpacked(parquet.Leaf(parquet.FixedLenByteArrayType(8)))
		g[colParentID] = parquet.Leaf(parquet.FixedLenByteArrayType(8))
		g[colStatusMessage] = bytesNode(text, false)
		g[colTraceState] = bytesNode(text, false)
		g[colDuration] = unpacked(deltaInt(64))
		g[colKind] = deltaInt(32)
		g[colStatus] = deltaInt(32)
		g[colFlags] = deltaInt(64)
		g[colDroppedAttrs] = deltaInt(64)
		g[colDroppedEvents] = deltaInt(64)
		g[colDroppedLinks] = deltaInt(64)
		g[colEvents] = parquet.Optional(bytesNode(false, false))
		g[colLinks] = parquet.Optional(bytesNode(false, false))
	}
	return parquet.NewSchema(sig.String(), g)
}

// allText reports whether every string of the fixed columns is valid UTF-8.
func allText(batches []*model.Batch) bool {
	valid := func(ss []string) bool {
		return !slices.ContainsFunc(ss, func(s string) bool { return !utf8.ValidString(s) })
	}
	for _, b := range batches {
		if !valid(b.Body) || b.Spans != nil && (!valid(b.Spans.StatusMessage) || !valid(b.Spans.TraceState)) {
			return false
		}
	}
	return true
}
