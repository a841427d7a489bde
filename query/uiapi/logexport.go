package uiapi

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/logql"
)

// maxExports is how many exports run at once: one reads as fast as it can.
const maxExports = 2

// exportStall is how long a client may take nothing before its export ends.
const exportStall = time.Minute

var errExports = fmt.Errorf("%d exports are running, which is as many as may; try again when one has ended: %w", maxExports, fault.ErrOverloaded)

// export answers GET and POST /logs/export with every line that a query
// selects, as they are read and without a limit on their number: the
// parameters of /logs/query but limit and cursor, oldest first unless
// direction says otherwise, and
//
//	format   jsonl (the default), csv, or text (the lines alone)
//	columns  of csv: comma-separated labels, time and line; time,line,labels by default
//
// A failure after the first line breaks the connection off, so that no client
// takes a part for the whole.
func (l *logs) export(w http.ResponseWriter, r *http.Request) error {
	var req logql.PageRequest
	expr, err := l.selection(r, &req)
	if err != nil {
		return err
	}
	out, err := newLineWriter(w, r.Form.Get("format"), r.Form.Get("columns"))
	if err != nil {
		return err
	}
	if !l.exports.TryAcquire(1) {
		return errExports
	}
	defer l.exports.Release(1)

	p := logql.Params{Start: req.Start, End: req.End, Forward: r.Form.Get("direction") != "backward"}
	begun := false
	for line, err := range l.whole.Lines(r.Context(), expr, p) {
		if err == nil && !begun {
			begun = true
			h := w.Header()
			h.Set("Content-Type", out.contentType())
			h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="logs-%s.%s"`, time.Unix(0, req.Start).UTC().Format("20060102T150405Z"), out.extension()))
			err = out.begin()
		}
		if err == nil {
			err = out.line(line)
		}
		if err != nil && !begun {
			return err
		}
		if err != nil {
			panic(http.ErrAbortHandler) // the server ends the connection and says nothing
		}
	}
	if !begun {
		w.Header().Set("Content-Type", out.contentType())
		if err := out.begin(); err != nil {
			return nil // the client is gone
		}
	}
	_ = out.end() // a client that is gone needs no answer
	return nil
}

// An impatient writer fails when the client takes nothing for exportStall: an
// export that stands still keeps others out, and old parts on the disk.
type impatient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer.
func (w *impatient) Write(b []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(exportStall)) // where there is none, it waits
	defer func() { _ = w.control.SetWriteDeadline(time.Time{}) }()
	return w.ResponseWriter.Write(b)
}

// A lineWriter writes lines in one format.
type lineWriter interface {
	contentType() string
	extension() string
	begin() error
	line(logql.Line) error
	end() error
}

func newLineWriter(w http.ResponseWriter, format, columns string) (lineWriter, error) {
	buf := bufio.NewWriterSize(&impatient{w, http.NewResponseController(w)}, 64<<10)
	if columns != "" && format != "csv" {
		return nil, fmt.Errorf("columns: only format=csv has them: %w", fault.ErrInvalid)
	}
	switch format {
	case "", "jsonl":
		e := json.NewEncoder(buf)
		e.SetEscapeHTML(false)
		return &jsonLines{textLines{buf}, e}, nil
	case "csv":
		c := &csvLines{textLines: textLines{buf}, csv: csv.NewWriter(buf), columns: []string{"time", "line", "labels"}}
		if columns != "" {
			c.columns = strings.Split(columns, ",")
		}
		return c, nil
	case "text":
		return &textLines{buf}, nil
	}
	return nil, fmt.Errorf("format: %q is not one of jsonl, csv and text: %w", format, fault.ErrInvalid)
}

type textLines struct{ w *bufio.Writer }

func (t *textLines) contentType() string { return "text/plain; charset=utf-8" }
func (t *textLines) extension() string   { return "txt" }
func (t *textLines) begin() error        { return nil }
func (t *textLines) end() error          { return t.w.Flush() }

func (t *textLines) line(l logql.Line) error {
	if _, err := t.w.WriteString(l.Line); err != nil {
		return err
	}
	return t.w.WriteByte('\n')
}

type jsonLines struct {
	textLines
	enc *json.Encoder
}

func (j *jsonLines) contentType() string { return "application/x-ndjson" }
func (j *jsonLines) extension() string   { return "jsonl" }

func (j *jsonLines) line(l logql.Line) error {
	return j.enc.Encode(struct {
		Time   time.Time     `json:"time"`
		Line   string        `json:"line"`
		Labels labels.Labels `json:"labels"`
	}{time.Unix(0, l.Time).UTC(), l.Line, l.Labels})
}

type csvLines struct {
	textLines
	csv     *csv.Writer
	columns []string
	record  []string
}

func (c *csvLines) contentType() string { return "text/csv; charset=utf-8" }
func (c *csvLines) extension() string   { return "csv" }
func (c *csvLines) begin() error        { return c.csv.Write(c.columns) }

func (c *csvLines) line(l logql.Line) error {
	c.record = c.record[:0]
	for _, name := range c.columns {
		c.record = append(c.record, column(l, name))
	}
	return c.csv.Write(c.record)
}

// column returns the text of a line's column.
func column(l logql.Line, name string) string {
	switch name {
	case "time":
		return time.Unix(0, l.Time).UTC().Format(time.RFC3339Nano)
	case "line":
		return l.Line
	case "labels":
		return l.Labels.String()
	}
	return l.Labels.Get(name)
}

func (c *csvLines) end() error {
	c.csv.Flush()
	if err := c.csv.Error(); err != nil {
		return err
	}
	return c.textLines.end()
}
