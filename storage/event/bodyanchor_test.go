package event

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestAnAnchoredExpressionBeginsWithATextAndEndsWithoutQuotes(t *testing.T) {
	for expr, want := range map[string]*anchored{
		"reset by .* after 8[0-9]{3}ms": {first: "reset by ", last: []string{"ms", " after 8"}},
		"reset":                         {first: "reset", last: []string{"reset"}},
		"reset[a-z]*":                   {first: "reset", last: []string{"reset"}},
		"reset.* by[^0-9]":              nil, // which takes quotes
		"reset.* by.":                   nil,
		"reset.*":                       nil,
		`reset" by`:                     nil,
		`reset.*by"`:                    nil,
		".*reset":                       nil,
		"(?i)reset":                     nil,
		"reset$":                        nil,
		`\breset`:                       nil,
		"a|b":                           nil,
		"r.*s":                          nil, // too short
		"":                              nil,
	} {
		t.Run(expr, func(t *testing.T) {
			re := regexp.MustCompile(expr)
			got := anchor(storage.Match{Field: storage.Field{Place: storage.Body}, Regexp: re})
			if want != nil {
				want.re = re
			}
			require.Equal(t, want, got)
		})
	}
	require.Nil(t, anchor(storage.Match{Field: storage.Field{Place: storage.JSON, Key: "msg"}, Regexp: regexp.MustCompile("reset")}))
	require.Nil(t, anchor(storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "reset"}))
}

func TestExpressionsMatchWithinAndAcrossValues(t *testing.T) {
	for name, makers := range map[string][]string{
		"in one value":            {`{"msg":"reset by peer {i} after {i}ms","note":"about items {i}"}`},
		"in few values":           {`{"msg":"reset by peer after {j}ms","note":"ok","n":{i}}`},
		"across two values":       {`{"msg":"reset by peer","note":"x after {i}ms"}`},
		"in either value":         {`{"msg":"reset by {i}","note":"x"}`, `{"msg":"y","note":"reset by x after {i}ms"}`},
		"with escaped quotes":     {`{"msg":"reset by \"peer\" after {i}ms\"","note":"after"}`},
		"cut off by a quote":      {`{"msg":"reset by peer after {i}","note":"000ms"}`},
		"without quotes":          {`level=info msg=reset by={i}`, `level=info note="reset by x after {i}ms" t={i}`},
		"in an array":             {`{"level":"info","list":["reset by x"," after {i}ms"]}`},
		"beside a unit":           {`{"msg":"reset by x after {i}","took":"{i}ms"}`},
		"in the literals":         {`{"msg":"reset by x","and after 8":"{i}123ms"}`},
		"in rare keys":            {`{"msg":"reset by x","key {j}":" after {i}ms"}`},
		"in lines that are whole": {`{"msg":"x {i}"}`, `reset by {i} after {i}ms`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			cfg.Dir, cfg.FS, cfg.Retention = "data", vfs.NewMem(), 0
			s, err := Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			bd := model.NewBuilder(model.Logs, 0)
			st := bd.Stream(&model.Stream{})
			var bodies []string
			for i := range 2000 {
				line := strings.NewReplacer("{i}", strconv.Itoa(7000+i), "{j}", strconv.Itoa(7000+i%100*20)).Replace(makers[i%len(makers)])
				if i%5 == 4 {
					line = fmt.Sprint("plain text without much ", i)
				}
				bodies = append(bodies, line)
				bd.Row(st, int64(i), line)
			}
			require.NoError(t, s.Append(t.Context(), bd.Batch()))
			require.NoError(t, s.Flush(t.Context()))
			body := storage.Field{Place: storage.Body}
			for _, expr := range []string{
				"reset by .* after 8[0-9]{3}ms", "reset by .* after 8[0-9]{3}", "reset by [a-z ]*after 8[0-9]{3}ms", "reset by x", "items 81", "reset by.*ms", "after 80",
			} {
				re := regexp.MustCompile(expr)
				want := int64(0)
				for _, body := range bodies {
					if re.MatchString(body) {
						want++
					}
				}
				a := storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), Where: storage.Match{Field: body, Regexp: re}}
				got, err := s.Aggregate(t.Context(), a)
				require.NoError(t, err)
				rows := int64(0)
				for _, g := range got {
					rows += g.Buckets[0].Rows
				}
				require.Equal(t, want, rows, expr)
			}
		})
	}
}
