package oracletest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func list(x any) []any {
	l, _ := x.([]any)
	return l
}

func text(x any) string {
	s, _ := x.(string)
	return s
}

func num(x any) float64 {
	switch x := x.(type) {
	case float64:
		return x
	case string:
		f, err := strconv.ParseFloat(x, 64)
		if err == nil {
			return f
		}
	}
	return 0
}

// plain is a value of OTLP JSON in the form of the recorded answers.
func plain(v any) any {
	m, _ := v.(map[string]any)
	for k, x := range m {
		switch k {
		case "intValue":
			n, err := strconv.ParseInt(text(x), 10, 64)
			if err != nil {
				return "not an integer: " + text(x)
			}
			return float64(n)
		case "doubleValue":
			return []any{"double", strconv.FormatFloat(num(x), 'g', 9, 64)}
		case "arrayValue":
			out := []any{"array"}
			inner, _ := x.(map[string]any)
			for _, e := range list(inner["values"]) {
				out = append(out, plain(e))
			}
			return out
		}
		return x
	}
	return nil
}

func attrMap(attrs any) map[string]any {
	several := map[string][]any{}
	for _, a := range list(attrs) {
		m := a.(map[string]any)
		several[text(m["key"])] = append(several[text(m["key"])], plain(m["value"]))
	}
	out := map[string]any{}
	for k, v := range several {
		if len(v) == 1 {
			out[k] = v[0]
			continue
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		out[k] = append([]any{"several"}, v...)
	}
	return out
}

func diffAny(what string, want, got any) []string {
	if l, ok := want.([]any); ok && what == "values" {
		l = slices.Clone(l)
		slices.SortFunc(l, func(a, b any) int { return strings.Compare(brief(a), brief(b)) })
		want = l
	}
	if same(want, got) {
		return nil
	}
	return []string{fmt.Sprintf("%s\n  want %.700s\n  got  %.700s", what, brief(want), brief(got))}
}

func brief(x any) string {
	b, err := json.Marshal(x)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// same compares numbers to six digits.
func same(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && (a == b || math.Abs(a-b) <= 1e-6*max(math.Abs(a), math.Abs(b)))
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !same(a[k], b[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}
