package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	promconfig "github.com/prometheus/common/config"
)

// serverFlags say how a command reaches a server.
type serverFlags struct {
	Server string `help:"Address of the server." default:"http://127.0.0.1:4319" placeholder:"URL"`
	Token  string `help:"A token to show it; better in the environment, as others see command lines." placeholder:"TOKEN"`
	CA     string `help:"Certificates of the authorities that its certificate may be of, instead of the system's." name:"ca" placeholder:"FILE" type:"path"`
	Cert   string `help:"A client certificate to show it." placeholder:"FILE" type:"path"`
	Key    string `help:"The certificate's key." placeholder:"FILE" type:"path"`
}

// maxAnswerBytes bounds what a command reads of an answer.
const maxAnswerBytes = 1 << 30

// client returns what asks the server, with the options that http_config has
// for every other client of Oriel.
func (f serverFlags) client() (*http.Client, error) {
	c := promconfig.DefaultHTTPClientConfig
	c.TLSConfig = promconfig.TLSConfig{CAFile: f.CA, CertFile: f.Cert, KeyFile: f.Key}
	if f.Token != "" {
		c.Authorization = &promconfig.Authorization{Type: "Bearer", Credentials: promconfig.Secret(f.Token)}
	}
	if err := c.Validate(); err != nil {
		return nil, &usageError{err}
	}
	client, err := promconfig.NewClientFromConfig(c, "oriel")
	if err != nil {
		return nil, &usageError{err}
	}
	config, err := promconfig.NewTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, &usageError{err}
	}
	client.Transport = tlsRefusals{client.Transport, config}
	return client, nil
}

// url returns the address of a path.
func (f serverFlags) url(path string, params url.Values) string {
	target := strings.TrimSuffix(f.Server, "/") + path
	if len(params) > 0 {
		target += "?" + params.Encode()
	}
	return target
}

// get returns the body of a 200. Any other answer is an error with the server's
// words.
func (f serverFlags) get(ctx context.Context, path string, params url.Values) ([]byte, error) {
	client, err := f.client()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url(path, params), nil)
	if err != nil {
		return nil, &usageError{err}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", f.Server, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}
