package tempoapi

import (
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"slices"
	"strconv"

	"github.com/oriel-obs/oriel/query/traceql"
)

// Parameters of a search beyond Tempo's:
//
//	sort=start|duration  the traces that began last, or took longest, of all that match
//	cursor=…             the page after the one that gave this nextCursor, under the same sort
//	partial=true         what was found, where a search takes too long or reads too much
//	stream=true          lines of JSON as traces are found: see searchLines
//
// Each but the last adds to the answer what completeness has. Tempo's own clients refuse
// fields that they do not know, so answers to them have none of it.
var pagingParams = []string{"sort", "cursor", "partial"}

// asksMore reports whether a request has parameters beyond Tempo's.
func asksMore(v url.Values) bool {
	return slices.ContainsFunc(pagingParams, func(key string) bool { return v.Get(key) != "" })
}

// completeness tells what an answer leaves out.
type completeness struct {
	Status  string `json:"status"`            // COMPLETE, or PARTIAL if not every trace was looked at
	Message string `json:"message,omitempty"` // why it is partial

	// TotalTraces is how many traces match, shown or not. With a sort it is
	// exact if the status is COMPLETE.
	TotalTraces int    `json:"totalTraces"`
	NextCursor  string `json:"nextCursor,omitempty"` // of the next page; absent on the last
}

func completenessOf(res *traceql.SearchResult, order traceql.Order) *completeness {
	c := &completeness{Status: "COMPLETE", Message: res.Partial, TotalTraces: res.Found}
	if res.Partial != "" {
		c.Status = "PARTIAL"
	}
	if res.Next != nil {
		c.NextCursor = encodeCursor(order, *res.Next)
	}
	return c
}

var sorts = map[string]traceql.Order{"start": traceql.ByStart, "duration": traceql.ByDuration}

// readPaging reads the parameters beyond Tempo's.
func readPaging(v url.Values, req *traceql.SearchRequest) error {
	if s := v.Get("sort"); s != "" {
		order, ok := sorts[s]
		if !ok {
			return invalidf("invalid sort: %q is neither start nor duration", s)
		}
		req.Order = order
	}
	if s := v.Get("cursor"); s != "" {
		order, after, ok := decodeCursor(s)
		if !ok {
			return invalidf("invalid cursor: %q is none that a search gave", s)
		}
		if req.Order != traceql.AnyOrder && req.Order != order {
			return invalidf("invalid cursor: it is of a search with another sort")
		}
		req.Order, req.After = order, &after
	}
	if s := v.Get("partial"); s != "" {
		var err error
		if req.Partial, err = strconv.ParseBool(s); err != nil {
			return invalidf("invalid partial: %q is neither true nor false", s)
		}
	}
	return nil
}

// A cursor is the order, the key and the trace id of a position, in base64.
const cursorBytes = 1 + 8 + 16

func encodeCursor(order traceql.Order, p traceql.Position) string {
	b := append(make([]byte, 0, cursorBytes), byte(order))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Key))
	return base64.RawURLEncoding.EncodeToString(append(b, p.ID[:]...))
}

func decodeCursor(s string) (order traceql.Order, p traceql.Position, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != cursorBytes {
		return 0, p, false
	}
	order = traceql.Order(b[0])
	p.Key = int64(binary.BigEndian.Uint64(b[1:]))
	copy(p.ID[:], b[9:])
	return order, p, order == traceql.ByStart || order == traceql.ByDuration
}
