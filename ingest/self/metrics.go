package self

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/prompb"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/fmtutil"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/storage"
)

// scrape appends what the registry holds, as a Prometheus server scraping
// /metrics would store it, under the job and instance of the process, and
// returns how many samples that are.
func (t *Telemetry) scrape(ctx context.Context, now time.Time) (samples int, err error) {
	families, gatherErr := t.gatherer.Gather() // what could be gathered counts
	byName := make(map[string]*dto.MetricFamily, len(families))
	for _, f := range families {
		byName[f.GetName()] = f
	}
	write, err := fmtutil.MetricFamiliesToWriteRequest(byName, map[string]string{"job": ServiceName, "instance": t.instance})
	if err != nil {
		return 0, fmt.Errorf("convert metrics: %w", err)
	}
	meta := make(map[string]metadata.Metadata, len(families))
	for _, m := range write.Metadata {
		meta[m.MetricFamilyName] = metadata.Metadata{Type: metricType(m.Type), Help: m.Help}
	}

	app := t.metrics.AppenderV2(ctx)
	b := labels.NewScratchBuilder(8)
	up := 1.0
	if gatherErr != nil {
		up = 0
	}
	samples, err = t.appendSample(ctx, app, labels.FromStrings(model.MetricNameLabel, "up", "job", ServiceName, "instance", t.instance), now, up, nil)
	if err != nil {
		return 0, err
	}
	for _, s := range write.Timeseries {
		n, err := t.appendSample(ctx, app, s.ToLabels(&b, nil), now, s.Samples[0].Value, meta)
		if err != nil {
			return 1 + len(write.Timeseries), err
		}
		samples += n
	}
	if err := app.Commit(); err != nil {
		return samples, fmt.Errorf("commit own metrics: %w", err)
	}
	return samples, gatherErr
}

// appendSample returns how many samples the store took, one or none. After an
// error app is rolled back.
func (t *Telemetry) appendSample(ctx context.Context, app promstorage.AppenderV2, ls labels.Labels, now time.Time, v float64, meta map[string]metadata.Metadata) (int, error) {
	opts := promstorage.AOptions{MetricFamilyName: ls.Get(model.MetricNameLabel)}
	for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
		family := strings.TrimSuffix(opts.MetricFamilyName, suffix)
		if m, ok := meta[family]; ok {
			opts.MetricFamilyName, opts.Metadata = family, m
			break
		}
	}
	_, err := app.Append(0, ls, 0, now.UnixMilli(), v, nil, nil, opts)
	if errors.Is(err, storage.ErrSeriesLimit) { // those that exist go on, to tell of it
		t.account.Reject(ctx, protocol, "metrics", ingest.ReasonSeriesLimit, 1, err.Error())
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("append own metrics: %w", errors.Join(err, app.Rollback()))
	}
	return 1, nil
}

// runMetrics scrapes at once and then at each interval.
func (t *Telemetry) runMetrics(ctx context.Context) error {
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	for {
		in := t.account.Arrive(ctx, protocol)
		if n, err := t.scrape(in, time.Now()); err != nil {
			t.account.Reject(in, protocol, "metrics", ingest.ReasonStorage, max(n, 1), err.Error())
		} else {
			t.account.Accept(in, protocol, "metrics", n, 0)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func metricType(t prompb.MetricMetadata_MetricType) model.MetricType {
	switch t {
	case prompb.MetricMetadata_COUNTER:
		return model.MetricTypeCounter
	case prompb.MetricMetadata_GAUGE:
		return model.MetricTypeGauge
	case prompb.MetricMetadata_HISTOGRAM:
		return model.MetricTypeHistogram
	case prompb.MetricMetadata_SUMMARY:
		return model.MetricTypeSummary
	}
	return model.MetricTypeUnknown
}
