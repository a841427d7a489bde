package demo

import "time"

// An incident is a time in which a part of the shop fails. Incidents take
// turns: one starts in each period and lasts incidentShare of it.
type incident struct {
	service   string
	operation string
	failures  float64       // share of requests that fail
	after     time.Duration // how long those take
	slower    float64       // factor on the time the rest takes
	exception string
	message   string
	onlyZone  string // the failures happen in this zone alone
}

const incidentShare = 0.4

var incidents = []incident{
	{"payment", "charge", 0.7, 2 * time.Second, 4, "java.net.SocketTimeoutException", "bank gateway did not answer within 2s", "eu-1b"},
	{"inventory", "reserve", 0.5, time.Second, 3, "psycopg.errors.DeadlockDetected", "deadlock detected while updating stock", ""},
	{"catalogue", "list", 0.4, 3 * time.Second, 12, "org.postgresql.util.PSQLException", "canceling statement due to statement timeout", ""},
}

// incidentAt returns the incident of time t, nil for none. The first begins
// after a fifth of the first period, so that there is something to see soon.
func incidentAt(t, start time.Time, period time.Duration) *incident {
	if period <= 0 {
		return nil
	}
	since := t.Sub(start)
	at := since % period
	if at < period/5 || at >= period/5+time.Duration(incidentShare*float64(period)) {
		return nil
	}
	return &incidents[int(since/period)%len(incidents)]
}
