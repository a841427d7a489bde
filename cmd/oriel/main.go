// Command oriel is the whole stack in one process: `oriel serve` takes in
// metrics, logs and traces, stores them, answers queries, evaluates alert rules
// and serves the page. The other verbs talk to a running server or check files.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // it ran and failed
	exitUsage   = 2 // the command line or a configuration file is wrong
)

// cli is the command line. Every flag has an environment variable: ORIEL_ and
// the flag's name in capitals.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Start the server."`
	Demo    demoCmd    `cmd:"" help:"Start the server and a small shop that sends metrics, logs and traces to it."`
	Query   queryCmd   `cmd:"" help:"Ask a running server."`
	Tail    tailCmd    `cmd:"" help:"Print log lines as they come in."`
	Push    pushCmd    `cmd:"" help:"Send a file to a running server."`
	Check   checkCmd   `cmd:"" help:"Check files without starting anything, or whether a server is ready."`
	Test    testCmd    `cmd:"" help:"Run tests of rules."`
	User    userCmd    `cmd:"" help:"Who may log in."`
	Token   tokenCmd   `cmd:"" help:"Tokens of machines."`
	Tenant  tenantCmd  `cmd:"" help:"Tenants of a running server."`
	Cert    certCmd    `cmd:"" help:"Certificates for a first set-up of TLS."`
	Audit   auditCmd   `cmd:"" help:"The record of who did what."`
	SLO     sloCmd     `cmd:"" name:"slo" help:"Service level objectives as rules."`
	Support supportCmd `cmd:"" help:"Pack what is needed to look for a fault, without secrets."`
	Version versionCmd `cmd:"" help:"Print the version and exit."`
}

func main() {
	if err := trustBundledRoots(); err != nil {
		fmt.Fprintln(os.Stderr, "oriel: authorities that come with the binary:", err)
		os.Exit(exitFailure)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

// run executes one command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var c cli
	code := -1
	parser, err := kong.New(&c,
		kong.Name("oriel"),
		kong.Description("Metrics, logs and traces in one binary."),
		kong.DefaultEnvars("ORIEL"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { code = status }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(stderr, "oriel:", err)
		return exitFailure
	}
	kctx, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintln(stderr, "oriel:", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	kctx.BindTo(ctx, (*context.Context)(nil))
	if err := kctx.Run(streams{out: stdout, err: stderr}); err != nil {
		// What kind of fault it is, which is for HTTP, goes without saying here.
		fmt.Fprintln(stderr, "oriel:", strings.TrimSuffix(err.Error(), ": "+fault.ErrInvalid.Error()))
		var usage *usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitFailure
	}
	return exitOK
}

// A usageError is the operator's to mend: a wrong flag, key or file.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
