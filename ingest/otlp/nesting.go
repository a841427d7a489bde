package otlp

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/fault"
)

// maxNesting bounds how deep messages, and objects and arrays of JSON, stand
// within one another. pdata decodes attribute values recursively without a
// bound, so that a small body could exhaust the stack, which ends the process.
const maxNesting = 100

// A kind is a protobuf message that can hold attribute values.
type kind uint8

const (
	none kind = iota
	logsRequest
	resourceLogs
	scopeLogs
	logRecord
	tracesRequest
	resourceSpans
	scopeSpans
	span
	spanEvent
	spanLink
	metricsRequest
	resourceMetrics
	scopeMetrics
	metric
	numberPoints
	histogramPoints
	exponentialPoints
	summaryPoints
	numberPoint
	histogramPoint
	exponentialPoint
	summaryPoint
	exemplar
	resource
	scope
	keyValue
	anyValue
	arrayValue
	keyValueList
	kinds
)

// fields says which field numbers of a kind hold which kinds; after
// opentelemetry-proto 1.x.
var fields = [kinds][16]kind{
	logsRequest:       {1: resourceLogs},
	resourceLogs:      {1: resource, 2: scopeLogs},
	scopeLogs:         {1: scope, 2: logRecord},
	logRecord:         {5: anyValue, 6: keyValue},
	tracesRequest:     {1: resourceSpans},
	resourceSpans:     {1: resource, 2: scopeSpans},
	scopeSpans:        {1: scope, 2: span},
	span:              {9: keyValue, 11: spanEvent, 13: spanLink},
	spanEvent:         {3: keyValue},
	spanLink:          {4: keyValue},
	metricsRequest:    {1: resourceMetrics},
	resourceMetrics:   {1: resource, 2: scopeMetrics},
	scopeMetrics:      {1: scope, 2: metric},
	metric:            {5: numberPoints, 7: numberPoints, 9: histogramPoints, 10: exponentialPoints, 11: summaryPoints, 12: keyValue},
	numberPoints:      {1: numberPoint},
	histogramPoints:   {1: histogramPoint},
	exponentialPoints: {1: exponentialPoint},
	summaryPoints:     {1: summaryPoint},
	numberPoint:       {5: exemplar, 7: keyValue},
	histogramPoint:    {8: exemplar, 9: keyValue},
	exponentialPoint:  {1: keyValue, 11: exemplar},
	summaryPoint:      {7: keyValue},
	exemplar:          {7: keyValue},
	resource:          {1: keyValue},
	scope:             {3: keyValue},
	keyValue:          {2: anyValue},
	anyValue:          {5: arrayValue, 6: keyValueList},
	arrayValue:        {1: anyValue},
	keyValueList:      {1: keyValue},
}

// deprecatedScope is the field of resource messages that held scope messages
// before opentelemetry-proto 0.19. pdata still reads it.
const deprecatedScope = 1000

// childField returns where in fields the kind of field num is.
func childField(num protowire.Number) int {
	if num == deprecatedScope {
		return 2
	}
	return int(num)
}

// checkNesting returns an error if the message b of kind k, itself depth deep,
// nests too deep. It does not look into parts that are too short for that.
func checkNesting(b []byte, k kind, depth int) error {
	if depth > maxNesting {
		return tooDeep()
	}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return notProtobuf(n)
		}
		b = b[n:]
		if typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return notProtobuf(n)
			}
			b = b[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return notProtobuf(n)
		}
		b = b[n:]
		if depth+1+len(v)/2 <= maxNesting {
			continue // a level takes two bytes at least
		}
		if at := childField(num); at < len(fields[k]) && fields[k][at] != none {
			if err := checkNesting(v, fields[k][at], depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkJSONNesting returns an error if b nests too deep, or goes on after the
// end of its object.
func checkJSONNesting(b []byte) error {
	depth, ended := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if ended {
				break
			}
			if depth++; depth > 3*maxNesting { // a level of values is an object, an array and an object
				return tooDeep()
			}
			continue
		case '}', ']':
			depth--
			if depth == 0 && !ended {
				ended = true
				continue
			}
		}
		if ended {
			return fmt.Errorf("data after the end, at byte %d: %w", i, fault.ErrInvalid)
		}
		if depth <= 0 {
			return fmt.Errorf("not an object: %w", fault.ErrInvalid)
		}
	}
	return nil
}

func notProtobuf(n int) error {
	return fmt.Errorf("%w: %w", protowire.ParseError(n), fault.ErrInvalid)
}

func tooDeep() error {
	return fmt.Errorf("values are nested more than %d deep: %w", maxNesting, fault.ErrInvalid)
}
