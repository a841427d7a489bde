package directory

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	prommodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A TokenRequest is what a new token shall be.
type TokenRequest struct {
	Name     string
	Scopes   string   // as ParseScopes takes them
	Tenant   string   // "" is the default one
	Expires  string   // in how long, such as 90d; "" is never
	Networks []string // from where it may be used; none is anywhere
}

var tokenName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._@/+-]{0,99}$`)

// maxNetworks bounds those of one token.
const maxNetworks = 100

// AddToken keeps a new token, and returns it: this is the only time that it is
// known.
func (d *Directory) AddToken(ctx context.Context, by Actor, r TokenRequest) (token string, kept auth.TokenRecord, err error) {
	kept, err = r.record(d.now())
	if err != nil {
		return "", kept, fmt.Errorf("%w: %w", err, fault.ErrInvalid)
	}
	token = auth.NewToken()
	kept.Hash = auth.HashToken(token)
	kept.Creator = "command line"
	if by.Identity != nil {
		kept.Creator = by.Identity.Name
	}
	if err := d.store.AddToken(ctx, kept); err != nil {
		return "", kept, err
	}
	d.done(ctx, by, "token.create", kept.Name, r.Scopes)
	return token, kept, nil
}

func (r TokenRequest) record(now time.Time) (t auth.TokenRecord, err error) {
	t = auth.TokenRecord{ID: strings.ToLower(rand.Text()[:10]), Name: r.Name, Tenant: r.Tenant, Created: now}
	if !tokenName.MatchString(r.Name) {
		return t, fmt.Errorf("name: %.120q is not up to 100 letters, digits, spaces and . _ @ / + -", r.Name)
	}
	if t.Scopes, err = auth.ParseScopes(r.Scopes); err != nil {
		return t, fmt.Errorf("scopes: %w", err)
	}
	if len(t.Scopes) == 0 {
		return t, fmt.Errorf("scopes: give at least one, such as metrics:write or query:*")
	}
	if err := auth.CheckTenant(r.Tenant); err != nil {
		return t, err
	}
	if r.Expires != "" {
		d, err := prommodel.ParseDuration(r.Expires)
		if err != nil || d <= 0 {
			return t, fmt.Errorf("expires: %.40q is not a time such as 90d or 12h", r.Expires)
		}
		t.Expires = now.Add(time.Duration(d))
	}
	if len(r.Networks) > maxNetworks {
		return t, fmt.Errorf("networks: up to %d", maxNetworks)
	}
	for _, text := range r.Networks {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, plain := netip.ParseAddr(text)
			if plain != nil {
				return t, fmt.Errorf("networks: %.60q is not a network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		t.Networks = append(t.Networks, p.Masked())
	}
	return t, nil
}

// DeleteToken removes the token with an ID or a name, which is refused from then
// on.
func (d *Directory) DeleteToken(ctx context.Context, by Actor, idOrName string) error {
	all, err := d.store.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.ID == idOrName || t.Name == idOrName {
			if err := d.store.DeleteToken(ctx, t.ID); err != nil {
				return err
			}
			d.done(ctx, by, "token.revoke", t.Name, "")
			return nil
		}
	}
	return fmt.Errorf("token %.100q: %w", idOrName, fault.ErrNotFound)
}

// SaveRole keeps a role of the operator's own, or replaces it.
func (d *Directory) SaveRole(ctx context.Context, by Actor, r auth.RoleRecord) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if err := d.store.SaveRole(ctx, r); err != nil {
		return err
	}
	d.done(ctx, by, "role.save", r.Name, "")
	return nil
}

// DeleteRole removes one. It must be nobody's.
func (d *Directory) DeleteRole(ctx context.Context, by Actor, name string) error {
	users, err := d.store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		for _, role := range u.Roles {
			if role == name {
				return fmt.Errorf("role %q is user %q's: %w", name, u.Name, fault.ErrConflict)
			}
		}
	}
	if err := d.store.DeleteRole(ctx, name); err != nil {
		return err
	}
	d.done(ctx, by, "role.delete", name, "")
	return nil
}
