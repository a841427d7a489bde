package uiapi

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage"
)

// Cardinality is what a metric store knows about its own series. metric.Store
// implements it.
type Cardinality interface {
	// Metrics answers which metrics have the series asked for, and what they
	// cost.
	Metrics(ctx context.Context, r storage.CardinalityRequest) (*storage.MetricList, error)
	// Labels answers which labels those have, and with how many values.
	Labels(ctx context.Context, r storage.CardinalityRequest) (*storage.LabelList, error)
	// Unused answers which metrics nothing has selected since then, or ever if
	// that is the zero time.
	Unused(ctx context.Context, since time.Time, limit int) (*storage.UnusedList, error)
	// Limits are those that new series are held to.
	Limits() storage.SeriesLimits
}

// Lists have defaultRows rows, and at most maxRows.
const (
	defaultRows = 10
	maxRows     = 10_000
)

// defaultUnusedDays is a month, in which monthly reports are made too.
const defaultUnusedDays = 30

var errNoCardinality = fmt.Errorf("there is no metric store: %w", fault.ErrNotFound)

// cardinality answers GET /cardinality: what there is most of, with the
// parameters
//
//	limit    rows of each list; 10
//	match[]  a series selector, as for /api/v1/series; may be repeated: series that one of them fits
//	metric   short for match[]={__name__="..."}
//
// The answer has limits, the labels (a storage.LabelList), and the metrics (a
// storage.MetricList) by each order of storage.MetricOrders.
func (h *Handler) cardinality(w http.ResponseWriter, r *http.Request) error {
	c, req, err := h.cardinalityRequest(r)
	if err != nil {
		return err
	}
	body := map[string]any{"limits": c.Limits()}
	if body["labels"], err = c.Labels(r.Context(), req); err != nil {
		return err
	}
	lists := map[storage.MetricOrder]*storage.MetricList{}
	for _, order := range storage.MetricOrders() {
		req.Sort = order
		if lists[order], err = c.Metrics(r.Context(), req); err != nil {
			return err
		}
	}
	body["metrics"] = lists
	return httpx.WriteJSON(w, body)
}

// cardinalityMetrics answers GET /cardinality/metrics with a
// storage.MetricList. Parameters are those of cardinality, and sort, one of
// storage.MetricOrders.
func (h *Handler) cardinalityMetrics(w http.ResponseWriter, r *http.Request) error {
	c, req, err := h.cardinalityRequest(r)
	if err != nil {
		return err
	}
	req.Sort = storage.BySeries
	if s := r.FormValue("sort"); s != "" {
		req.Sort = storage.MetricOrder(s)
		if !slices.Contains(storage.MetricOrders(), req.Sort) {
			return fmt.Errorf("sort: %q is none of %v: %w", s, storage.MetricOrders(), fault.ErrInvalid)
		}
	}
	list, err := c.Metrics(r.Context(), req)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, list)
}

// cardinalityLabels answers GET /cardinality/labels with a storage.LabelList.
// Parameters are those of cardinality; with a selector each label has its top
// values, and how many series there would be without it.
func (h *Handler) cardinalityLabels(w http.ResponseWriter, r *http.Request) error {
	c, req, err := h.cardinalityRequest(r)
	if err != nil {
		return err
	}
	list, err := c.Labels(r.Context(), req)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, list)
}

// cardinalityUnused answers GET /cardinality/unused with a storage.UnusedList,
// with the parameters
//
//	limit  rows; 10
//	days   metrics that nothing selected in so many days, and that are that old; 30
//	never  true for metrics that nothing ever selected, however old they are
func (h *Handler) cardinalityUnused(w http.ResponseWriter, r *http.Request) error {
	c, req, err := h.cardinalityRequest(r)
	if err != nil {
		return err
	}
	since, err := unusedSince(r.Form, time.Now())
	if err != nil {
		return err
	}
	list, err := c.Unused(r.Context(), since, req.Limit)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, list)
}

func unusedSince(form url.Values, now time.Time) (time.Time, error) {
	if s := form.Get("never"); s != "" {
		never, err := strconv.ParseBool(s)
		if err != nil {
			return time.Time{}, fmt.Errorf("never: %q is not true or false: %w", s, fault.ErrInvalid)
		}
		if never {
			return time.Time{}, nil
		}
	}
	days := float64(defaultUnusedDays)
	if s := form.Get("days"); s != "" {
		var err error
		if days, err = strconv.ParseFloat(s, 64); err != nil || math.IsNaN(days) || days < 0 || days > 36500 {
			return time.Time{}, fmt.Errorf("days: %q is not a number between 0 and 36500: %w", s, fault.ErrInvalid)
		}
	}
	return now.Add(-time.Duration(days * float64(24*time.Hour))), nil
}

// cardinalityRequest reads the parameters that the endpoints share.
func (h *Handler) cardinalityRequest(r *http.Request) (c Cardinality, req storage.CardinalityRequest, err error) {
	if c = h.opts.Cardinality; c == nil {
		return nil, req, errNoCardinality
	}
	if err := r.ParseForm(); err != nil {
		return nil, req, fmt.Errorf("read parameters: %w: %w", err, fault.ErrInvalid)
	}
	if req.Limit, err = limitOf(r, defaultRows); err != nil {
		return nil, req, err
	}
	p := parser.NewParser(parser.Options{})
	for _, s := range r.Form["match[]"] {
		ms, err := p.ParseMetricSelector(s)
		if err != nil {
			return nil, req, fmt.Errorf("match[]: %q: %w: %w", s, err, fault.ErrInvalid)
		}
		req.Select = append(req.Select, ms)
	}
	for _, name := range r.Form["metric"] {
		req.Select = append(req.Select, []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name)})
	}
	return c, req, nil
}

// limitOf reads how many rows a list is to have.
func limitOf(r *http.Request, otherwise int) (int, error) {
	s := r.FormValue("limit")
	if s == "" {
		return otherwise, nil
	}
	limit, err := strconv.Atoi(s)
	if err != nil || limit < 1 || limit > maxRows {
		return 0, fmt.Errorf("limit: %q is not a number between 1 and %d: %w", s, maxRows, fault.ErrInvalid)
	}
	return limit, nil
}
