package model

import (
	"fmt"
	"slices"
)

// A Column holds the values of one attribute. It is sparse: rows without the
// attribute take no room.
type Column struct {
	Key  string
	Rows []uint32 // ascending row numbers; nil when every row has a value
	Vals []Value  // Vals[j] belongs to row Rows[j], or to row j when Rows is nil
}

// At returns row i's value, or the zero Value. It is a binary search; to walk
// all rows use a Cursor.
func (c *Column) At(i int) Value {
	if c.Rows == nil {
		return c.Vals[i]
	}
	if j, ok := slices.BinarySearch(c.Rows, uint32(i)); ok {
		return c.Vals[j]
	}
	return Value{}
}

// Set gives row i, which is not before any row set earlier, the value v. A
// second value for the same row replaces the first.
func (c *Column) Set(i int, v Value) {
	if n := len(c.Rows); n > 0 && c.Rows[n-1] == uint32(i) {
		c.Vals[n-1] = v
		return
	}
	c.Rows = append(c.Rows, uint32(i))
	c.Vals = append(c.Vals, v)
}

// Cursor returns a reader for ascending rows.
func (c *Column) Cursor() Cursor { return Cursor{c: c} }

func (c *Column) check(n int) error {
	if c.Rows == nil {
		if len(c.Vals) != n {
			return fmt.Errorf("column %q has %d values for %d rows", c.Key, len(c.Vals), n)
		}
		return nil
	}
	if len(c.Rows) != len(c.Vals) {
		return fmt.Errorf("column %q has %d values for %d listed rows", c.Key, len(c.Vals), len(c.Rows))
	}
	for j, r := range c.Rows {
		if int(r) >= n || j > 0 && c.Rows[j-1] >= r {
			return fmt.Errorf("column %q lists row %d out of order or range", c.Key, r)
		}
	}
	return nil
}

// A Cursor reads a column at ascending rows, in constant time each.
type Cursor struct {
	c *Column
	j int
}

// At returns row i's value, or the zero Value. i never decreases.
func (k *Cursor) At(i int) Value {
	if k.c.Rows == nil {
		return k.c.Vals[i]
	}
	for k.j < len(k.c.Rows) && k.c.Rows[k.j] < uint32(i) {
		k.j++
	}
	if k.j < len(k.c.Rows) && k.c.Rows[k.j] == uint32(i) {
		return k.c.Vals[k.j]
	}
	return Value{}
}
