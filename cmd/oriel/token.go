package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/storage/state"
)

// tokenCmd is `oriel token`. Its commands change the state database; a server
// that runs on it sees that within two seconds.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token for a machine."`
	List   tokenListCmd   `cmd:"" help:"List tokens, without what they are."`
	Revoke tokenRevokeCmd `cmd:"" help:"Refuse a token from now on."`
}

type tokenCreateCmd struct {
	stateFlags
	Name    string   `help:"What to call it." required:""`
	Scopes  string   `help:"What it may do, separated by commas, such as metrics:write,logs:write or query:*." required:""`
	Tenant  string   `help:"The tenant that it is of."`
	Expires string   `help:"In how long it ends, such as 90d; never by default."`
	Network []string `help:"From where it may be used, such as 10.0.0.0/8; anywhere by default." sep:","`
}

// Run prints the token as the last line. It cannot be shown again.
func (c *tokenCreateCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		token, _, err := d.AddToken(ctx, directory.Actor{}, directory.TokenRequest{
			Name: c.Name, Scopes: c.Scopes, Tenant: c.Tenant, Expires: c.Expires, Networks: c.Network,
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(s.err, "This is the token; it is not shown again:")
		fmt.Fprintln(s.out, token)
		return nil
	})
}

type tokenListCmd struct{ stateFlags }

// Run prints a line for each token.
func (c *tokenListCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(db *state.DB, _ *directory.Directory) error {
		tokens, err := db.Tokens(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tSCOPES\tTENANT\tNETWORKS\tEXPIRES\tLAST USED")
		for _, t := range tokens {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, scopeText(t.Scopes), t.Tenant, networkText(t), day(t.Expires), day(t.LastUsed))
		}
		return w.Flush()
	})
}

func scopeText(scopes []auth.Scope) string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = string(s)
	}
	return strings.Join(texts, ",")
}

func networkText(t auth.TokenRecord) string {
	if len(t.Networks) == 0 {
		return "anywhere"
	}
	texts := make([]string, len(t.Networks))
	for i, p := range t.Networks {
		texts[i] = p.String()
	}
	return strings.Join(texts, ",")
}

type tokenRevokeCmd struct {
	stateFlags
	Token string `arg:"" help:"Its ID or name."`
}

// Run removes the token.
func (c *tokenRevokeCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		return d.DeleteToken(ctx, directory.Actor{}, c.Token)
	})
}
