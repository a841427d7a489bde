package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A TokenRecord is what is kept of a machine's token; the token itself is shown
// once and not kept.
type TokenRecord struct {
	ID       string // for people, and to revoke it by
	Name     string
	Hash     string // HashToken of the token
	Scopes   []Scope
	Tenant   string         // "" is the default one
	Networks []netip.Prefix // from where it may be used; empty is anywhere
	Created  time.Time
	Expires  time.Time // zero is never
	LastUsed time.Time // zero is never; behind by up to a minute
	Creator  string
}

// tokenPrefix lets people and secret scanners know a token by its looks.
const tokenPrefix = "oriel_"

// base62 has the digits of tokens.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// The parts of a token after its prefix, in characters: 32 of base62 are 190
// random bits, and 6 hold a CRC-32 of what is before, as GitHub's do.
const (
	secretLen   = 32
	checksumLen = 6
)

// NewToken returns a new token: oriel_, 32 random letters and digits, and 6 of a
// checksum, by which LooksLikeToken tells a token from a typing error without
// asking anybody.
func NewToken() string {
	b := make([]byte, 0, len(tokenPrefix)+secretLen+checksumLen)
	b = append(b, tokenPrefix...)
	var random [64]byte
	for len(b) < len(tokenPrefix)+secretLen {
		_, _ = rand.Read(random[:]) // never fails
		for _, r := range random {
			// 248 is the largest multiple of 62 in a byte: no digit is likelier.
			if r < 248 && len(b) < len(tokenPrefix)+secretLen {
				b = append(b, base62[r%62])
			}
		}
	}
	return string(appendChecksum(b))
}

func appendChecksum(b []byte) []byte {
	sum := crc32.ChecksumIEEE(b)
	var digits [checksumLen]byte
	for i := range slices.Backward(digits[:]) {
		digits[i] = base62[sum%62]
		sum /= 62
	}
	return append(b, digits[:]...)
}

// LooksLikeToken reports whether text could have come from NewToken.
func LooksLikeToken(text string) bool {
	body := len(tokenPrefix) + secretLen
	return len(text) == body+checksumLen && strings.HasPrefix(text, tokenPrefix) &&
		string(appendChecksum([]byte(text[:body]))) == text
}

// HashToken returns what is kept of a token. A random token needs no slow hash.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Check returns why the record's token may not be used at a time from an
// address; nil if it may.
func (t TokenRecord) Check(at time.Time, from netip.Addr) error {
	if !t.Expires.IsZero() && !at.Before(t.Expires) {
		return fmt.Errorf("token %q has expired on %s", t.Name, t.Expires.UTC().Format(time.RFC3339))
	}
	if len(t.Networks) > 0 && !slices.ContainsFunc(t.Networks, func(p netip.Prefix) bool { return p.Contains(from.Unmap()) }) {
		return fmt.Errorf("token %q may not be used from %s", t.Name, from)
	}
	return nil
}

// Identity returns who uses the token. With tenants on, it is about its own
// tenant and no other, but for an admin's of the default tenant, which governs
// all of them.
func (t TokenRecord) Identity(tenants bool) *Identity {
	id := &Identity{Kind: Token, Name: t.Name, Grants: []Grant{{Role: "token", Scopes: t.Scopes}}}
	if tenants {
		id.Tenants = []string{t.Tenant}
		if t.Tenant != "" || !slices.Contains(t.Scopes, Admin) {
			id.Grants[0].Tenants = id.Tenants
		}
	}
	return id
}

// TokenOf returns the token that a request bears, "" if it bears none: as
// bearer, as the password of basic authentication with any user name, and in
// the ways of the clients that are served here: Elasticsearch's ApiKey (as it
// is, or base64 of id:key), Splunk's and InfluxDB's schemes, and Datadog's and
// Grafana's headers.
func TokenOf(h http.Header) string {
	scheme, rest, _ := strings.Cut(h.Get("Authorization"), " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer", "splunk", "token":
		return rest
	case "basic":
		r := http.Request{Header: h}
		_, password, _ := r.BasicAuth()
		return password
	case "apikey":
		if plain, err := base64.StdEncoding.DecodeString(rest); err == nil {
			if _, key, ok := strings.Cut(string(plain), ":"); ok {
				return key
			}
		}
		return rest
	}
	for _, name := range []string{"Api-Key", "Dd-Api-Key", "X-Api-Key", "X-Auth-Token"} {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}
