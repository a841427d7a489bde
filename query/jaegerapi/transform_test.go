package jaegerapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

// decode reads a list of span names in place of OTLP: each is a child of the
// one before it.
func decode(body []byte) (*model.Batch, error) {
	if len(body) == 0 {
		return nil, errors.New("no spans")
	}
	bd := model.NewBuilder(model.Spans, 2)
	st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String("uploaded")}}})
	var parent model.SpanID
	for i, name := range strings.Fields(string(body)) {
		id := model.SpanID{7: byte(i + 1)}
		bd.Span(st, model.Span{TraceID: model.TraceID{15: 1}, SpanID: id, ParentID: parent, Name: name, Start: 1000 * int64(i), Duration: 1000})
		bd.Attr("z", model.Int(1))
		bd.Attr("a", model.Int(2))
		parent = id
	}
	return bd.Batch(), nil
}

func upload(h http.Handler, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/jaeger/api/transform", strings.NewReader(body)))
	return w
}

func TestUploadedTracesAreShownAndNotStored(t *testing.T) {
	h := server(t)
	const tags = `[{"key":"a","type":"int64","value":2},{"key":"z","type":"int64","value":1}]`
	require.JSONEq(t, `[{"traceID":"00000000000000000000000000000001","warnings":null,"processes":{"p1":{"serviceName":"uploaded","tags":[]}},"spans":[
		{"traceID":"00000000000000000000000000000001","spanID":"0000000000000001","operationName":"one","references":[],"startTime":0,"duration":1,"tags":`+tags+`,"logs":[],"processID":"p1","warnings":null},
		{"traceID":"00000000000000000000000000000001","spanID":"0000000000000002","operationName":"two","references":[{"refType":"CHILD_OF","traceID":"00000000000000000000000000000001","spanID":"0000000000000001"}],
			"startTime":1,"duration":1,"tags":`+tags+`,"logs":[],"processID":"p1","warnings":null}]}]`, data(t, upload(h, "one two")))
	require.NotContains(t, ask(h, "/services").Body.String(), "uploaded")
	w := upload(h, "")
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Contains(t, w.Body.String(), "cannot unmarshal OTLP: no spans")
}
