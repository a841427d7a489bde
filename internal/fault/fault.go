// Package fault names the kinds of failure that callers tell apart. Domain
// errors wrap one of them; internal/httpx maps them to statuses in one place.
package fault

import "errors"

// The kinds. Test for them with errors.Is.
var (
	ErrInvalid         = errors.New("invalid")              // the caller's input is wrong; retrying cannot help
	ErrNotFound        = errors.New("not found")            // the named thing does not exist
	ErrTooLarge        = errors.New("too large")            // the input exceeds a size limit
	ErrUnsupported     = errors.New("unsupported")          // media type, encoding or feature that is not offered
	ErrUnprocessable   = errors.New("unprocessable")        // well-formed but cannot be executed
	ErrUnauthenticated = errors.New("unauthenticated")      // who are you?
	ErrForbidden       = errors.New("forbidden")            // not yours
	ErrConflict        = errors.New("conflict")             // somebody changed it meanwhile
	ErrOverloaded      = errors.New("overloaded")           // rate limit or full queue; retry later
	ErrUnavailable     = errors.New("unavailable")          // not now: starting, stopping, read-only
	ErrTimeout         = errors.New("deadline exceeded")    // the query's time limit
	ErrLimit           = errors.New("query limit exceeded") // rows, bytes or memory of one query
)
