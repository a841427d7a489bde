package sso

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/auth/login"
	"github.com/oriel-obs/oriel/internal/fault"
)

// flowTime is how long somebody may take at the provider.
const flowTime = 10 * time.Minute

// maxFlows bounds the logins under way; the oldest give way.
const maxFlows = 10_000

// A flow is a login under way at a provider.
type flow struct {
	provider string
	browser  string // hash of a cookie: the browser that began it must end it
	nonce    string
	verifier string // of PKCE
	next     string // path of the page to go to
	until    time.Time
}

type flows struct {
	now func() time.Time

	mu      sync.Mutex
	byState map[string]flow
}

func (f *flows) begin(state string, fl flow) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byState == nil {
		f.byState = map[string]flow{}
	}
	if len(f.byState) >= maxFlows {
		oldest := f.now().Add(flowTime / 2)
		maps.DeleteFunc(f.byState, func(_ string, fl flow) bool { return fl.until.Before(oldest) })
	}
	if len(f.byState) >= maxFlows {
		clear(f.byState)
	}
	fl.until = f.now().Add(flowTime)
	f.byState[state] = fl
}

// end returns the flow of a state, once.
func (f *flows) end(state string) (flow, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl, ok := f.byState[state]
	delete(f.byState, state)
	return fl, ok && f.now().Before(fl.until)
}

// BrowserCookie is of the cookie that binds a login to the browser.
const BrowserCookie = "oriel_sign_on"

// Start returns where to send a browser that wants to log in at a provider, and
// the cookie to give it. next is the path of the page to come back to.
func (p *Providers) Start(ctx context.Context, name, next string, v login.Visit, secure bool) (target string, cookie *http.Cookie, err error) {
	q, err := p.named(name)
	if err != nil {
		return "", nil, err
	}
	found, err := q.discover(ctx)
	if err != nil {
		p.fail(ctx, name, "", v, err)
		return "", nil, err
	}
	next = OwnPath(next)
	state, browser := rand.Text(), rand.Text()
	fl := flow{provider: name, browser: auth.HashToken(browser), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), next: next}
	p.flows.begin(state, fl)
	cookie = &http.Cookie{
		Name: BrowserCookie, Value: browser, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, MaxAge: int(flowTime.Seconds()),
	}
	return q.oauth(found).AuthCodeURL(state, oidc.Nonce(fl.nonce), oauth2.S256ChallengeOption(fl.verifier)), cookie, nil
}

// OwnPath returns path if a browser that is sent there stays here, or else "/".
func OwnPath(path string) string {
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "\\\r\n\t") {
		return path
	}
	return "/"
}

// Finish ends a login with what the browser brings back, and begins a session.
// It returns what the session's cookie holds, and the path to go to, which is
// known after some errors, too.
func (p *Providers) Finish(ctx context.Context, name string, r *http.Request, v login.Visit) (session, next string, err error) {
	who, fl, err := p.finish(ctx, name, r)
	if err != nil {
		if !errors.Is(err, fault.ErrNotFound) {
			p.fail(ctx, name, who.name, v, err)
		}
		if errors.Is(err, errNoRole) {
			err = errors.Join(err, p.endOthers(ctx, name, who))
		}
		return "", OwnPath(fl.next), err
	}
	if err := p.endOthers(ctx, name, who); err != nil {
		return "", fl.next, err
	}
	session, err = p.logins.Begin(ctx, v, auth.SessionRecord{
		User: name + ":" + who.name, Roles: who.roles, Source: name, Subject: who.subject, SID: who.sid,
	})
	return session, fl.next, err
}

// endOthers ends the sessions that somebody has with roles that the provider no
// longer gives them.
func (p *Providers) endOthers(ctx context.Context, name string, who person) error {
	return p.logins.EndAll(ctx, "", func(s auth.SessionRecord) bool {
		return s.Source == name && s.Subject == who.subject && !slices.Equal(s.Roles, who.roles)
	})
}

func (p *Providers) fail(ctx context.Context, name, who string, v login.Visit, err error) {
	p.guard.Fail(ctx, guard.BadSignOn, auth.Event{Who: who, Kind: auth.User, Action: "session.login", Target: name, Address: v.Address.String(), Detail: err.Error()})
}

// A Refusal is why somebody is not let in, in a word that the page explains.
type Refusal string

// The refusals.
const (
	Unknown     Refusal = "unknown"     // there is no such provider
	Unavailable Refusal = "unavailable" // the provider does not answer
	Expired     Refusal = "expired"     // not begun in this browser, or too long ago
	Denied      Refusal = "denied"      // the provider says no
	NoRole      Refusal = "norole"      // it says yes, but not to a role
	Failed      Refusal = "failed"      // what it says is not to be believed, or not understood
)

var (
	errExpired = fmt.Errorf("this login was not begun in this browser, or took too long: try again: %w", fault.ErrForbidden)
	errDenied  = fmt.Errorf("the provider lets nobody in: %w", fault.ErrForbidden)
	errNoRole  = fmt.Errorf("none of the groups has a role in auth.providers: %w", fault.ErrForbidden)
)

// RefusalOf returns what an error of Start or Finish is.
func RefusalOf(err error) Refusal {
	for of, r := range map[error]Refusal{
		errExpired: Expired, errDenied: Denied, errNoRole: NoRole, fault.ErrUnavailable: Unavailable, fault.ErrNotFound: Unknown,
	} {
		if errors.Is(err, of) {
			return r
		}
	}
	return Failed
}

func (p *Providers) finish(ctx context.Context, name string, r *http.Request) (who person, fl flow, err error) {
	q, err := p.named(name)
	if err != nil {
		return who, fl, err
	}
	in := r.URL.Query()
	fl, ok := p.flows.end(in.Get("state"))
	cookie, cookieErr := r.Cookie(BrowserCookie)
	if !ok || fl.provider != name || cookieErr != nil || subtle.ConstantTimeCompare([]byte(auth.HashToken(cookie.Value)), []byte(fl.browser)) != 1 {
		return who, fl, errExpired
	}
	switch said := in.Get("error"); said {
	case "":
	case "server_error", "temporarily_unavailable":
		return who, fl, fmt.Errorf("the provider says: %q %.300q: %w", said, in.Get("error_description"), fault.ErrUnavailable)
	default:
		return who, fl, fmt.Errorf("the provider says: %.100q %.300q: %w", said, in.Get("error_description"), errDenied)
	}
	found, err := q.discover(ctx)
	if err != nil {
		return who, fl, err
	}
	token, err := q.oauth(found).Exchange(q.context(ctx), in.Get("code"), oauth2.VerifierOption(fl.verifier))
	if err != nil {
		return who, fl, fmt.Errorf("exchange the code: %w", errors.Join(err, fault.ErrForbidden))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: q.config.ClientID, Now: p.flows.now}).Verify(q.context(ctx), raw)
	if err != nil {
		return who, fl, fmt.Errorf("verify the ID token: %w", errors.Join(err, fault.ErrForbidden))
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(fl.nonce)) != 1 {
		return who, fl, fmt.Errorf("the ID token is of another login: %w", fault.ErrForbidden)
	}
	if who, err = q.claims(ctx, found, id, token); err != nil {
		return who, fl, err
	}
	if len(who.roles) == 0 {
		return who, fl, fmt.Errorf("%.100q has no role here: %w", who.name, errNoRole)
	}
	return who, fl, nil
}
