// Package ingest declares what every ingest protocol needs: where events go,
// how much of what may come in, and the account of what was refused. Each
// protocol is a sub-package; they do not import one another.
package ingest
