// Package fulltext is the token index of a part of the event store: it says
// which granules may hold rows that a predicate keeps, so that the others need
// not be decoded.
//
// Its answers are supersets: a granule with a matching row is never left out,
// and rows are rechecked by the caller. A Builder is used by one goroutine; an
// Index is immutable and safe for concurrent use.
//
// A token is a maximal run of letters, marks, digits and underscores, or a
// UUID, folded to one case (scanner). Two files answer two kinds of question:
//
//   - tokens.bloom holds every token and every key=value term of every
//     granule: "is this whole token in the granule?" (bloomWriter).
//   - tokens.fst is the dictionary of words: "which tokens have this part?",
//     which is what a substring asks at its two ends. It is complete, or says of
//     which granules it is not. Tokens that are nothing but hexadecimal digits,
//     as most ids are, are no words and not in it (shape).
//
// The dictionary is a finite state transducer of bleve's library vellum. The
// format is described in docs/format/tokens.md.
package fulltext
