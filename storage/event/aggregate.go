package event

import (
	"context"

	"github.com/oriel-obs/oriel/storage"
)

// Aggregate implements query.EventSource.
func (s *Store) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	p := &storage.Projection{Body: a.Bytes}
	for _, f := range a.By {
		addPlace(p, f)
	}
	if a.Of != nil {
		addPlace(p, *a.Of)
	}
	t := storage.NewTally(storage.Aggregate{Signal: a.Signal, Range: a.Range, By: a.By, ByStream: a.ByStream, Step: a.Step, Origin: a.Origin, Bytes: a.Bytes, Of: a.Of, MaxGroups: a.MaxGroups})
	for b, err := range s.Scan(ctx, storage.Scan{Signal: a.Signal, Range: a.Range, Where: a.Where, Project: p, Stats: a.Stats}) {
		if err != nil {
			return nil, err
		}
		if err := t.Add(b); err != nil {
			return nil, err
		}
	}
	return t.Groups(), nil
}
