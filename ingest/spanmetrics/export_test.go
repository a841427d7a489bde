package spanmetrics

import (
	"context"
	"time"
)

// Write writes all metrics, as Run does at each interval.
func (m *Metrics) Write(ctx context.Context, now time.Time) error {
	m.forgetTargets(now)
	if _, err := m.book.Write(ctx, now); err != nil {
		return err
	}
	if m.infos != nil {
		_, err := m.infos.Write(ctx, now)
		return err
	}
	return nil
}
