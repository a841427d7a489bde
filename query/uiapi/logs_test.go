package uiapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/uiapi"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// lines is ten lines of two streams, three of each time.
func lines(t *testing.T) *storagetest.Memory {
	t.Helper()
	bd := model.NewBuilder(model.Logs, 10)
	for i := range 10 {
		app := []string{"api", "web"}[i%2]
		bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}}), 1000+int64(i/3), fmt.Sprintf("n=%d", i))
		bd.Attr("user", model.String(fmt.Sprint("u", i)))
	}
	store := &storagetest.Memory{}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	return store
}

func logServer(src query.EventSource) http.Handler {
	limits := query.DefaultLimits()
	limits.MaxLines = 5
	r := chi.NewRouter()
	h := uiapi.New(uiapi.Options{Logs: uiapi.LogSources{Paged: src, Whole: src, Limits: limits}})
	h.Mount(r)
	h.MountQueries(r)
	return r
}

func ask(h http.Handler, path string, params ...string) *httptest.ResponseRecorder {
	p := url.Values{}
	for i := 0; i < len(params); i += 2 {
		p.Add(params[i], params[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/logs/"+path+"?"+p.Encode(), nil))
	return w
}

type page struct {
	Lines  []struct{ Time, Line string }
	Before []struct{ Line string }
	Line   struct{ Line string }
	After  []struct{ Line string }
	Next   string
	Older  string
	Newer  string
}

func read(t *testing.T, w *httptest.ResponseRecorder) (p page) {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	return p
}

func TestLinesComePageByPage(t *testing.T) {
	h := logServer(lines(t))
	for direction, want := range map[string]string{
		"":         "n=9 n=8 n=7 n=6 | n=5 n=4 n=3 n=2 | n=1 n=0",
		"backward": "n=9 n=8 n=7 n=6 | n=5 n=4 n=3 n=2 | n=1 n=0",
		"forward":  "n=0 n=1 n=2 n=3 | n=4 n=5 n=6 n=7 | n=8 n=9",
	} {
		var pages []string
		cursor := ""
		for {
			p := read(t, ask(h, "query", "query", `{app=~".+"}`, "start", "1", "end", "5000", "limit", "4", "direction", direction, "cursor", cursor))
			var got []string
			for _, l := range p.Lines {
				got = append(got, l.Line)
			}
			pages = append(pages, strings.Join(got, " "))
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		require.Equal(t, want, strings.Join(pages, " | "), direction)
	}
}

func TestALineHasItsLabelsByOrigin(t *testing.T) {
	w := ask(logServer(lines(t)), "query", "query", `{app="api"} | logfmt | n = "4"`, "start", "1", "end", "5000")
	require.JSONEq(t, `{"lines":[{"time":"1001","line":"n=4","stream":{"app":"api"},"metadata":{"user":"u4"},"parsed":{"n":"4"}}]}`, w.Body.String())
}

func TestContextIsWhatIsAroundALine(t *testing.T) {
	h := logServer(lines(t))
	p := read(t, ask(h, "context", "query", `{app="api"}`, "time", "1001", "line", "n=4", "before", "1", "after", "1"))
	require.Equal(t, "n=2", p.Before[0].Line)
	require.Equal(t, "n=4", p.Line.Line)
	require.Equal(t, "n=6", p.After[0].Line)
	older := read(t, ask(h, "query", "query", `{app="api"}`, "start", "1", "end", "5000", "cursor", p.Older))
	require.Len(t, older.Lines, 1)
	require.Equal(t, "n=0", older.Lines[0].Line)
	newer := read(t, ask(h, "query", "query", `{app="api"}`, "start", "1", "end", "5000", "direction", "forward", "cursor", p.Newer))
	require.Len(t, newer.Lines, 1)
	require.Equal(t, "n=8", newer.Lines[0].Line)

	p = read(t, ask(h, "context", "query", `{app="api"}`, "time", "1000"))
	require.Empty(t, p.Before)
	require.Equal(t, "n=0", p.Line.Line)
	require.Len(t, p.After, 4)
	require.Empty(t, p.Older+p.Newer)
}

func TestExportsHaveEveryLine(t *testing.T) {
	h := logServer(lines(t))
	for _, tc := range []struct {
		params      []string
		contentType string
		want        string
	}{
		{[]string{"query", `{app="web"}`, "format", "text"}, "text/plain; charset=utf-8", "n=1\nn=3\nn=5\nn=7\nn=9\n"},
		{[]string{"query", `{app="web"}`, "format", "text", "direction", "backward"}, "text/plain; charset=utf-8", "n=9\nn=7\nn=5\nn=3\nn=1\n"},
		{
			[]string{"query", `{app="web"} |= "n=3"`},
			"application/x-ndjson",
			`{"time":"1970-01-01T00:00:00.000001001Z","line":"n=3","labels":{"app":"web","user":"u3"}}` + "\n",
		},
		{
			[]string{"query", `{app="web"} |= "n=3"`, "format", "csv"},
			"text/csv; charset=utf-8",
			"time,line,labels\n" + `1970-01-01T00:00:00.000001001Z,n=3,"{app=""web"", user=""u3""}"` + "\n",
		},
		{[]string{"query", `{app="web"} |= "n=3"`, "format", "csv", "columns", "user,line,none"}, "text/csv; charset=utf-8", "user,line,none\nu3,n=3,\n"},
		{[]string{"query", `{app="nobody"}`, "format", "csv", "columns", "user"}, "text/csv; charset=utf-8", "user\n"},
	} {
		w := ask(h, "export", append(tc.params, "start", "1", "end", "5000")...)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, tc.contentType, w.Header().Get("Content-Type"))
		require.Equal(t, tc.want, w.Body.String())
	}
	w := ask(h, "export", "query", `{app=~".+"}`, "start", "1", "end", "5000") // more than query.max_lines
	require.Equal(t, 10, strings.Count(w.Body.String(), "\n"))
}

func TestWrongParametersAreNamed(t *testing.T) {
	h := logServer(lines(t))
	q := []string{"query", `{app="api"}`, "time", "1000"}
	for _, tc := range []struct {
		path   string
		params []string
		status int
		want   string
	}{
		{"query", nil, 400, "query: "},
		{"query", []string{"query", `rate({app="api"}[1m])`}, 400, "query: "},
		{"query", append(q, "limit", "0"), 400, `limit: \"0\" is not a positive number`},
		{"query", append(q, "limit", "6"), 400, "query.max_lines of 5"},
		{"query", append(q, "start", "5", "end", "5"), 400, "end: not after start"},
		{"query", append(q, "start", "x"), 400, "start: "},
		{"query", append(q, "since", "x"), 400, "since: "},
		{"query", append(q, "direction", "up"), 400, `\"up\" is neither forward nor backward`},
		{"query", append(q, "cursor", "x"), 400, "cursor: "},
		{"context", []string{"query", `{app="api"}`}, 400, "time: "},
		{"context", append(q, "before", "-1"), 400, "before: "},
		{"context", append(q, "line", "no such"), 404, "no such line at 1000"},
		{"context", []string{"query", `{app="api"}`, "time", "7"}, 404, "no line at 7"},
		{"export", append(q, "format", "xml"), 400, `\"xml\" is not one of jsonl, csv and text`},
		{"export", append(q, "columns", "app"), 400, "columns: only format=csv has them"},
	} {
		w := ask(h, tc.path, tc.params...)
		require.Equal(t, tc.status, w.Code, "%v: %s", tc.params, w.Body)
		require.Contains(t, w.Body.String(), tc.want)
	}
}

// A client must not take a part for the whole.
func TestAnExportThatFailsOnTheWayIsBrokenOff(t *testing.T) {
	srv := httptest.NewServer(logServer(breaking{lines(t)}))
	defer srv.Close()
	resp, err := http.Get(srv.URL + "/oriel/api/v1/logs/export?start=1&end=5000&query=" + url.QueryEscape(`{app="api"}`))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		require.NoError(t, resp.Body.Close())
	}
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestAnExportThatFailsAtOnceIsAnError(t *testing.T) {
	w := ask(logServer(breaking{&storagetest.Memory{}}), "export", "query", `{app="api"}`, "start", "1", "end", "5000")
	require.Equal(t, http.StatusInternalServerError, w.Code)
}

// breaking fails after its rows.
type breaking struct{ *storagetest.Memory }

func (f breaking) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	return func(yield func(*model.Batch, error) bool) {
		for b, err := range f.Memory.Scan(ctx, s) {
			for range 10_000 { // more than is buffered
				if !yield(b, err) {
					return
				}
			}
		}
		yield(nil, errors.New("disk on fire"))
	}
}

// A client that takes nothing does not keep an export for good.
func TestAnExportHasADeadlineForEachWrite(t *testing.T) {
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	logServer(lines(t)).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/logs/export?"+url.Values{
		"query": {`{app="api"}`}, "start": {"1"}, "end": {"5000"},
	}.Encode(), nil))
	require.Len(t, strings.Split(strings.TrimSpace(w.Body.String()), "\n"), 5)
	require.Equal(t, []bool{true, false}, w.set, "and none afterwards")
}

// deadlines notes whether each deadline is one or ends one.
type deadlines struct {
	*httptest.ResponseRecorder
	set []bool
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.set = append(d.set, !at.IsZero())
	return nil
}
