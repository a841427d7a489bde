package promapi_test

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/promapi"
)

func TestFederate(t *testing.T) {
	s := newServer(t, func(o *promapi.Options) {
		o.External = func() labels.Labels { return labels.FromStrings("cluster", "eu", "job", "no") }
	})
	now := time.Now().UnixMilli()
	custom := &histogram.Histogram{
		Count: 3, Sum: 9, Schema: histogram.CustomBucketsSchema, CustomValues: []float64{1, 2, 5},
		PositiveSpans: []histogram.Span{{Offset: 1, Length: 1}, {Offset: 1, Length: 1}}, PositiveBuckets: []int64{2, -1},
	}
	exponential := &histogram.Histogram{Count: 2, Sum: 3, Schema: 1, PositiveSpans: []histogram.Span{{Length: 1}}, PositiveBuckets: []int64{2}}
	app := s.store.AppenderV2(t.Context())
	for _, x := range []struct {
		ls labels.Labels
		t  int64
		v  float64
		h  *histogram.Histogram
	}{
		{ls: labels.FromStrings("__name__", "b", "job", "x"), t: now - 1000, v: 1},
		{ls: labels.FromStrings("__name__", "b", "job", "x"), t: now - 500, v: 2},
		{ls: labels.FromStrings("__name__", "b", "instance", "i"), t: now, v: 3},
		{ls: labels.FromStrings("__name__", "a"), t: now, v: 4},
		{ls: labels.FromStrings("__name__", "gone"), t: now - 1000, v: 5},
		{ls: labels.FromStrings("__name__", "gone"), t: now, v: staleNaN()},
		{ls: labels.FromStrings("__name__", "c"), t: now, h: custom},
		{ls: labels.FromStrings("__name__", "e"), t: now, h: exponential},
	} {
		_, err := app.Append(0, x.ls, 0, x.t, x.v, x.h, nil, promstorage.AOptions{})
		require.NoError(t, err)
	}
	require.NoError(t, app.Commit())

	for _, path := range []string{"/federate", "/prometheus/federate"} {
		a := s.do(http.MethodGet, path, form(t, `match[]={__name__=~"b|gone|up"}&match[]={__name__=~"a|b|c|e"}`))
		require.Equal(t, http.StatusOK, a.status, a.body)
		require.True(t, strings.HasPrefix(a.header.Get("Content-Type"), "text/plain; version=0.0.4"), a.header)
		ms := func(offset int64) string { return " " + strconv.FormatInt(now+offset, 10) }
		require.Equal(t, strings.Join([]string{
			`# TYPE a untyped`,
			`a{cluster="eu",instance="",job="no"} 4` + ms(0),
			`# TYPE b untyped`,
			`b{instance="i",cluster="eu",job="no"} 3` + ms(0),
			`b{job="x",cluster="eu",instance=""} 2` + ms(-500),
			`# TYPE c histogram`,
			`c_bucket{cluster="eu",instance="",job="no",le="1"} 0` + ms(0),
			`c_bucket{cluster="eu",instance="",job="no",le="2"} 2` + ms(0),
			`c_bucket{cluster="eu",instance="",job="no",le="5"} 2` + ms(0),
			`c_bucket{cluster="eu",instance="",job="no",le="+Inf"} 3` + ms(0),
			`c_sum{cluster="eu",instance="",job="no"} 9` + ms(0),
			`c_count{cluster="eu",instance="",job="no"} 3` + ms(0),
		}, "\n"), a.body)
	}
}

func TestFederateRefusesABadSelector(t *testing.T) {
	a := newServer(t).do(http.MethodGet, "/federate", form(t, "match[]=up{"))
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, a.body, "parse error")
}

func TestFederateWithoutSelectorIsEmpty(t *testing.T) {
	a := newServer(t).do(http.MethodGet, "/federate", nil)
	require.Equal(t, http.StatusOK, a.status)
	require.Empty(t, a.body)
}

func staleNaN() float64 { return math.Float64frombits(value.StaleNaN) }
