package logql_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// plain is a store that can do nothing but select streams and look at lines,
// so that the engine does all the rest.
type plain struct{ *storagetest.Memory }

func (p plain) Aggregate(context.Context, storage.Aggregate) ([]storage.Group, error) {
	return nil, storage.ErrTooManyGroups
}

func (p plain) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	var kept storage.And
	for i, w := range s.Where.(storage.And) {
		if i == 0 || ofBody(w) {
			kept = append(kept, w)
		}
	}
	s.Where, s.Limit = kept, 0
	return p.Memory.Scan(ctx, s)
}

func ofBody(p storage.Predicate) bool {
	switch p := p.(type) {
	case storage.And:
		return all([]storage.Predicate(p))
	case storage.Or:
		return all([]storage.Predicate(p))
	case storage.Not:
		return ofBody(p.P)
	case storage.Compare:
		return p.Field.Place == storage.Body
	case storage.Match:
		return p.Field.Place == storage.Body
	case storage.Contains:
		return p.Field.Place == storage.Body
	case storage.Exists:
		return p.Field.Place == storage.Body
	}
	return false
}

func all(ps []storage.Predicate) bool {
	for _, p := range ps {
		if !ofBody(p) {
			return false
		}
	}
	return true
}

func pick[T any](rnd *rand.Rand, from ...T) T { return from[rnd.IntN(len(from))] }

// mixedStore has lines of all kinds whose labels get in each other's way.
func mixedStore(t *testing.T, rnd *rand.Rand, clean bool) *storagetest.Memory {
	t.Helper()
	store := &storagetest.Memory{}
	for range 3 {
		bd := model.NewBuilder(model.Logs, 100)
		for range 100 {
			attrs := []model.Attr{{Key: "app", Value: model.String(pick(rnd, "api", "web", "db"))}}
			if rnd.IntN(2) == 0 {
				attrs = append(attrs, model.Attr{Key: "env", Value: model.String(pick(rnd, "prod", "dev", ""))})
			}
			if rnd.IntN(6) == 0 {
				attrs = append(attrs, model.Attr{Key: "level", Value: model.String(pick(rnd, "warn", "error"))})
			}
			st := bd.Stream(&model.Stream{Attrs: model.SortAttrs(attrs)})
			bd.Row(st, int64(rnd.IntN(600))*int64(time.Second)+int64(rnd.IntN(3)), mixedLine(rnd, clean))
			if rnd.IntN(4) == 0 {
				bd.Attr("level", model.String(pick(rnd, "info", "error", "", "")))
			}
			if rnd.IntN(4) == 0 {
				bd.Attr("user.id", pick(rnd, model.String("u1"), model.Int(7), model.String("7")))
			}
			if rnd.IntN(8) == 0 {
				bd.Attr("user_id", model.String(pick(rnd, "u1", "u2")))
			}
			if rnd.IntN(8) == 0 {
				bd.Attr("env", model.String(pick(rnd, "prod", "test")))
			}
			if rnd.IntN(8) == 0 {
				bd.Attr("cost", model.Int(int64(rnd.IntN(5))))
			}
		}
		require.NoError(t, store.Append(t.Context(), bd.Batch()))
	}
	return store
}

func mixedLine(rnd *rand.Rand, clean bool) string {
	kind := rnd.IntN(8)
	if clean {
		kind = rnd.IntN(4)
	}
	var parts []string
	add := func(format, key string, values ...string) {
		if rnd.IntN(3) > 0 {
			parts = append(parts, fmt.Sprintf(format, key, pick(rnd, values...)))
		}
	}
	if kind < 5 {
		add("%q:%q", "level", "info", "error", "warn", "")
		add("%q:%s", "level", `"late"`, "null")
		add("%q:%s", "status", "200", "404", "503", `"500"`)
		add("%q:%q", "env", "prod", "qa")
		add("%q:%s", "env_extracted", `"x"`, "null", "1")
		add("%q:%s", "n", "1", "2.5", "-3", "0")
		add("%q:%s", "req", `{"path":"/a","id":1}`, `{"path":"/b"}`, "[1]", "null")
		if !clean {
			add("%q:%s", "odd", "1", `"x"`, "2")
		}
		if rnd.IntN(20) == 0 {
			add("%q:%s", "__error__", `"mine"`)
		}
		rnd.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		text := "{" + strings.Join(parts, ",") + "}"
		if kind == 4 {
			text = text[:rnd.IntN(len(text))]
		}
		return text
	}
	if kind == 7 {
		return pick(rnd, "plain word text", "error at 10.0.0.1", "", "null", `"text"`, "[1,2]")
	}
	add("%s=%s", "level", "info", "error", `""`)
	add("%s=%s", "level", "late")
	add("%s=%s", "status", "200", "503", `"4 4"`, "=")
	add("%s=%s", "env", "prod", "qa")
	add("%s=%s", "env.extracted", "y")
	add("%s=%s", "n", "1", "7")
	return strings.Join(parts, " ")
}

func mixedFilter(rnd *rand.Rand) string {
	name := pick(rnd, "level", "level", "level", "level", "status", "env", "env", "user_id", "env_extracted", "app", "req_path", "p", "nosuch", "__error__", "level_extracted")
	one := func() string {
		switch rnd.IntN(5) {
		case 0:
			return fmt.Sprintf("%s%s%s", name, pick(rnd, ">", "<=", "==", "!="), pick(rnd, "300", "5s", "1KB", "2"))
		case 1:
			return fmt.Sprintf("%s%s%q", name, pick(rnd, "=~", "!~"), pick(rnd, "e.*", ".*", ".+", "info|error", "5..", "JSON.*", "prod|"))
		}
		values := map[string][]string{"level": {"error", "info", "late"}, "status": {"200", "503"}, "env": {"prod", "qa"}, "user_id": {"7", "u1"}, "__error__": {"", "JSONParserErr"}}[name]
		return fmt.Sprintf("%s%s%q", name, pick(rnd, "=", "!=", "!="), pick(rnd, append(values, "", "x", "/a")...))
	}
	switch rnd.IntN(6) {
	case 0:
		return one() + pick(rnd, " or ", " and ") + mixedFilter(rnd)
	case 1:
		return one() + ", " + mixedFilter(rnd)
	}
	return one()
}

func mixedPipeline(rnd *rand.Rand, parsers bool) string {
	q := pick(rnd, `{app=~".+"}`, `{app="api"}`, `{env="prod"}`, `{app=~"api|web", env!="dev"}`)
	if parsers {
		q += pick(rnd, ``, ` | json`, ` | json`, ` | json level="level", p="req.path"`, ` | logfmt`, ` | logfmt level, st="status", env`)
	}
	for range rnd.IntN(4) {
		switch rnd.IntN(9) {
		case 0:
			q += pick(rnd, ` |= "e"`, ` != "late"`, ` |~ "5.."`, ` !~ "x|y"`, ` |> "<_>error<_>"`)
		case 1, 2, 3:
			if parsers {
				q += pick(rnd, ` | json`, ` | json`, ` | json`, ` | logfmt`, ` | json level="level", p="req.path"`, ` | json status, env`, ` | json level="env", level="level"`,
					` | logfmt --strict`, ` | logfmt level`, ` | logfmt lvl="level", p="status"`, ` | unpack`, ` | regexp "(?P<level>\\w+)"`)
			}
		case 4, 5, 6:
			q += " | " + mixedFilter(rnd)
		case 7:
			q += pick(rnd, ` | drop __error__, __error_details__`, ` | drop level`, ` | keep level, env`, ` | drop env="prod"`, ` | label_format lvl=level`, ` | label_format level=env, p=status`)
		case 8:
			if rnd.IntN(3) == 0 {
				q += pick(rnd, ` | decolorize`, ` | line_format "{{.level}}"`, ` | label_format level="{{.app}}"`)
			}
		}
	}
	return q
}

func mixedMetric(rnd *rand.Rand) string {
	grouped := rnd.IntN(5) > 0
	q := mixedPipeline(rnd, grouped || rnd.IntN(4) == 0)
	window := "[" + pick(rnd, "30s", "1m", "90s", "5m", "7s") + "]" + pick(rnd, "", "", " offset 1m", " offset -30s")
	by := pick(rnd, "", "by (level)", "by (level, env)", "by (app)", "by (env, env_extracted)", "by (user_id)", "by (p, status)", "by (lvl)", "by (nosuch, n)", "by (__error__)")
	if !grouped {
		by = pick(rnd, "without (level)", "without (env, user_id)")
	}
	if rnd.IntN(3) == 0 {
		inner := fmt.Sprintf("%s | unwrap %s %s %s", q, pick(rnd, "n", "n", "cost", "status", "odd", "odd"), pick(rnd, "", `| __error__=""`, `| level!="info"`), window)
		op := pick(rnd, "sum_over_time", "min_over_time", "max_over_time", "avg_over_time", "rate", "first_over_time", "absent_over_time")
		if strings.HasPrefix(op, "m") || op == "avg_over_time" || op == "first_over_time" {
			return fmt.Sprintf("%s(%s) %s", op, inner, by)
		}
		return fmt.Sprintf("sum %s (%s(%s))", by, op, inner)
	}
	op := pick(rnd, "count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time")
	if !grouped && rnd.IntN(2) == 0 {
		return fmt.Sprintf("%s(%s %s)", op, q, window)
	}
	return fmt.Sprintf("%s %s (%s(%s %s))", pick(rnd, "sum", "sum", "sum", "max", "count"), by, op, q, window)
}

// What the store does for the engine changes no answer.
func TestPushDownChangesNoAnswer(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	aggregated, failed, nonempty, metrics := 0, 0, 0, 0
	for round := range 20 {
		store := mixedStore(t, rnd, round%2 == 0)
		limits := query.DefaultLimits()
		if round%4 == 3 {
			limits.MaxSeries = 5
		}
		fast, slow := logql.NewEngine(store, limits), logql.NewEngine(plain{store}, limits)
		for i := range 250 {
			p := logql.Params{Start: int64(rnd.IntN(300)-100) * int64(time.Second), Limit: rnd.IntN(40), Forward: rnd.IntN(2) == 0}
			p.End = p.Start + int64(rnd.IntN(600)+1)*int64(time.Second)
			p.Step = time.Duration(pick(rnd, 10, 60, 15, 35, 600)) * time.Second
			text := mixedPipeline(rnd, true)
			if i%3 > 0 {
				text = mixedMetric(rnd)
			}
			expr, err := logql.Parse(text)
			require.NoError(t, err, text)
			want, wantErr := slow.Range(t.Context(), expr, p)
			got, gotErr := fast.Range(t.Context(), expr, p)
			if wantErr != nil {
				failed++
				require.EqualError(t, gotErr, wantErr.Error(), text)
				continue
			}
			require.NoError(t, gotErr, text)
			require.Equal(t, want.Streams, got.Streams, text)
			requireSameMatrix(t, want.Matrix, got.Matrix, text)
			if len(want.Streams)+len(want.Matrix) > 0 {
				nonempty++
			}
			if want.Kind == logql.KindMatrix {
				metrics++
				plan, err := fast.Explain(t.Context(), expr, p)
				require.NoError(t, err)
				if plan.Selectors[0].Aggregate != nil {
					aggregated++
				}
			}
		}
	}
	t.Logf("%d metric queries, %d of them aggregated by the store; %d queries failed, %d had an answer", metrics, aggregated, failed, nonempty)
	require.Greater(t, aggregated, metrics/3)
	require.Greater(t, nonempty, 2000)
	require.Greater(t, failed, 200)
}

func requireSameMatrix(t *testing.T, want, got []logql.Series, text string) {
	t.Helper()
	require.Len(t, got, len(want), "%s\nwant %v\ngot  %v", text, want, got)
	for i, w := range want {
		g := got[i]
		require.Equal(t, w.Labels.String(), g.Labels.String(), text)
		require.Len(t, g.Points, len(w.Points), "%s %s", text, w.Labels)
		for j, p := range w.Points {
			require.Equal(t, p.Time, g.Points[j].Time, text)
			require.InDelta(t, p.Value, g.Points[j].Value, 1e-9, "%s %s\nwant %v\ngot  %v", text, w.Labels, w.Points, g.Points)
		}
	}
}
