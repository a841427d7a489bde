package auth

import (
	"context"
	"time"
)

// A UserRecord is what is kept of somebody who logs in.
type UserRecord struct {
	Name         string // what they log in with; in lower case
	PasswordHash string // bcrypt; "" if they only come by single sign-on
	Roles        []string
	TOTPSecret   []byte   // sealed; nil without a second factor
	TOTPStep     int64    // of the last code that was used (RFC 6238); codes up to it are good no more
	Recovery     []string // hashes of the codes that are left
	Disabled     bool
	Created      time.Time
	LastLogin    time.Time // zero is never
}

// A SessionRecord is somebody's login in one browser. What its cookie holds, an
// identifier, is another one from time to time.
type SessionRecord struct {
	Hash    string // HashToken of the first identifier; the session is known by it to its end
	User    string
	Roles   []string // of a user who is not kept here, as single sign-on told them; nil for kept ones
	Created time.Time
	Seen    time.Time // behind by up to a minute
	Address string    // at the login
	Agent   string    // of the browser
	Source  string    // "password", or the name of the provider
	Subject string    // at the provider
	SID     string    // the provider's own session

	// Of the identifier by which Store.Session was asked; zero otherwise.
	Issued   time.Time // when it was first handed out
	Replaced time.Time // when a later one was first shown; zero is never
	Newest   bool      // it is to take the place of others, which have not been replaced yet
}

// A RoleRecord is a role of the operator's own.
type RoleRecord struct {
	Name      string
	Scopes    []Scope
	Tenants   []string          // nil for all
	Selectors map[Signal]string // narrow what is seen of a signal: {namespace="shop"}
}

// A Store keeps users, sessions, tokens and roles. What is not there wraps
// fault.ErrNotFound, what is there already fault.ErrConflict.
type Store interface {
	Users(ctx context.Context) ([]UserRecord, error)
	User(ctx context.Context, name string) (UserRecord, error)
	AddUser(ctx context.Context, u UserRecord) error
	ChangeUser(ctx context.Context, name string, change func(*UserRecord) error) error // reads and writes in one, unless change returns an error, which it returns then
	DeleteUser(ctx context.Context, name string) error                                 // and the sessions

	Tokens(ctx context.Context) ([]TokenRecord, error)
	TokenByHash(ctx context.Context, hash string) (TokenRecord, error)
	AddToken(ctx context.Context, t TokenRecord) error
	UseToken(ctx context.Context, id string, at time.Time) error
	DeleteToken(ctx context.Context, id string) error

	Sessions(ctx context.Context, user string) ([]SessionRecord, error) // "" for everybody's
	Session(ctx context.Context, hash string) (SessionRecord, error)    // by any of its identifiers
	AddSession(ctx context.Context, s SessionRecord) error
	OfferSession(ctx context.Context, session, hash string, at time.Time) error   // a session gets another identifier, unless it has that
	ReplaceSession(ctx context.Context, session, hash string, at time.Time) error // the identifiers issued before hash are replaced
	SeeSession(ctx context.Context, session string, at time.Time) error
	DeleteSession(ctx context.Context, hash string) error // by any of its identifiers
	EndSessions(ctx context.Context, seenBefore, createdBefore time.Time) error

	Roles(ctx context.Context) ([]RoleRecord, error)
	SaveRole(ctx context.Context, r RoleRecord) error
	DeleteRole(ctx context.Context, name string) error
}
