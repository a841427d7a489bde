package oracletest

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A series is a label set with its lines [offset, text] or its points
// [offset, value].
type series struct {
	Labels map[string]string
	Values [][2]any
}

func (o *Answers) offsetMillis(seconds any) float64 {
	return math.Round(seconds.(float64)*1000) - float64(o.base/1e6)
}

func decodeWanted(t *testing.T, raw json.RawMessage) []series {
	var list [][2]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &list))
	out := make([]series, len(list))
	for i, s := range list {
		require.NoError(t, json.Unmarshal(s[0], &out[i].Labels))
		require.NoError(t, json.Unmarshal(s[1], &out[i].Values))
	}
	return out
}

func (o *Answers) decodeGot(t *testing.T, kind string, raw json.RawMessage) []series {
	var list []struct {
		Stream, Metric map[string]string
		Values         [][2]any
		Value          *[2]any
	}
	require.NoError(t, json.Unmarshal(raw, &list))
	out := make([]series, len(list))
	for i, s := range list {
		out[i].Labels = s.Metric
		out[i].Values = s.Values
		if kind == "streams" {
			out[i].Labels = s.Stream
			for j := range out[i].Values {
				n, err := strconv.ParseInt(out[i].Values[j][0].(string), 10, 64)
				require.NoError(t, err)
				out[i].Values[j][0] = float64(n - o.base)
			}
			continue
		}
		if s.Value != nil {
			out[i].Values = [][2]any{*s.Value}
		}
		for j := range out[i].Values {
			out[i].Values[j][0] = o.offsetMillis(out[i].Values[j][0])
		}
	}
	return out
}

// loosen hides the texts of __error_details__ and orders lines of one time.
func loosen(in []series, backward bool) []series {
	merged := map[string]*series{}
	for _, s := range in {
		if _, ok := s.Labels["__error_details__"]; ok {
			s.Labels["__error_details__"] = "*"
		}
		k := keyOf(s.Labels)
		if merged[k] == nil {
			merged[k] = &series{Labels: s.Labels}
		}
		merged[k].Values = append(merged[k].Values, s.Values...)
	}
	var out []series
	for _, s := range merged {
		slices.SortStableFunc(s.Values, func(a, b [2]any) int {
			byTime := cmp.Compare(a[0].(float64), b[0].(float64))
			if backward {
				byTime = -byTime
			}
			return cmp.Or(byTime, strings.Compare(a[1].(string), b[1].(string)))
		})
		out = append(out, *s)
	}
	return out
}

func keyOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
