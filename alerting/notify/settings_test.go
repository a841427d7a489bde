package notify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
)

func TestSettingsNameEveryFault(t *testing.T) {
	require.NoError(t, notify.DefaultConfig().Validate())
	c := notify.Config{Sign: []notify.Signature{{}, {Receiver: "a", URL: "b", Secret: "c", SecretFile: "d"}}}
	require.Equal(t, []string{
		"retry_for: 0s is not positive", "refused_pause: 0s is not positive", "attempt_timeout: 0s is not positive",
		"refused_tries: 0 is not positive", "in_flight: 0 is not positive", "max_waiting: 0 is not positive", "max_bytes: 0 is not positive",
		"sign[0]: set one of receiver and url", "sign[0]: set one of secret and secret_file",
		"sign[1]: set one of receiver and url", "sign[1]: set one of secret and secret_file",
	}, strings.Split(c.Validate().Error(), "\n"))
}

func TestTheBuiltInRulesAreGood(t *testing.T) {
	groups, errs := alerting.ParseRules([]byte(notify.Rules), nil)
	require.Empty(t, errs)
	require.Len(t, groups[0].Rules, 2)
}
