package dashapi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// Read takes up what db has of data sources that were pushed. One that cannot
// be asked, since its secrets were sealed with another key, says so when it is.
func (s *Sources) Read(ctx context.Context, db *state.DB, sealer Sealer) error {
	s.read.Lock()
	defer s.read.Unlock()
	pushed, err := db.DataSources(ctx)
	if err != nil {
		return fmt.Errorf("read data sources: %w", err)
	}
	all := slices.Clone(s.fixed)
	for _, d := range pushed {
		if old, ok := s.get(d.UID); ok && old.pushed != nil && old.pushed.ID == d.ID && old.pushed.Version == d.Version && old.IsDefault == d.IsDefault {
			all = append(all, old) // with its connections
			continue
		}
		if other, taken := find(s.fixed, func(o *source) bool { return o.UID == d.UID }); taken {
			s.log.Warn("a data source that was pushed has the uid of another", "uid", d.UID, "other", other.Name)
			continue
		}
		all = append(all, s.pushedSource(d, sealer))
	}
	if _, other := find(all, func(o *source) bool { return o.pushed != nil && o.IsDefault }); other {
		own := *all[0]
		own.IsDefault = false
		all[0] = &own
	}
	s.all.Store(&all)
	return nil
}

// pushedSource makes ready to ask d.
func (s *Sources) pushedSource(d state.DataSource, sealer Sealer) *source {
	var p pushedSource
	src, secrets, err := func() (*source, map[string]string, error) {
		var secrets map[string]string
		if err := json.Unmarshal(d.JSON, &p); err != nil {
			return nil, nil, err
		}
		if d.Sealed != nil {
			plain, err := sealer.Open(d.Sealed)
			if err != nil {
				return nil, nil, err
			}
			if err := json.Unmarshal(plain, &secrets); err != nil {
				return nil, nil, err
			}
		}
		c, err := p.config(d.UID, d.Name, secrets)
		if err != nil {
			return nil, nil, err
		}
		src, err := newSource(c, s.log, s.http...)
		return src, secrets, err
	}()
	if err != nil {
		src = &source{UID: d.UID, Name: d.Name, Type: cmp.Or(kinds[p.Type], p.Type), URL: proxyPath(d.UID)}
		src.fault = fmt.Errorf("data source %q cannot be asked: %w", d.Name, err)
		s.log.Warn("data source cannot be asked", "source", d.Name, "err", err)
	}
	src.id, src.pushed, src.secrets, src.IsDefault, src.Editable = firstPushed+d.ID, &d, secrets, d.IsDefault, true
	return src
}

// check returns what is wrong with c, which is to be pushed.
func (s *Sources) check(c SourceConfig) error {
	if _, err := newSource(c, s.log, s.http...); err != nil {
		return fmt.Errorf("%w: %w", err, fault.ErrInvalid)
	}
	if other, taken := find(s.fixed, func(o *source) bool { return o.UID == c.UID || o.Name == c.Name }); taken {
		return fmt.Errorf("data source %q has the uid %q or the name %q already: %w", other.Name, c.UID, c.Name, fault.ErrConflict)
	}
	return nil
}
