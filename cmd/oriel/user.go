package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/oriel-obs/oriel/internal/auth/directory"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// userCmd is `oriel user`. Its commands change the state database, whether a
// server runs on it or not.
type userCmd struct {
	Add       userAddCmd       `cmd:"" help:"Add a user."`
	List      userListCmd      `cmd:"" help:"List users."`
	Passwd    userPasswdCmd    `cmd:"" help:"Give a user another password."`
	Role      userRoleCmd      `cmd:"" help:"Give a user other roles."`
	TOTPReset userTOTPResetCmd `cmd:"" name:"totp-reset" help:"Take a user's second factor away, who has lost it."`
	Delete    userDeleteCmd    `cmd:"" help:"Remove a user."`
}

// stateFlags say where the state database is.
type stateFlags struct {
	DataDir string `help:"Folder for everything that is stored." default:"data" type:"path"`
}

// with calls f with who is kept there.
func (f stateFlags) with(ctx context.Context, do func(*state.DB, *directory.Directory) error) (err error) {
	db, err := state.Open(ctx, filepath.Join(f.DataDir, "state"))
	if err != nil {
		return fmt.Errorf("open state database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = do(db, directory.New(directory.Options{Store: db, Recorder: recordOffline(db)}))
	if errors.Is(err, fault.ErrInvalid) {
		return &usageError{err}
	}
	return err
}

type userAddCmd struct {
	stateFlags
	Name string   `arg:"" help:"What they log in with."`
	Role []string `help:"Roles: viewer, editor, admin or your own." default:"viewer" sep:","`
}

// Run adds the user. The password comes from standard input; if there is none,
// one is made up and printed.
func (c *userAddCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		password, made, err := newPassword(s, os.Stdin)
		if err != nil {
			return err
		}
		if err := d.AddUser(ctx, directory.Actor{}, c.Name, password, c.Role); err != nil {
			return err
		}
		if made {
			fmt.Fprintln(s.out, password)
		}
		return nil
	})
}

// newPassword asks for a password at a terminal, twice, and reads its first line
// elsewhere. If nothing comes, it makes one up.
func newPassword(s streams, in *os.File) (password string, made bool, err error) {
	if fd := int(in.Fd()); term.IsTerminal(fd) {
		fmt.Fprint(s.err, "Password (empty to have one made up): ")
		first, err := term.ReadPassword(fd)
		fmt.Fprintln(s.err)
		if err != nil {
			return "", false, fmt.Errorf("read the password: %w", err)
		}
		if len(first) > 0 {
			fmt.Fprint(s.err, "Again: ")
			second, err := term.ReadPassword(fd)
			fmt.Fprintln(s.err)
			if err != nil {
				return "", false, fmt.Errorf("read the password: %w", err)
			}
			if string(first) != string(second) {
				return "", false, &usageError{errors.New("the passwords differ")}
			}
		}
		password = string(first)
	} else {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", false, fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimRight(line, "\r\n")
	}
	if password != "" {
		return password, false, nil
	}
	return strings.ToLower(rand.Text()), true, nil
}

type userListCmd struct{ stateFlags }

// Run prints a line for each user.
func (c *userListCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(db *state.DB, _ *directory.Directory) error {
		users, err := db.Users(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tROLES\tSECOND FACTOR\tLAST LOGIN\tSTATE")
		for _, u := range users {
			factor, state := "no", "active"
			if u.TOTPSecret != nil {
				factor = "yes"
			}
			if u.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.Name, strings.Join(u.Roles, ","), factor, day(u.LastLogin), state)
		}
		return w.Flush()
	})
}

// day writes a time for a table.
func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

type userPasswdCmd struct {
	stateFlags
	Name string `arg:"" help:"Whose."`
}

// Run changes the password, and ends the user's sessions.
func (c *userPasswdCmd) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		password, made, err := newPassword(s, os.Stdin)
		if err != nil {
			return err
		}
		if err := d.SetPassword(ctx, directory.Actor{}, c.Name, password); err != nil {
			return err
		}
		if made {
			fmt.Fprintln(s.out, password)
		}
		return nil
	})
}

type userRoleCmd struct {
	stateFlags
	Name string   `arg:"" help:"Whose."`
	Role []string `arg:"" help:"The roles from now on."`
}

// Run changes the roles, and ends the user's sessions.
func (c *userRoleCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		return d.SetRoles(ctx, directory.Actor{}, c.Name, c.Role)
	})
}

type userTOTPResetCmd struct {
	stateFlags
	Name string `arg:"" help:"Whose."`
}

// Run lets the user log in without a second factor.
func (c *userTOTPResetCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		return d.ResetTOTP(ctx, directory.Actor{}, c.Name)
	})
}

type userDeleteCmd struct {
	stateFlags
	Name string `arg:"" help:"Whom."`
}

// Run removes the user with the sessions.
func (c *userDeleteCmd) Run(ctx context.Context) error {
	return c.with(ctx, func(_ *state.DB, d *directory.Directory) error {
		return d.DeleteUser(ctx, directory.Actor{}, c.Name)
	})
}
