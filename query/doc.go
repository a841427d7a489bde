// Package query declares what the query engines need of storage and the limits
// they share. Each language and each API is a sub-package; an API package
// imports its engine, never another API.
package query
