// Package redact takes out of texts what is not to be read by everyone: numbers
// of payment cards, mail addresses, credentials, and what else is asked for.
package redact
