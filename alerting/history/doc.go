// Package history remembers what happened to alerts: their states, what people
// did about them, and each attempt to tell somebody. The state database holds
// it, for lists that are exact; and it is copied into the event store, where
// LogQL finds it as {service_name="oriel", kind="alert_history"}.
//
// A History is safe for concurrent use. A process that is killed loses nothing
// it has taken down: a change that it has not is found when the rules are
// evaluated next, and the copying goes on where it was.
package history
