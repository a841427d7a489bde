// Command bench compares observability servers: it starts each named target
// fresh, puts the same deterministic load on it over loopback, asks the same
// questions, kills it, and prints what each needed for it, side by side.
//
// It knows nothing of Oriel's inside: Oriel is one row in the table of targets
// (targets.go), reached like the others by its binary, its ports and /proc. So
// it imports none of our packages, but for year, whose store would take a year
// to fill; and nothing of the product imports it.
//
// The words: a load is request bodies encoded before the clock starts; its
// units are samples, lines or spans; a figure is one measured number with a
// unit; a run is one pass over one target, and tables show medians of runs.
package main
