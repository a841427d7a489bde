package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Codes are of RFC 6238 as every authenticator has them: six digits, SHA-1,
// thirty seconds, and one step early or late.
const totpPeriod = 30

var totpOptions = totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// A pendingTOTP is a second factor that is not confirmed yet.
type pendingTOTP struct {
	secret string
	until  time.Time
}

const (
	pendingTime = 15 * time.Minute
	maxPending  = 1000
)

var (
	errCodeMissing = fmt.Errorf("give the code of your authenticator too, or a recovery code: %w", fault.ErrUnauthenticated)
	errCode        = fmt.Errorf("the code is wrong, or was used already: %w", fault.ErrUnauthenticated)
)

// second checks the code of a user with a second factor. Each code is good once.
func (l *Logins) second(ctx context.Context, from netip.Addr, u auth.UserRecord, code string) error {
	code = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(code), " ", ""))
	if code == "" {
		return errCodeMissing
	}
	secret, err := l.sealer.Open(u.TOTPSecret)
	if err != nil {
		return fmt.Errorf("open the second factor of %q: %w", u.Name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.patient(u.Name, from); err != nil { // as in check: many may come at once
		return err
	}
	step, ok := matching(string(secret), code, l.now())
	hash := auth.HashToken(code)
	err = l.store.ChangeUser(ctx, u.Name, func(u *auth.UserRecord) error {
		if ok && step > u.TOTPStep {
			u.TOTPStep = step
			return nil
		}
		i := slices.Index(u.Recovery, hash)
		if i < 0 {
			return errCode
		}
		u.Recovery = slices.Delete(u.Recovery, i, i+1)
		return nil
	})
	if errors.Is(err, errCode) {
		l.guesses.wrong(u.Name, from, l.now())
		return errCode
	}
	return err
}

// matching returns the step that a code is of.
func matching(secret, code string, now time.Time) (step int64, ok bool) {
	current := now.Unix() / totpPeriod
	for s := current - 1; s <= current+1; s++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(s*totpPeriod, 0), totpOptions)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// OfferTOTP makes a second factor for a user, which counts once ConfirmTOTP has
// seen a code of it. It returns the secret for typing, and as a URI for a
// picture.
func (l *Logins) OfferTOTP(user string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Oriel", AccountName: user})
	if err != nil {
		return "", "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	maps.DeleteFunc(l.pending, func(_ string, p pendingTOTP) bool { return now.After(p.until) })
	if len(l.pending) >= maxPending {
		return "", "", fmt.Errorf("too many people set up a second factor: %w", fault.ErrOverloaded)
	}
	l.pending[user] = pendingTOTP{key.Secret(), now.Add(pendingTime)}
	return key.Secret(), key.URL(), nil
}

// recoveryCodes is how many a user gets.
const recoveryCodes = 10

// ConfirmTOTP puts the second factor in force that OfferTOTP made, and returns
// recovery codes, each good for one login without the authenticator. They are
// not known afterwards.
func (l *Logins) ConfirmTOTP(ctx context.Context, user, code string) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.pending[user]
	if !ok || l.now().After(p.until) {
		return nil, fmt.Errorf("begin again: no second factor is being set up: %w", fault.ErrConflict)
	}
	step, ok := matching(p.secret, strings.ReplaceAll(strings.TrimSpace(code), " ", ""), l.now())
	if !ok {
		return nil, fmt.Errorf("that is not the code of now: compare the clocks of authenticator and server: %w", fault.ErrInvalid)
	}
	sealed, err := l.sealer.Seal([]byte(p.secret))
	if err != nil {
		return nil, fmt.Errorf("seal the second factor: %w", err)
	}
	codes, hashes := make([]string, recoveryCodes), make([]string, recoveryCodes)
	for i := range codes {
		t := strings.ToLower(rand.Text())
		codes[i] = t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:16]
		hashes[i] = auth.HashToken(codes[i])
	}
	err = l.store.ChangeUser(ctx, user, func(u *auth.UserRecord) error {
		u.TOTPSecret, u.TOTPStep, u.Recovery = sealed, step, hashes
		return nil
	})
	if err != nil {
		return nil, err
	}
	delete(l.pending, user)
	l.recorder.Record(ctx, auth.Event{Who: user, Kind: auth.User, Action: "user.totp", Target: user, Result: auth.Done})
	return codes, nil
}
