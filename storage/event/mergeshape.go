package event

import (
	"cmp"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/storage"
)

// shape chooses the columns of a merged part, before its rows are seen: by
// what the sources say of theirs. See newPartWriter.
func (j *mergeJob) shape() (text bool, hot []hotColumn, err error) {
	text = true
	kinds := map[string]uint16{}
	has := map[string]int{} // sources with the key
	for _, p := range j.sources {
		for _, k := range p.meta.Keys {
			if k.Place == storage.Attr {
				has[k.Key]++
				for _, kind := range k.Kinds {
					kinds[k.Key] |= 1 << kind
				}
			}
		}
	}
	columns := map[string]*hotColumn{}
	of := map[string]int{} // sources with the column
	var rows int64
	for _, p := range j.sources {
		rows += p.meta.Rows
		t, err := p.events()
		if err != nil {
			return false, nil, j.bad(p, err)
		}
		for _, name := range []string{colBody, colStatusMessage, colTraceState} {
			if i, ok := t.numbers[name]; ok && !t.leaves[i].text {
				text = false
			}
		}
		for _, cm := range p.meta.Columns {
			c := columns[cm.Key]
			if c == nil {
				c = &hotColumn{key: cm.Key, kind: cm.Kind, text: true, dict: true}
				columns[cm.Key] = c
			}
			of[cm.Key]++
			c.rows += int(p.meta.Rows)
			if i, ok := t.numbers[cm.Column]; ok {
				c.text = c.text && t.leaves[i].text
				c.dict = c.dict && t.leaves[i].dict
			}
		}
	}
	for key, c := range columns {
		// A column is for values of one kind. Of sources without the column it
		// is only known that they may have the key.
		if kinds[key] != 1<<c.kind || int64(c.rows)*2 < rows {
			continue
		}
		c.text = c.text && of[key] == has[key]
		hot = append(hot, *c)
	}
	slices.SortFunc(hot, func(a, b hotColumn) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), strings.Compare(a.key, b.key))
	})
	hot = hot[:min(len(hot), maxHot)]
	slices.SortFunc(hot, func(a, b hotColumn) int { return strings.Compare(a.key, b.key) })
	return text, hot, nil
}
