// Package evidence gathers what shows, with a notification, what broke: the
// value and the threshold of the rule and a picture of the series, log lines,
// failing and slow traces, deploys, and links that open the page where it is.
//
// Each part is looked for by itself, within one bound of time. A part that is
// late or fails is named in the evidence and hides no other; no notification
// waits longer than the bound.
package evidence
