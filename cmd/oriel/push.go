package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
)

// pushCmd sends a file of a protocol's own JSON to a running server.
type pushCmd struct {
	serverFlags
	Loki bool   `help:"The file is a Loki push body."`
	OTLP string `help:"The file is an OTLP body of this signal: logs, metrics or traces." name:"otlp" placeholder:"SIGNAL"`
	File string `arg:"" help:"The file; - is standard input."`
}

// path returns where the server takes the file's format.
func (c *pushCmd) path() (string, error) {
	switch {
	case c.Loki && c.OTLP == "":
		return "/loki/api/v1/push", nil
	case !c.Loki && slices.Contains([]string{"logs", "metrics", "traces"}, c.OTLP):
		return "/v1/" + c.OTLP, nil
	}
	return "", &usageError{errors.New("say what the file is: --loki, or --otlp with logs, metrics or traces")}
}

// Run sends the file in one request.
func (c *pushCmd) Run(ctx context.Context) error {
	path, err := c.path()
	if err != nil {
		return err
	}
	in := os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return &usageError{err}
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url(path, nil), in)
	if err != nil {
		return &usageError{err}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("push to %s: %w", c.Server, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(answer)))
	}
	if strings.Contains(string(answer), "partialSuccess") {
		return fmt.Errorf("taken in part: %s", strings.TrimSpace(string(answer)))
	}
	return nil
}
