package guard

import "github.com/prometheus/client_golang/prometheus"

// The reasons of refusals, a label of oriel_auth_failures_total.
const (
	NoCredentials   = "no_credentials" // they did not say who they are
	BadToken        = "bad_token"      // what they showed is no token, or no longer one
	TokenExpired    = "token_expired"
	TokenNetwork    = "token_network" // the token may not be used from there
	SessionEnded    = "session_ended"
	SessionReplayed = "session_replayed" // a cookie that was replaced came again
	NoRole          = "no_role"          // the proxy or the certificate vouches for somebody without roles
	CrossOrigin     = "cross_origin"
	WrongTenant     = "tenant"
	NoPermission    = "permission"
	BadPassword     = "password" // or user name
	BadCode         = "code"     // of the second factor
	LockedOut       = "locked_out"
	BadSetup        = "setup"          // a set-up link that is not valid
	BadSignOn       = "single_sign_on" // a provider's answer that does not hold
	Unavailable     = "unavailable"    // the state database did not answer
)

var reasons = []string{
	NoCredentials, BadToken, TokenExpired, TokenNetwork, SessionEnded, SessionReplayed, NoRole, CrossOrigin, WrongTenant, NoPermission,
	BadPassword, BadCode, LockedOut, BadSetup, BadSignOn, Unavailable,
}

func newFailures(reg prometheus.Registerer) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "oriel_auth_failures_total",
		Help: "Logins, tokens and requests that were refused, by reason.",
	}, []string{"reason"})
	for _, r := range reasons {
		c.WithLabelValues(r)
	}
	reg.MustRegister(c)
	return c
}
