package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oriel-obs/oriel/internal/certs"
)

// certCmd makes certificates for a first set-up of TLS.
type certCmd struct {
	Server certServerCmd `cmd:"" help:"Make a certificate for the server, and an authority of your own if there is none."`
	Client certClientCmd `cmd:"" help:"Make a certificate by which an agent or a person shows who they are."`
}

type certServerCmd struct {
	Dir   string   `help:"Folder of the authority and its certificates." default:"tls" type:"path"`
	Name  string   `help:"Name of the files, and common name." default:"server"`
	Names []string `arg:"" name:"name" help:"The host names and addresses that clients know the server by."`
}

// Run prints the web configuration that uses what it made.
func (c *certServerCmd) Run(s streams) error {
	ca, err := certs.Open(c.Dir)
	if errors.Is(err, os.ErrNotExist) {
		if ca, err = certs.NewAuthority(c.Dir, time.Now()); err == nil {
			fmt.Fprintf(s.err, "oriel: made an authority: give %s to clients, and keep %s to yourself\n", filepath.Join(c.Dir, "ca.crt"), filepath.Join(c.Dir, "ca.key"))
		}
	}
	if err == nil {
		err = ca.Issue(c.Name, certs.Server, c.Names, time.Now())
	}
	if err != nil {
		return certError(err)
	}
	fmt.Fprintf(s.out, `# %s; oriel.yaml names it: web: {config_file: %[1]s}
tls_server_config:
  cert_file: %[2]s.crt
  key_file: %[2]s.key
  # For clients that show a certificate of this authority:
  # client_ca_file: ca.crt
  # client_auth_type: RequireAndVerifyClientCert # or VerifyClientCertIfGiven
`, filepath.Join(c.Dir, "web.yml"), c.Name)
	return nil
}

type certClientCmd struct {
	Dir   string   `help:"Folder of the authority and its certificates." default:"tls" type:"path"`
	Name  string   `arg:"" help:"Who it is for: name of the files, and common name."`
	Names []string `help:"Other names of its holder: host names, addresses, URIs, mail addresses." name:"san" placeholder:"NAME"`
}

// Run prints the client options, as Prometheus has them, that use what it made.
func (c *certClientCmd) Run(s streams) error {
	ca, err := certs.Open(c.Dir)
	if err == nil {
		err = ca.Issue(c.Name, certs.Client, c.Names, time.Now())
	}
	if err != nil {
		return certError(err)
	}
	fmt.Fprintf(s.out, "tls_config:\n  ca_file: %s\n  cert_file: %s\n  key_file: %s\n",
		filepath.Join(c.Dir, "ca.crt"), filepath.Join(c.Dir, c.Name+".crt"), filepath.Join(c.Dir, c.Name+".key"))
	return nil
}

// certError adds the next step to what stopped a command.
func certError(err error) error {
	switch {
	case errors.Is(err, os.ErrExist):
		return fmt.Errorf("%w: nothing is overwritten; move it away or choose another --name or --dir", err)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: oriel cert server makes the authority", err)
	}
	return &usageError{err}
}
