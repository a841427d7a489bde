package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/semaphore"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Failures keeps account of refusals; guard.Guard does.
type Failures interface {
	Fail(ctx context.Context, reason string, e auth.Event)
	Forget()
}

// Options is what Logins need.
type Options struct {
	Store     auth.Store
	Directory *directory.Directory
	Sealer    directory.Sealer // of second factors
	Failures  Failures
	Recorder  auth.Recorder // nil for none
	Cost      int           // of bcrypt, as the Directory's; 0 is directory.Cost
}

// Logins lets people in.
type Logins struct {
	store     auth.Store
	directory *directory.Directory
	sealer    directory.Sealer
	failures  Failures
	recorder  auth.Recorder
	hashing   *semaphore.Weighted    // bcrypt is slow on purpose: floods of logins must not take all processors
	decoy     func() ([]byte, error) // hash of no password, for users who do not exist; made at the first login
	guesses   guesses
	now       func() time.Time

	mu      sync.Mutex // guards the below, and lets codes wait for each other
	pending map[string]pendingTOTP
	setup   setupLink
}

// maxHashing is how many passwords are compared at once.
const maxHashing = 2

// New returns Logins.
func New(o Options) *Logins {
	cost := o.Cost
	if cost == 0 {
		cost = directory.Cost
	}
	l := &Logins{
		store: o.Store, directory: o.Directory, sealer: o.Sealer, failures: o.Failures, recorder: o.Recorder,
		hashing: semaphore.NewWeighted(maxHashing), now: time.Now,
		decoy:   sync.OnceValues(func() ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(rand.Text()), cost) }),
		pending: map[string]pendingTOTP{},
	}
	if l.recorder == nil {
		l.recorder = auth.Unrecorded{}
	}
	return l
}

// A Visit is what is known of a browser that somebody logs in with.
type Visit struct {
	Address netip.Addr
	Agent   string
	Cookie  string // of the session that the new one replaces; "" for none
}

// Password begins a session by password, and code if the user has a second
// factor. It returns what the cookie holds.
func (l *Logins) Password(ctx context.Context, v Visit, user, password, code string) (cookie string, err error) {
	user = directory.UserName(user)
	fail := func(reason string, err error) (string, error) {
		var locked *LockedOutError
		switch {
		case errors.As(err, &locked):
			reason = guard.LockedOut
		case !errors.Is(err, fault.ErrUnauthenticated):
			return "", err
		}
		l.failures.Fail(ctx, reason, auth.Event{Who: user, Kind: auth.User, Action: "session.login", Address: v.Address.String(), Detail: err.Error()})
		return "", err
	}
	u, err := l.check(ctx, v.Address, user, password)
	if err != nil {
		return fail(guard.BadPassword, err)
	}
	if u.TOTPSecret != nil {
		if err := l.second(ctx, v.Address, u, code); err != nil {
			return fail(guard.BadCode, err)
		}
	}
	err = l.store.ChangeUser(ctx, user, func(now *auth.UserRecord) error {
		if now.PasswordHash != u.PasswordHash || now.Disabled || (now.TOTPSecret != nil) != (u.TOTPSecret != nil) {
			return errPassword // it was changed meanwhile
		}
		now.LastLogin = l.now()
		return nil
	})
	if err != nil {
		return fail(guard.BadPassword, err)
	}
	l.guesses.right(user, v.Address)
	return l.Begin(ctx, v, auth.SessionRecord{User: u.Name, Source: SourcePassword})
}

// SourcePassword is the source of sessions of users who are kept here.
const SourcePassword = "password"

// A LockedOutError is too many wrong guesses.
type LockedOutError struct{ Wait time.Duration }

func (e *LockedOutError) Error() string {
	return fmt.Sprintf("too many wrong attempts: try again in %v", e.Wait.Round(time.Second))
}

// Unwrap makes it fault.ErrOverloaded.
func (e *LockedOutError) Unwrap() error { return fault.ErrOverloaded }

var errPassword = fmt.Errorf("the user name or the password is wrong: %w", fault.ErrUnauthenticated)

// patient returns a LockedOutError while nothing is tried for a user or an
// address.
func (l *Logins) patient(user string, from netip.Addr) error {
	if wait := l.guesses.wait(user, from, l.now()); wait > 0 {
		return &LockedOutError{Wait: wait}
	}
	return nil
}

// check returns the user whose password it is. The answer takes as long, and
// says the same, if there is no such user.
func (l *Logins) check(ctx context.Context, from netip.Addr, user, password string) (auth.UserRecord, error) {
	if err := l.patient(user, from); err != nil {
		return auth.UserRecord{}, err
	}
	u, err := l.store.User(ctx, user)
	known := err == nil && !u.Disabled && u.PasswordHash != ""
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return u, err
	}
	if err := l.hashing.Acquire(ctx, 1); err != nil {
		return u, err
	}
	defer l.hashing.Release(1)
	if err := l.patient(user, from); err != nil { // those who tried while this one waited were wrong
		return u, err
	}
	hash, err := l.decoy() // for a known user, too, so that the first login tells nothing
	if err != nil {
		return u, err
	}
	if known {
		hash = []byte(u.PasswordHash)
	}
	err = bcrypt.CompareHashAndPassword(hash, []byte(password))
	if err != nil || !known {
		l.guesses.wrong(user, from, l.now())
		return u, errPassword
	}
	return u, nil
}

// Confirm checks the password of somebody who is logged in, before something
// that a stolen session must not do.
func (l *Logins) Confirm(ctx context.Context, v Visit, user, password string) error {
	_, err := l.check(ctx, v.Address, user, password)
	if errors.Is(err, fault.ErrUnauthenticated) {
		l.failures.Fail(ctx, guard.BadPassword, auth.Event{Who: user, Kind: auth.User, Action: "password.confirm", Address: v.Address.String(), Detail: err.Error()})
		return fmt.Errorf("that is not your password: %w", fault.ErrForbidden)
	}
	return err
}

// maxAgent bounds what is kept of a browser's name, in bytes.
const maxAgent = 200

// Begin keeps a new session, of which source, user and the like are given, and
// ends the one it replaces. It returns what the cookie holds.
func (l *Logins) Begin(ctx context.Context, v Visit, s auth.SessionRecord) (cookie string, err error) {
	if v.Cookie != "" {
		if err := l.End(ctx, v.Cookie); err != nil && !errors.Is(err, fault.ErrNotFound) {
			return "", err
		}
	}
	cookie = rand.Text() + rand.Text() // 256 bits
	s.Hash, s.Address, s.Agent = auth.HashToken(cookie), v.Address.String(), v.Agent[:min(len(v.Agent), maxAgent)]
	if err := l.store.AddSession(ctx, s); err != nil {
		return "", err
	}
	l.failures.Forget()
	l.recorder.Record(ctx, auth.Event{Who: s.User, Kind: auth.User, Action: "session.login", Target: s.Source, Result: auth.Done, Address: s.Address})
	return cookie, nil
}

// End ends the session that a cookie holds.
func (l *Logins) End(ctx context.Context, cookie string) error {
	defer l.failures.Forget()
	return l.store.DeleteSession(ctx, auth.HashToken(cookie))
}

// EndAll ends those sessions of a user that which likes.
func (l *Logins) EndAll(ctx context.Context, user string, which func(auth.SessionRecord) bool) error {
	sessions, err := l.store.Sessions(ctx, user)
	if err != nil {
		return err
	}
	defer l.failures.Forget()
	for _, s := range slices.DeleteFunc(sessions, func(s auth.SessionRecord) bool { return !which(s) }) {
		if err := l.store.DeleteSession(ctx, s.Hash); err != nil && !errors.Is(err, fault.ErrNotFound) {
			return err
		}
	}
	return nil
}
