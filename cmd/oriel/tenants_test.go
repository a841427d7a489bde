package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// tenant asks for a tenant and prints status, the time to wait and the answer.
func tenant(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: tenant NAME METHOD URL [FILE]")
	}
	var sent io.Reader
	if len(args) == 4 {
		sent = strings.NewReader(ts.ReadFile(args[3]))
	}
	req, err := http.NewRequest(args[1], args[2], sent)
	ts.Check(err)
	req.Header.Set("X-Scope-OrgID", args[0])
	if sent != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\nRetry-After: %s\nWarning: %s\n%s", resp.StatusCode, resp.Header.Get("Retry-After"), resp.Header.Get("X-Oriel-Limit-Warning"), body)
}
