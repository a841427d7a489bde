package redact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/redact"
)

func TestTextsAreTakenOut(t *testing.T) {
	r, err := redact.New(redact.Config{
		Patterns:    []string{"card", "email", "ip", "secret", "token"},
		Expressions: []redact.Expression{{Expression: `order (\d)\d+`, Replace: "order ${1}xx"}, {Expression: `PIN \d+`}},
	})
	require.NoError(t, err)
	for text, want := range map[string]string{
		"":                              "",
		"nothing":                       "nothing",
		"card 4111-1111-1111-1111 gone": "card <card> gone",
		"4111 1111 1111 1112":           "4111 1111 1111 1112", // its check digit is wrong
		"from ann@example.org at 10.1.2.3, password=hunter2": "from <email> at <ip>, password=<secret>",
		"Authorization: Bearer abcdefgh12345678":             "Authorization: <token>",
		"order 1234, PIN 99":                                 "order 1xx, <redacted>",
		`{"card":4111111111111111,"n":1}`:                    `{"card":"<card>","n":1}`,
	} {
		require.Equal(t, want, r.Text(text))
	}
	require.Equal(t, "ann@example.org", redact.Redactor(nil).Text("ann@example.org"))
}

func TestWhatCannotBeTakenOutIsNamed(t *testing.T) {
	for _, tt := range []struct {
		conf redact.Config
		want string
	}{
		{redact.Config{Patterns: []string{"email", "nose"}}, `patterns[1]: "nose" is not one of`},
		{redact.Config{Expressions: []redact.Expression{{Expression: "("}}}, "expressions[0]: error parsing regexp"},
		{redact.Config{Expressions: []redact.Expression{{Expression: "a*"}}}, `expressions[0]: "a*" finds the empty text`},
	} {
		_, err := redact.New(tt.conf)
		require.ErrorContains(t, err, tt.want)
	}
}

// Whatever the text, a JSON object stays one.
func FuzzText(f *testing.F) {
	r, err := redact.New(redact.Config{Patterns: []string{"card", "email", "ip", "secret", "token"}})
	require.NoError(f, err)
	f.Add(`{"a":4111111111111111, "b":[-4111111111111111e5]}`)
	f.Add(`{"password":{"a":1},"secret":null,"api_key":[1,2],"passwd":"a b"}`)
	f.Add(`{"a":"\nbob@x.org\u0041b@x.org","b":"1.2.3.4\\","c":"\"secret\":\"x\\\""}`)
	f.Fuzz(func(t *testing.T, text string) {
		after := r.Text(text)
		if json.Valid([]byte(text)) && strings.HasPrefix(text, "{") {
			require.True(t, json.Valid([]byte(after)), "%s became %s", text, after)
		}
	})
}
