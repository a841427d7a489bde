// Package directory keeps who may come in: users, their roles and second
// factors, and machines' tokens. The API and the commands `oriel user` and
// `oriel token` change them by it, so that one set of rules holds for both.
//
// A Directory is safe for concurrent use, and so are several on one store.
package directory
