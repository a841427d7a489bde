package tempoapi

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-logfmt/logfmt"

	"github.com/oriel-obs/oriel/query/traceql"
)

// A legacySearch is a search by tags, from before TraceQL, in TraceQL.
type legacySearch struct {
	query string
	keep  func(*traceql.Trace) bool
}

// searchParams are the parameters that are not tags in the oldest form of a
// search, in which every other parameter is one.
var searchParams = []string{"q", "tags", "minDuration", "maxDuration", "limit", "spss", "start", "end", "sort", "cursor", "partial"}

// legacyQuery returns the search by tags that the parameters ask for, or nil.
func legacyQuery(v url.Values, ranged bool) (*legacySearch, error) {
	var conds []string
	if s := v.Get("tags"); s != "" {
		dec := logfmt.NewDecoder(strings.NewReader(s))
		for dec.ScanRecord() {
			for dec.ScanKeyval() {
				conds = append(conds, tagCondition(string(dec.Key()), string(dec.Value())))
			}
		}
		if err := dec.Err(); err != nil {
			return nil, invalidf("invalid tags: %v", err)
		}
	} else if v.Get("q") == "" && !ranged {
		for _, key := range sortedKeys(v) {
			if !slices.Contains(searchParams, key) {
				conds = append(conds, tagCondition(key, v.Get(key)))
			}
		}
	}
	keep, err := durationLimits(v)
	if err != nil {
		return nil, err
	}
	if len(conds) == 0 && keep == nil {
		return nil, nil
	}
	return &legacySearch{query: "{ " + strings.Join(conds, " && ") + " }", keep: keep}, nil
}

// tagCondition returns the condition that a tag contains a text, in any case.
func tagCondition(key, value string) string {
	like := " =~ " + strconv.Quote("(?i).*"+regexp.QuoteMeta(value)+".*")
	switch key {
	case "name":
		return "name" + like
	case "root.name":
		return "rootName" + like
	case "root.service.name":
		return "rootServiceName" + like
	case "status.code":
		if slices.Contains([]string{"ok", "error", "unset"}, value) {
			return "status = " + value
		}
		return "false"
	case "error":
		if value == "true" {
			return "status = error"
		}
	}
	attr := traceql.Attribute{Name: key}.String()
	alternatives := []string{attr + like}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		alternatives = append(alternatives, attr+" = "+strconv.FormatInt(n, 10))
	}
	if value == "true" || value == "false" {
		alternatives = append(alternatives, attr+" = "+value)
	}
	return "(" + strings.Join(alternatives, " || ") + ")"
}

// durationLimits reads minDuration and maxDuration, which are of the trace.
func durationLimits(v url.Values) (func(*traceql.Trace) bool, error) {
	read := func(key string) (time.Duration, error) {
		s := v.Get(key)
		if s == "" {
			return 0, nil
		}
		d, err := time.ParseDuration(s)
		if err != nil {
			return 0, invalidf("invalid %s: %v", key, err)
		}
		return d, nil
	}
	least, err := read("minDuration")
	if err != nil {
		return nil, err
	}
	most, err := read("maxDuration")
	if err != nil {
		return nil, err
	}
	if least == 0 && most == 0 {
		return nil, nil
	}
	if most != 0 && most < least {
		return nil, invalidf("invalid maxDuration: must be greater than minDuration")
	}
	return func(t *traceql.Trace) bool {
		d := time.Duration(t.End - t.Start)
		return d >= least && (most == 0 || d <= most)
	}, nil
}
