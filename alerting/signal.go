package alerting

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"
	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A Signal is what the rules of a group look at, which settles the language of
// their expressions. It is the key `signal` of the group.
type Signal string

// The signals. No signal means Metrics.
const (
	Metrics Signal = "metrics" // PromQL
	Logs    Signal = "logs"    // LogQL
	Traces  Signal = "traces"  // TraceQL
)

// DefaultWindow is how far back a TraceQL expression looks whose group sets no
// `window`. The other languages say that themselves.
const DefaultWindow = 5 * time.Minute

// A Subject is what a group's expressions are about.
type Subject struct {
	Signal Signal
	Window time.Duration // how far back TraceQL looks; 0 means DefaultWindow

	Owned  bool   // by a tenant, whose data alone they see; else they see everything
	Tenant string // then; "" is the default one
}

// subjectKey is the context key of a Subject. A rules.QueryFunc and a
// rules.NotifyFunc are handed only the text of an expression, and one text may
// be PromQL and LogQL; so the subject goes the way on which prometheus/rules
// itself sends the origin of a query.
type subjectKey struct{}

// With returns a ctx for the evaluation of a group about s, and for what it
// notifies of: the process asks in it, as its owner.
func (s Subject) With(ctx context.Context) context.Context {
	if s.Owned {
		ctx = auth.With(ctx, auth.Own(s.Tenant))
	}
	return context.WithValue(ctx, subjectKey{}, s)
}

func subjectOf(ctx context.Context) Subject {
	s, _ := ctx.Value(subjectKey{}).(Subject)
	return s
}

// Link returns the page's path and query that show the expression of a rule.
// ctx is that of the rules.NotifyFunc that was called.
func Link(ctx context.Context, expr string) string {
	switch subjectOf(ctx).Signal {
	case Logs:
		return "/explore/logs?q=" + url.QueryEscape(expr)
	case Traces:
		return "/explore/traces?q=" + url.QueryEscape(expr)
	}
	return strutil.TableLinkForExpression(expr)
}

// In returns a link to the page as it leads to what a tenant has: "" is the
// default one, which the page is about without being told.
func In(link, tenant string) string {
	if tenant == "" {
		return link
	}
	mark := "?"
	if strings.Contains(link, "?") {
		mark = "&"
	}
	return link + mark + "tenant=" + url.QueryEscape(tenant)
}

// A dialect is p, but for expressions, which are in the language of a signal.
type dialect struct {
	parser.Parser
	signal Signal
}

// ParseExpr implements parser.Parser.
func (d dialect) ParseExpr(text string) (parser.Expr, error) {
	switch d.signal {
	case Logs:
		e, err := logql.Parse(text)
		if err != nil {
			return nil, err
		}
		if _, ok := e.(*logql.LogExpr); ok {
			return nil, errors.New("the query selects log lines, and a rule needs numbers: count them, as in count_over_time(... [5m])")
		}
	case Traces:
		q, err := traceql.Parse(text)
		if err != nil {
			return nil, err
		}
		if q.Metrics == nil {
			return nil, errors.New("the query finds traces, and a rule needs numbers: add a metrics function, as in ... | rate()")
		}
	case Metrics, "":
		return d.Parser.ParseExpr(text)
	default:
		return nil, fmt.Errorf("no signal is called %q", d.signal)
	}
	return foreign(text), nil
}

// A foreign expression is one of another language than PromQL, as it was
// written. To the rule manager it is a vector, and nothing to look into.
type foreign string

// String implements parser.Node.
func (f foreign) String() string { return string(f) }

// Pretty implements parser.Node.
func (f foreign) Pretty(int) string { return string(f) }

// PositionRange implements parser.Node.
func (f foreign) PositionRange() posrange.PositionRange {
	return posrange.PositionRange{End: posrange.Pos(len(f))}
}

// Type implements parser.Expr.
func (foreign) Type() parser.ValueType { return parser.ValueTypeVector }

// PromQLExpr implements parser.Expr.
func (foreign) PromQLExpr() {}
