// Package notify routes, groups, inhibits, silences and delivers alerts. It is
// Alertmanager's own packages in one process with the rules: an Alertmanager
// configuration is accepted as it is, and its receivers send what Alertmanager
// sends.
//
// https://prometheus.io/docs/alerting/latest/configuration/
//
// Silences, the notification log and the active alerts are kept in a folder,
// written a moment after they change, so that a restart, even after a crash,
// neither repeats a notification nor forgets to send the resolved one.
//
// A Manager is safe for concurrent use.
package notify
