package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// SignatureHeader is the header of a signed webhook request: "t=…,v1=…", the
// time in seconds since the Unix epoch and the signature of it and the body.
const SignatureHeader = "X-Oriel-Signature"

// A signer is a transport that signs what it sends.
type signer struct {
	next http.RoundTripper
	with *Signature
}

// RoundTrip implements http.RoundTripper. It signs a copy of r, as transports
// must; each attempt, redirects included, has a signature of its own.
func (s signer) RoundTrip(r *http.Request) (*http.Response, error) {
	key, err := s.with.key()
	if err != nil {
		return nil, err
	}
	var body []byte
	if r.GetBody != nil {
		b, err := r.GetBody()
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		if body, err = io.ReadAll(b); err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
	}
	r = r.Clone(r.Context())
	r.Header.Set(SignatureHeader, sign(key, time.Now(), body))
	return s.next.RoundTrip(r)
}

// sign returns the value of SignatureHeader.
func sign(key []byte, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
