// Package scope reads the stores with the eyes of whoever asks: the identity
// in the context (internal/auth) narrows every read to the streams and series
// that it sees. It is the one place where that happens, below every language
// and API, so that queries, label names, exemplars and whatever else is made of
// reads tell nothing of the rest. Without an identity all is seen.
//
// While tenants are on, a request's own tenant is not shown among the labels;
// of a query across tenants it tells the rows apart.
package scope
