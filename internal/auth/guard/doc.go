// Package guard stands at the edge: it finds out who makes a request and lets
// through what they may do. HTTP comes through Guard.Middleware, gRPC through
// Guard.Tap, and what has no credentials is judged by Guard.Sender.
//
// A Guard is safe for concurrent use. It remembers what it read of tokens,
// sessions and roles for a moment, so that busy senders cost no query each; what
// is changed through the API counts at once (Guard.Forget), what is changed
// beside the server within memory.
package guard
