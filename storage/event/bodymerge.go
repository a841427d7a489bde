package event

import (
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/shred"
)

// Of the sources of a merge, so many granules are sampled, each for so many
// bodies.
const (
	mergeSamples = 64
	mergeSample  = sampledBodies / mergeSamples
)

// planBodies returns how to shred the bodies of the sources, or nil to keep
// them whole.
func (j *mergeJob) planBodies() (*shred.Plan, error) {
	if j.t.signal != model.Logs {
		return nil, nil
	}
	var total int64
	for _, p := range j.sources {
		total += p.meta.Rows
	}
	planner := shred.NewPlanner()
	var seen, next int64 // rows; next is the row that a sample is due at
	for _, p := range j.sources {
		for g, m := range p.meta.Granules {
			due := 0
			for seen += int64(m.Rows); next < seen; next += total/mergeSamples + 1 {
				due += mergeSample
			}
			if due == 0 {
				continue
			}
			if err := j.samplePart(planner, p, g, due); err != nil {
				return nil, j.bad(p, err)
			}
		}
	}
	return planner.Plan(), nil
}

// samplePart looks at about n bodies of a granule, not at those that are hidden:
// templates hold text.
func (j *mergeJob) samplePart(to *shred.Planner, p *part, granule, n int) error {
	b, err := openBlock(p, model.Logs, granule)
	if err != nil {
		return err
	}
	var rows []uint32
	for i := range strides(b.rows, n) {
		rows = append(rows, uint32(i))
	}
	if b.hidden, err = p.hiddenBy(j.hidings); err != nil {
		return err
	}
	if rows, err = b.visible(rows); err != nil {
		return err
	}
	if err := b.build(rows); err != nil {
		return err
	}
	for _, i := range rows {
		to.Look(b.batch.Body[i], b.batch.Time[i])
	}
	return nil
}
