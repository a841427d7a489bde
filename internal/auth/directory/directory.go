package directory

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A Sealer encrypts what must not be read out of a stolen database.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Options is what a Directory needs.
type Options struct {
	Store    auth.Store
	Sealer   Sealer        // of second factors; nil if they are not touched
	Recorder auth.Recorder // nil for none
	Changed  func()        // is called after each change, such as guard.Guard's Forget; nil for nothing
	Cost     int           // of bcrypt; 0 is Cost
}

// Cost is bcrypt's, a quarter of a second on a machine of 2024.
const Cost = 12

// A Directory keeps users and tokens.
type Directory struct {
	store    auth.Store
	sealer   Sealer
	recorder auth.Recorder
	changed  func()
	cost     int
	now      func() time.Time
}

// New returns a Directory.
func New(o Options) *Directory {
	d := &Directory{store: o.Store, sealer: o.Sealer, recorder: o.Recorder, changed: o.Changed, cost: o.Cost, now: time.Now}
	if d.recorder == nil {
		d.recorder = auth.Unrecorded{}
	}
	if d.changed == nil {
		d.changed = func() {}
	}
	if d.cost == 0 {
		d.cost = Cost
	}
	return d
}

// An Actor is who changes something.
type Actor struct {
	Identity *auth.Identity // nil is the command line
	Address  string
}

// done makes a change known.
func (d *Directory) done(ctx context.Context, by Actor, action, target, detail string) {
	d.changed()
	e := auth.Event{Who: "command line", Action: action, Target: target, Result: auth.Done, Address: by.Address, Detail: detail}
	if by.Identity != nil {
		e.Who, e.Kind = by.Identity.Name, by.Identity.Kind
	}
	d.recorder.Record(ctx, e)
}

// The length of passwords is the only rule. bcrypt takes no more bytes.
const (
	minPassword = 12 // characters
	maxPassword = 72 // bytes
)

// CheckPassword returns what is wrong with a new password.
func CheckPassword(password string) error {
	switch {
	case len([]rune(password)) < minPassword:
		return fmt.Errorf("a password has at least %d characters: %w", minPassword, fault.ErrInvalid)
	case len(password) > maxPassword:
		return fmt.Errorf("a password has at most %d bytes: %w", maxPassword, fault.ErrInvalid)
	}
	return nil
}

func (d *Directory) hash(password string) (string, error) {
	if err := CheckPassword(password); err != nil {
		return "", err
	}
	h, err := bcrypt.GenerateFromPassword([]byte(password), d.cost)
	return string(h), err
}

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@+-]{0,63}$`)

// UserName returns the name as it is kept, in small letters.
func UserName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// AddUser keeps a new user.
func (d *Directory) AddUser(ctx context.Context, by Actor, name, password string, roles []string) error {
	name = UserName(name)
	if !userName.MatchString(name) {
		return fmt.Errorf("user %.80q: a name has up to 64 letters, digits and . _ @ + -: %w", name, fault.ErrInvalid)
	}
	roles, err := d.roles(ctx, roles)
	if err != nil {
		return err
	}
	hash, err := d.hash(password)
	if err != nil {
		return err
	}
	if err := d.store.AddUser(ctx, auth.UserRecord{Name: name, PasswordHash: hash, Roles: roles}); err != nil {
		return err
	}
	d.done(ctx, by, "user.create", name, "roles "+strings.Join(roles, ", "))
	return nil
}

// roles returns the names in order, or which of them is not of a role.
func (d *Directory) roles(ctx context.Context, names []string) ([]string, error) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return nil, fmt.Errorf("give a role: %s, %s, %s, or one of your own: %w", auth.RoleViewer, auth.RoleEditor, auth.RoleAdmin, fault.ErrInvalid)
	}
	own, err := d.store.Roles(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(auth.BuiltInRoles(), own)
	for _, name := range names {
		if !slices.ContainsFunc(all, func(r auth.RoleRecord) bool { return r.Name == name }) {
			var have []string
			for _, r := range all {
				have = append(have, r.Name)
			}
			return nil, fmt.Errorf("no role %.80q; there are %s: %w", name, strings.Join(have, ", "), fault.ErrInvalid)
		}
	}
	return names, nil
}

// SetPassword gives a user another password, and ends all their sessions.
func (d *Directory) SetPassword(ctx context.Context, by Actor, name, password string) error {
	hash, err := d.hash(password)
	if err != nil {
		return err
	}
	return d.change(ctx, by, name, "user.password", "", func(u *auth.UserRecord) { u.PasswordHash = hash })
}

// SetRoles gives a user other roles, and ends all their sessions.
func (d *Directory) SetRoles(ctx context.Context, by Actor, name string, roles []string) error {
	roles, err := d.roles(ctx, roles)
	if err != nil {
		return err
	}
	return d.change(ctx, by, name, "user.roles", strings.Join(roles, ", "), func(u *auth.UserRecord) { u.Roles = roles })
}

// SetDisabled turns a user away, or no longer.
func (d *Directory) SetDisabled(ctx context.Context, by Actor, name string, disabled bool) error {
	action := map[bool]string{true: "user.disable", false: "user.enable"}[disabled]
	return d.change(ctx, by, name, action, "", func(u *auth.UserRecord) { u.Disabled = disabled })
}

// ResetTOTP takes a user's second factor away, who has lost it.
func (d *Directory) ResetTOTP(ctx context.Context, by Actor, name string) error {
	return d.change(ctx, by, name, "user.totp_reset", "", func(u *auth.UserRecord) { u.TOTPSecret, u.Recovery = nil, nil })
}

// change alters a user, and ends the sessions.
func (d *Directory) change(ctx context.Context, by Actor, name, action, detail string, f func(*auth.UserRecord)) error {
	u, err := d.store.User(ctx, UserName(name))
	if err != nil {
		return err
	}
	f(&u)
	if err := d.keepAnAdmin(ctx, u); err != nil {
		return err
	}
	if err := d.store.ChangeUser(ctx, u.Name, func(u *auth.UserRecord) error { f(u); return nil }); err != nil {
		return err
	}
	if err := d.endSessions(ctx, u.Name, ""); err != nil {
		return err
	}
	d.done(ctx, by, action, u.Name, detail)
	return nil
}

// endSessions ends a user's sessions but the one with the hash.
func (d *Directory) endSessions(ctx context.Context, user, but string) error {
	sessions, err := d.store.Sessions(ctx, user)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.Hash == but {
			continue
		}
		if err := d.store.DeleteSession(ctx, s.Hash); err != nil {
			return err
		}
	}
	return nil
}

// DeleteUser removes a user with the sessions.
func (d *Directory) DeleteUser(ctx context.Context, by Actor, name string) error {
	name = UserName(name)
	if err := d.keepAnAdmin(ctx, auth.UserRecord{Name: name}); err != nil {
		return err
	}
	if err := d.store.DeleteUser(ctx, name); err != nil {
		return err
	}
	d.done(ctx, by, "user.delete", name, "")
	return nil
}

// keepAnAdmin returns an error if nobody would govern the server any more once
// the user is as given. A server that never had an admin has none to lose.
func (d *Directory) keepAnAdmin(ctx context.Context, changed auth.UserRecord) error {
	users, err := d.store.Users(ctx)
	if err != nil {
		return err
	}
	governs := func(u auth.UserRecord) bool { return !u.Disabled && slices.Contains(u.Roles, auth.RoleAdmin) }
	lost := false
	for _, u := range users {
		switch {
		case u.Name == changed.Name:
			lost = governs(u) && !governs(changed)
		case governs(u):
			return nil
		}
	}
	if lost {
		return fmt.Errorf("user %q is the last with the role admin: make another one first: %w", changed.Name, fault.ErrConflict)
	}
	return nil
}
