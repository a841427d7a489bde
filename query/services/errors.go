package services

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// Errors are the spans that failed, in groups.
type Errors struct {
	Groups []ErrorGroup `json:"groups"` // the most frequent first
	// Partial says that there were more failed spans than are looked at: the
	// newest count.
	Partial bool `json:"partial"`
}

// An ErrorGroup is errors of a service that are the same but for the values in
// their messages.
type ErrorGroup struct {
	Service   string   `json:"service"`
	Operation string   `json:"operation"` // the name of the newest span
	Type      string   `json:"type"`      // of the exception; "" if the span has none
	Message   string   `json:"message"`   // with <_> for numbers, ids and quoted texts
	Example   string   `json:"example"`   // the newest message as it is
	At        string   `json:"at"`        // the top of the stack that has an own name; "" without a stack
	Count     int      `json:"count"`
	First     int64    `json:"first,string"` // ns since the Unix epoch, within the range
	Last      int64    `json:"last,string"`
	Traces    []string `json:"traces"` // ids, the newest first
	Trend     []int    `json:"trend"`  // errors in each of 30 equal parts of the range
}

const (
	maxErrors      = 20_000 // spans looked at
	tracesOfErrors = 5
	trendParts     = 30
)

// Errors returns the errors in r; of a service, if one is named, its own.
func (s *Services) Errors(ctx context.Context, r model.Range, service string) (*Errors, error) {
	where := storage.And{storage.Compare{Field: storage.Field{Place: storage.Status}, Op: storage.Eq, Value: model.Int(int64(model.StatusError))}}
	if service != "" {
		where = append(where, ofService(service))
	}
	scan := storage.Scan{
		Signal: model.Spans, Range: r, Where: where, Reverse: true, Limit: maxErrors + 1,
		Project: &storage.Projection{Body: true, TraceID: true, Span: true, Events: true},
	}
	groups := map[string]*ErrorGroup{}
	seen, out := 0, &Errors{Groups: []ErrorGroup{}}
	for b, err := range s.opts.Events.Scan(ctx, scan) {
		if err != nil {
			return nil, err
		}
		for i := range b.Len() {
			if seen++; seen > maxErrors {
				out.Partial = true
				break
			}
			see(groups, b, i, r)
		}
	}
	for _, g := range groups {
		out.Groups = append(out.Groups, *g)
	}
	slices.SortFunc(out.Groups, func(a, b ErrorGroup) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(b.Last, a.Last), cmp.Compare(a.Message, b.Message))
	})
	return out, nil
}

func ofService(name string) storage.Predicate {
	return storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "service.name"}, Op: storage.Eq, Value: model.String(name)}
}

// see counts span i of b, which is in r and comes after newer ones.
func see(groups map[string]*ErrorGroup, b *model.Batch, i int, r model.Range) {
	g := ErrorGroup{Service: b.Stream(i).Attr("service.name").Text(), Operation: b.Body[i], Example: b.Spans.StatusMessage[i]}
	for _, e := range b.Spans.Events[i] {
		if e.Name != "exception" {
			continue
		}
		g.Type = model.FindAttr(e.Attrs, "exception.type").Text()
		g.Example = cmp.Or(model.FindAttr(e.Attrs, "exception.message").Text(), g.Example)
		g.At = stackTop(model.FindAttr(e.Attrs, "exception.stacktrace").Text())
	}
	g.Message = shape(g.Example)
	key := strings.Join([]string{g.Service, g.Type, g.Message, g.At}, "\xff")
	if g.Type == "" && g.Message == "" { // nothing tells errors apart but where they are
		key += "\xff" + g.Operation
	}
	known := groups[key]
	if known == nil {
		g.Last = b.Time[i]
		g.Traces, g.Trend = []string{}, make([]int, trendParts)
		known = &g
		groups[key] = known
	}
	known.Count++
	part := int(float64(b.Time[i]-r.Start) / float64(r.End-r.Start) * trendParts)
	known.Trend[min(max(part, 0), trendParts-1)]++ // floats round
	known.First = b.Time[i]
	if id := b.Spans.TraceID[i].String(); len(known.Traces) < tracesOfErrors && !slices.Contains(known.Traces, id) {
		known.Traces = append(known.Traces, id)
	}
}

// values are what differs between messages that say the same.
var values = regexp.MustCompile(`"[^"]*"|'[^']*'|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{12,}\b|\d+`)

// maxShape bounds the part of a message that counts.
const maxShape = 300

// shape returns the first line of a message with <_> for its values.
func shape(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if len(line) > maxShape {
		line = strings.ToValidUTF8(line[:maxShape], "")
	}
	return values.ReplaceAllString(line, "<_>")
}

// frame finds the first frame of a stack in the forms that runtimes print:
// Java's and JavaScript's "at f (file:1)", Python's and PHP's "File f, line 1",
// Go's "f(0x1)".
var frame = regexp.MustCompile(`(?m)^\s*at (\S+(?: \S+)?)|File "([^"]+", line \d+, in \S+)|^([\w./*()-]+)\([^)\n]*\)$`)

func stackTop(stack string) string {
	m := frame.FindStringSubmatch(stack)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(cmp.Or(m[1], m[2], m[3]))
}
