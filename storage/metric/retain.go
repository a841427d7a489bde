package metric

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

// SetRetention changes how long samples are kept as they came; 0 keeps all.
// Blocks that are over it go within a minute.
func (s *Store) SetRetention(period time.Duration) error {
	// What is left out tsdb would set to zero.
	return s.db.ApplyConfig(&config.Config{StorageConfig: config.StorageConfig{
		TSDBConfig: &config.TSDBConfig{
			OutOfOrderTimeWindow: time.Duration(s.cfg.OutOfOrderWindow).Milliseconds(),
			Retention:            &config.TSDBRetentionConfig{Time: model.Duration(period), Size: s.cfg.RetentionSize},
		},
		ExemplarsConfig: &config.ExemplarsConfig{MaxExemplars: s.cfg.MaxExemplars},
	}})
}

// Aged is what is older than a retention, as tsdb counts it: blocks that end
// that long before the newest one.
type Aged struct {
	Blocks  int
	Samples int64
	Bytes   int64     // on disk
	Before  time.Time // every sample of these blocks is older than this; zero without any
}

// Aged returns what a retention would delete now.
func (s *Store) Aged(period time.Duration) (a Aged) {
	blocks := s.db.Blocks()
	if period == 0 || len(blocks) == 0 {
		return a
	}
	newest := slices.MaxFunc(blocks, func(a, b *tsdb.Block) int { return cmp.Compare(a.MaxTime(), b.MaxTime()) })
	for _, b := range blocks {
		if b == newest || newest.MaxTime()-b.MaxTime() < period.Milliseconds() {
			continue
		}
		a.Blocks++
		a.Samples += int64(b.Meta().Stats.NumSamples)
		a.Bytes += b.Size()
		if end := time.UnixMilli(b.MaxTime()).UTC(); end.After(a.Before) {
			a.Before = end
		}
	}
	return a
}

// A RetentionRule is for series that are kept for a shorter time than the
// rest, in every resolution.
type RetentionRule struct {
	Matcher   string         `yaml:"matcher"`   // a series selector, as {job="dev"}
	Retention model.Duration `yaml:"retention"` // age at which the samples go
}

type retentionRule struct {
	RetentionRule
	matchers []*labels.Matcher
	done     map[ulid.ULID]struct{} // blocks of samples that have none of the series, or only as deleted
	until    int64                  // windows up to here have none of them; whole days
}

// parseRules returns every problem at once.
func parseRules(rules []RetentionRule) (parsed []retentionRule, err error) {
	var errs []error
	selectors := parser.NewParser(parser.Options{})
	for i, r := range rules {
		ms, err := selectors.ParseMetricSelector(r.Matcher)
		if err == nil && !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches("") }) {
			err = errors.New("it must have a matcher that does not match the empty string")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("[%d].matcher: %q: %w", i, r.Matcher, err))
		}
		if r.Retention <= 0 {
			errs = append(errs, fmt.Errorf("[%d].retention: must be set", i))
		}
		parsed = append(parsed, retentionRule{RetentionRule: r, matchers: ms, done: map[ulid.ULID]struct{}{}})
	}
	return parsed, errors.Join(errs...)
}

// retainInterval is how often it is looked whether a block has aged.
const retainInterval = 10 * time.Minute

// retainLoop applies the retention rules until ctx ends.
func (s *Store) retainLoop(ctx context.Context) error {
	if len(s.rules) == 0 {
		return nil
	}
	t := time.NewTicker(retainInterval)
	defer t.Stop()
	for {
		if err := s.retain(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("Series of a retention rule are not deleted; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// retain deletes what the rules say. Like retention as a whole it goes by
// blocks: those that still have a sample young enough stay as they are. tsdb
// frees the space when it compacts a block next, which it does of its own
// accord for an old block once one in twenty series has something deleted.
func (s *Store) retain(ctx context.Context, now time.Time) error {
	for i := range s.rules {
		r := &s.rules[i]
		cutoff := now.Add(-time.Duration(r.Retention)).UnixMilli()
		if err := s.retainSamples(ctx, r, cutoff); err != nil {
			return fmt.Errorf("delete samples of %s: %w", r.Matcher, err)
		}
		day := (24 * time.Hour).Milliseconds()
		if until := cutoff / day * day; until > r.until {
			if err := s.windows.Expire(ctx, until, r.matchers...); err != nil {
				return fmt.Errorf("delete %s: %w", r.Matcher, err)
			}
			s.changes.note(math.MinInt64)
			r.until = until
		}
	}
	return nil
}

func (s *Store) retainSamples(ctx context.Context, r *retentionRule, cutoff int64) error {
	var old []ulid.ULID
	oldest, newest := int64(math.MaxInt64), int64(math.MinInt64)
	for _, b := range s.db.Blocks() {
		m := b.Meta()
		if _, ok := r.done[m.ULID]; ok || m.MaxTime > cutoff {
			continue
		}
		old = append(old, m.ULID)
		oldest, newest = min(oldest, m.MinTime), max(newest, m.MaxTime-1)
	}
	if len(old) == 0 {
		return nil
	}
	if err := s.db.Delete(ctx, oldest, newest, r.matchers...); err != nil {
		return err
	}
	s.changes.note(oldest)
	for _, id := range old {
		r.done[id] = struct{}{}
	}
	return nil
}
