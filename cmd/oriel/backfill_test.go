package main

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/rogpeppe/go-internal/testscript"
)

// backfill writes a file in OpenMetrics format, its samples in the order of
// their times, as a block into a database, as `promtool tsdb
// create-blocks-from` does. Times are seconds after START.
func backfill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: backfill DIR FILE START")
	}
	start, err := strconv.ParseInt(args[2], 10, 64)
	ts.Check(err)
	w, err := tsdb.NewBlockWriter(promslog.NewNopLogger(), ts.MkAbs(args[0]), (60 * 24 * time.Hour).Milliseconds())
	ts.Check(err)
	defer w.Close()
	app := w.Appender(context.Background())
	p := textparse.NewOpenMetricsParser([]byte(strings.TrimSpace(ts.ReadFile(args[1]))+"\n# EOF\n"), labels.NewSymbolTable())
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		if entry != textparse.EntrySeries {
			continue
		}
		_, at, v := p.Series()
		var ls labels.Labels
		p.Labels(&ls)
		_, err = app.Append(0, ls, start*1000+*at, v)
		ts.Check(err)
	}
	ts.Check(app.Commit())
	_, err = w.Flush(context.Background())
	ts.Check(err)
}
