package scope_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// read asks for everything by remote read and returns its series.
func (w *world) read(t *testing.T, id *auth.Identity, accept prompb.ReadRequest_ResponseType) (series []string) {
	q, err := remote.ToQuery(start.UnixMilli(), end.UnixMilli(), []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, "__name__", ".+")}, nil)
	require.NoError(t, err)
	req, err := (&prompb.ReadRequest{Queries: []*prompb.Query{q}, AcceptedResponseTypes: []prompb.ReadRequest_ResponseType{accept}}).Marshal()
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodPost, "/api/v1/read", bytes.NewReader(snappy.Encode(nil, req)))
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	require.Equal(t, http.StatusOK, rec.Code, rec.Body.String())
	text := func(ls []prompb.Label) string {
		b := labels.ScratchBuilder{}
		for _, l := range ls {
			b.Add(l.Name, l.Value)
		}
		b.Sort()
		return b.Labels().String()
	}
	if accept == prompb.ReadRequest_SAMPLES {
		plain, err := snappy.Decode(nil, rec.Body.Bytes())
		require.NoError(t, err)
		var resp prompb.ReadResponse
		require.NoError(t, resp.Unmarshal(plain))
		for _, s := range resp.Results[0].Timeseries {
			require.NotEmpty(t, s.Samples)
			series = append(series, text(s.Labels))
		}
	} else {
		frames := remote.NewChunkedReader(rec.Body, 1<<20, nil)
		for {
			var resp prompb.ChunkedReadResponse
			err := frames.NextProto(&resp)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			for _, s := range resp.ChunkedSeries {
				c, err := chunkenc.FromData(chunkenc.Encoding(s.Chunks[0].Type), s.Chunks[0].Data)
				require.NoError(t, err)
				require.Positive(t, c.NumSamples())
				series = append(series, text(s.Labels))
			}
		}
	}
	slices.Sort(series)
	return series
}

func TestRemoteReadTellsNothingOfWhatOthersHave(t *testing.T) {
	whole, viewers := pairs(t)
	for _, accept := range []prompb.ReadRequest_ResponseType{prompb.ReadRequest_SAMPLES, prompb.ReadRequest_STREAMED_XOR_CHUNKS} {
		everything := whole.read(t, nil, accept)
		for _, v := range viewers {
			got := whole.read(t, v.id, accept)
			require.Equal(t, v.own.read(t, nil, accept), got, v.name)
			require.Less(t, len(got), len(everything))
		}
	}
}
