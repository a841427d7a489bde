// Package alerting evaluates Prometheus rule files, recording and alerting,
// with Prometheus' own rule manager: groups, intervals, `for`,
// keep_firing_for, limits, query offsets, templates, and the restoring of
// pending alerts after a restart mean here what they mean there. A group may be
// about logs or traces, and its expressions are then LogQL or TraceQL.
//
// https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
//
// A Manager is safe for concurrent use. What becomes of a firing alert is the
// business of package notify.
package alerting
