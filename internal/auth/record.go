package auth

import (
	"context"
	"time"
)

// AuditLabels are the labels of the stream that the audit log is in. Only those
// who govern the whole server see it.
var AuditLabels = [...][2]string{{"log_source", "audit"}, {"service_name", "oriel"}}

// An Event is something that somebody did, or was not let do: what the audit
// log keeps. It has no secrets in it.
type Event struct {
	Time    time.Time // zero is now
	Who     string    // name of the identity, or the one that was claimed; "" if nobody said
	Kind    Kind      // "" while authentication is off
	Tenant  string    // "" is the default one
	Action  string    // a noun and a verb: "session.login", "token.create", "dashboard.save"
	Target  string    // what it was done to: a name, an ID or a path
	Result  Result
	Address string // of the client, without its port; "" for the process itself and offline commands
	Detail  string // in words; of a refusal the reason, of a query its text
}

// A Result is how an Event ended.
type Result string

// The results.
const (
	Done    Result = "done"
	Refused Result = "refused" // no permission, wrong password, unknown token
	Failed  Result = "failed"  // it was allowed, and did not work
)

// A Recorder keeps events. The audit log does (ingest/audit); those who make
// events, logins, tokens and the middleware among them, only know this.
type Recorder interface {
	// Record keeps e. When it returns, e is on disk, or counted and logged as
	// lost: what was done is not undone because it could not be written down.
	// Refusals that come in floods may be kept as a number.
	Record(ctx context.Context, e Event)
}

// Unrecorded is the Recorder that keeps nothing.
type Unrecorded struct{}

// Record does nothing.
func (Unrecorded) Record(context.Context, Event) {}
