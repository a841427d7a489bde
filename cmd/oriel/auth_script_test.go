package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/oriel-obs/oriel/internal/auth/guard"
)

// setTokens sets a variable for each file of this name: its last line.
func setTokens(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: tokens FILE...")
	}
	for _, name := range args {
		lines := strings.Split(strings.TrimSpace(ts.ReadFile(name)), "\n")
		ts.Setenv(name, lines[len(lines)-1])
	}
}

// refused waits until a token is.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: refused URL TOKEN")
	}
	ts.Check(turnedAway(args[0], "Authorization", "Bearer "+args[1]))
}

// gone waits until the session in $COOKIE has ended.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gone URL")
	}
	ts.Check(turnedAway(args[0], "Cookie", guard.CookieName+"="+ts.Getenv("COOKIE")))
}

// turnedAway waits until a GET with a header is answered with 401.
func turnedAway(url, header, value string) error {
	return await(func() error {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		req.Header.Set(header, value)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			return fmt.Errorf("%s answers %s", url, resp.Status)
		}
		return nil
	})
}

// browse asks as a browser does, with the session's cookie in $COOKIE, and prints
// status and answer.
func browse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: browse METHOD URL [FILE]")
	}
	var sent io.Reader
	if len(args) == 3 {
		sent = strings.NewReader(ts.ReadFile(args[2]))
	}
	req, err := http.NewRequest(args[0], args[1], sent)
	ts.Check(err)
	req.Header.Set("Sec-Fetch-Mode", "cors")
	req.Header.Set("Sec-Fetch-Site", cmp.Or(ts.Getenv("SITE"), "same-origin"))
	req.Header.Set("Content-Type", "application/json")
	if c := ts.Getenv("COOKIE"); c != "" {
		req.AddCookie(&http.Cookie{Name: guard.CookieName, Value: c})
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	for _, c := range resp.Cookies() {
		if c.Name == guard.CookieName {
			ts.Setenv("COOKIE", c.Value)
		}
	}
	fmt.Fprintf(ts.Stdout(), "%d\n%s\n%s", resp.StatusCode, strings.Join(resp.Header.Values("Set-Cookie"), "\n"), body)
}

// find waits until a file has text like an expression, and sets a variable to its
// first group.
func find(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: find FILE REGEXP NAME")
	}
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	ts.Check(await(func() error {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err != nil {
			return err
		}
		m := re.FindSubmatch(text)
		if m == nil {
			return fmt.Errorf("no %q in %s", re, text)
		}
		ts.Setenv(args[2], string(m[1]))
		return nil
	}))
}

// authenticator sets $CODE to the code of a secret, some steps from now.
func authenticator(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: authenticator SECRET STEPS")
	}
	steps, err := strconv.Atoi(args[1])
	ts.Check(err)
	code, err := totp.GenerateCode(args[0], time.Now().Add(time.Duration(steps)*30*time.Second))
	ts.Check(err)
	ts.Setenv("CODE", code)
}
