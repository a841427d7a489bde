package main

import (
	"errors"
	"fmt"
	"slices"
)

// Memory and open files may be higher in the last quarter of a soak than in the
// second by so much: caches fill and merges come in waves. The first quarter is
// warming up.
const (
	growthFactor = 1.3
	growthAnon   = 64 << 20
	growthFiles  = 64
)

// growth returns an error if the process grew from the second quarter of its
// looks to the last.
func growth(looks []soakLook) error {
	if len(looks) < 8 {
		return errors.New("the soak was too short to tell whether memory is flat")
	}
	n := len(looks)
	early, late := looks[n/4:n/2], looks[n*3/4:]
	var errs []error
	anon := func(l soakLook) int64 { return l.anon }
	if a, b := middle(early, anon), middle(late, anon); float64(b) > float64(a)*growthFactor+growthAnon {
		errs = append(errs, fmt.Errorf("anonymous memory grew from %d to %d MB", a>>20, b>>20))
	}
	files := func(l soakLook) int64 { return int64(l.files) }
	if a, b := middle(early, files), middle(late, files); float64(b) > float64(a)*growthFactor+growthFiles {
		errs = append(errs, fmt.Errorf("open files grew from %d to %d", a, b))
	}
	return errors.Join(errs...)
}

func middle(looks []soakLook, of func(soakLook) int64) int64 {
	var vs []int64
	for _, l := range looks {
		vs = append(vs, of(l))
	}
	slices.Sort(vs)
	return vs[len(vs)/2]
}
