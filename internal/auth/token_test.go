package auth

import (
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestATokenIsKnownByItsLooks(t *testing.T) {
	one, other := NewToken(), NewToken()
	require.NotEqual(t, one, other)
	require.True(t, LooksLikeToken(one))
	require.NotEqual(t, HashToken(one), HashToken(other))
	require.NotContains(t, HashToken(one), one)
	for i := range one {
		if i < len(tokenPrefix) {
			continue
		}
		wrong := []byte(one)
		wrong[i] = base62[(strings.IndexByte(base62, wrong[i])+1)%62]
		require.False(t, LooksLikeToken(string(wrong)), "one character off")
	}
	for _, text := range []string{"", "oriel_", one + "x", one[1:], "ghp_" + one[4:]} {
		require.False(t, LooksLikeToken(text))
	}
}

func TestTheDigitsOfTokensAreEquallyLikely(t *testing.T) {
	counts := map[rune]int{}
	const n = 2000
	for range n {
		for _, c := range NewToken()[len(tokenPrefix) : len(tokenPrefix)+secretLen] {
			counts[c]++
		}
	}
	require.Len(t, counts, 62)
	for c, k := range counts { // mean 1032, standard deviation 32
		require.InDelta(t, n*secretLen/62, k, 200, string(c))
	}
}

func TestWhereAndWhenATokenMayBeUsed(t *testing.T) {
	now := time.Unix(1000, 0)
	home := netip.MustParseAddr("10.1.2.3")
	r := TokenRecord{Name: "agent", Expires: now.Add(time.Second), Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	require.NoError(t, r.Check(now, home))
	require.NoError(t, r.Check(now, netip.MustParseAddr("::ffff:10.1.2.3")))
	require.ErrorContains(t, r.Check(now.Add(time.Second), home), "has expired")
	require.ErrorContains(t, r.Check(now, netip.MustParseAddr("192.0.2.1")), "may not be used from")
	require.NoError(t, TokenRecord{}.Check(now, netip.Addr{}))
}

func TestATokenIsAboutItsTenant(t *testing.T) {
	r := TokenRecord{Name: "agent", Tenant: "a", Scopes: []Scope{LogsWrite}}
	require.True(t, r.Identity(true).May(LogsWrite))
	require.Equal(t, []string{"a"}, r.Identity(true).Tenants)
	require.Nil(t, r.Identity(false).Tenants)
	require.False(t, r.Identity(false).May(QueryLogs))
}

func TestTheWaysToBearAToken(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string][3]string{
		"bearer":                   {"Authorization", "Bearer tok", "tok"},
		"in any case":              {"Authorization", "bearer  tok", "tok"},
		"basic password":           {"Authorization", "Basic " + b64("prometheus:tok"), "tok"},
		"Elasticsearch id and key": {"Authorization", "ApiKey " + b64("id:tok"), "tok"},
		"Elasticsearch as it is":   {"Authorization", "ApiKey oriel_x", "oriel_x"},
		"Splunk":                   {"Authorization", "Splunk tok", "tok"},
		"InfluxDB":                 {"Authorization", "Token tok", "tok"},
		"Datadog":                  {"DD-API-KEY", "tok", "tok"},
		"plain":                    {"Api-Key", "tok", "tok"},
		"none":                     {"Authorization", "Digest username=x", ""},
		"broken basic":             {"Authorization", "Basic ???", ""},
		"nothing at all":           {"X-Other", "x", ""},
	} {
		h := http.Header{}
		h.Set(c[0], c[1])
		require.Equal(t, c[2], TokenOf(h), name)
	}
}

func FuzzTokenOf(f *testing.F) {
	f.Add("Basic cHJvbTp0b2s=")
	f.Add("ApiKey aWQ6dG9r")
	f.Add("Bearer x")
	one := NewToken()
	f.Add("bearer  " + one + " ")
	f.Add("Splunk " + one[:len(one)-1])
	f.Add("Basic " + base64.StdEncoding.EncodeToString([]byte("a:b:"+one)))
	f.Add("ApiKey " + base64.StdEncoding.EncodeToString([]byte(one)))
	f.Fuzz(func(t *testing.T, value string) {
		token := TokenOf(http.Header{"Authorization": {value}})
		if len(token) > len(value) {
			t.Fatalf("%q is more than %q", token, value)
		}
		if !LooksLikeToken(token) {
			return
		}
		// What looks like one is one as a whole, and is found however it is shown.
		if len(token) != len(one) || LooksLikeToken(token[:len(token)-1]) || LooksLikeToken(token+"0") {
			t.Fatalf("%q looks like a token", token)
		}
		for _, shown := range []http.Header{
			{"Authorization": {"Bearer " + token}},
			{"Api-Key": {token}},
			{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+token))}},
		} {
			if again := TokenOf(shown); again != token {
				t.Fatalf("%q became %q", token, again)
			}
		}
	})
}
