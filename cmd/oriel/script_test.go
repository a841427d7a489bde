package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/util/fmtutil"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/oriel-obs/oriel/internal/testkit"
)

// TestMain lets the test binary stand in for oriel, so that scripts and the
// kill test run the real program without a build of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"oriel": main})
}

// TestScripts runs testdata/script/*.txtar. Beside testscript's own commands
// there are:
//
//	ready URL [CA [CERT KEY]]
//	                   waits until a GET of URL answers 200
//	get URL TEXT...    waits until the answer to a GET holds every text
//	post URL FILE TYPE posts the file and prints status and answer to stdout
//
//	request METHOD URL does so without a body
//	send NETWORK ADDR FILE
//	                   writes the file to a TCP or UDP port, or over tls
//	remotewrite URL FILE
//	                   writes the file, in Prometheus' text format, by remote
//	                   write, and prints status and answer to stdout
//	tokens FILE...     sets a variable for each file of this name: its last line
//	refused URL TOKEN  waits until a GET with the token is answered with 401
//	browse METHOD URL [FILE]
//	                   asks as a browser's script does, of the site $SITE, with the
//	                   session in $COOKIE, and prints status, cookies and answer
//	gone URL           waits until the session in $COOKIE has ended
//	find FILE REGEXP NAME
//	                   waits until a file has such a text, and sets a variable to
//	                   its first group
//	authenticator SECRET STEPS
//	                   sets $CODE to the code of a second factor, steps from now
//	backfill DIR FILE START
//	                   writes the file, in OpenMetrics' format, as a block
//	expand FILE        replaces $NAME in the file by the environment's values
//	hangup             sends SIGHUP to everything in the background
//	webhook            serves $HOOK, and answers a GET with all it was posted, signatures before what they are of
//	exporter FILE      serves the file, as it is at the moment, on $TARGET
//	mailbox            takes mail in on $SMTP, and answers a GET of $MAIL with
//	                   all of it
//	follow URL REGEXP  waits until a GET of URL answers with a link that REGEXP
//	                   finds, sets $LINK to it, gets it, and prints status,
//	                   content type and size to stdout
//
// and in the environment $ADDR, $GRPC, $OTLP, $HOOK, $TARGET, $SMTP and $MAIL,
// free addresses, $NOW, the time in Unix seconds, $BEFORE, ten minutes less, and $DAY
// and $NEXT, the start and end of the day three days ago.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"ADDR", "GRPC", "OTLP", "HOOK", "TARGET", "SMTP", "MAIL"} {
				addr, err := testkit.FreeAddr()
				if err != nil {
					return err
				}
				env.Setenv(name, addr)
			}
			// Rows must be recent to be taken in: scripts say ${NOW}000000000.
			now := time.Now().Unix()
			env.Setenv("NOW", strconv.FormatInt(now, 10))
			env.Setenv("BEFORE", strconv.FormatInt(now-600, 10))
			const day = 24 * 60 * 60
			env.Setenv("DAY", strconv.FormatInt(now/day*day-3*day, 10))
			env.Setenv("NEXT", strconv.FormatInt(now/day*day-2*day, 10))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 1 {
					ts.Fatalf("usage: ready URL [CA [CERT KEY]]")
				}
				if len(args) == 1 {
					ts.Check(await(func() error { _, err := get(args[0]); return err }))
					return
				}
				f := serverFlags{Server: args[0], CA: ts.MkAbs(args[1])}
				if len(args) == 4 {
					f.Cert, f.Key = ts.MkAbs(args[2]), ts.MkAbs(args[3])
				}
				ts.Check(await(func() error { _, err := f.get(context.Background(), "", nil); return err }))
			},
			"get": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 1 {
					ts.Fatalf("usage: get URL TEXT...")
				}
				ts.Check(await(func() error { return getTexts(args[0], args[1:]) }))
			},
			"post": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 3 {
					ts.Fatalf("usage: post URL FILE TYPE")
				}
				resp, err := http.Post(args[0], args[2], strings.NewReader(ts.ReadFile(args[1])))
				ts.Check(err)
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				ts.Check(err)
				fmt.Fprintf(ts.Stdout(), "%d\n%s", resp.StatusCode, body)
			},
			"expand": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: expand FILE")
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o644))
			},
			"remotewrite":   remoteWrite,
			"tokens":        setTokens,
			"refused":       refused,
			"browse":        browse,
			"find":          find,
			"gone":          gone,
			"authenticator": authenticator,
			"request":       request,
			"tenant":        tenant,
			"until":         until,
			"backfill":      backfill,
			"send":          send,

			"webhook":  startWebhook,
			"exporter": startExporter,
			"mailbox":  startMailbox,
			"follow":   follow,
			"hangup": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 0 {
					ts.Fatalf("usage: hangup")
				}
				for _, cmd := range ts.BackgroundCmds() {
					ts.Check(cmd.Process.Signal(syscall.SIGHUP))
				}
			},
		},
	})
}

// remoteWrite sends a file in Prometheus' text format by remote write 1.0.
func remoteWrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remotewrite URL FILE")
	}
	q, err := fmtutil.MetricTextToWriteRequest(strings.NewReader(ts.ReadFile(args[1])), nil)
	ts.Check(err)
	message, err := q.Marshal()
	ts.Check(err)
	resp, err := http.Post(args[0], "application/x-protobuf", bytes.NewReader(snappy.Encode(nil, message)))
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s", resp.StatusCode, body)
}

// request asks without a body and prints status and answer.
func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 4 {
		ts.Fatalf("usage: request METHOD URL [FILE [HEADER:VALUE]]")
	}
	var sent io.Reader
	if len(args) > 2 {
		sent = strings.NewReader(ts.ReadFile(args[2]))
	}
	req, err := http.NewRequest(args[0], args[1], sent)
	ts.Check(err)
	if len(args) > 3 {
		name, value, _ := strings.Cut(args[3], ":")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s", resp.StatusCode, body)
}

// send writes a file to a port.
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: send NETWORK ADDR FILE")
	}
	dial := net.Dial
	if args[0] == "tls" {
		dial = func(_, addr string) (net.Conn, error) { return tls.Dial("tcp", addr, anyServer.TLSClientConfig) }
	}
	conn, err := dial(args[0], args[1])
	ts.Check(err)
	_, err = io.WriteString(conn, ts.ReadFile(args[2]))
	ts.Check(err)
	ts.Check(conn.Close())
}

// startWebhook serves $HOOK until the script ends and keeps what it is sent;
// a GET answers with all of it, so that `get` can wait for a text.
func startWebhook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: webhook")
	}
	l, err := net.Listen("tcp", ts.Getenv("HOOK"))
	ts.Check(err)
	received := make(chan string, 1)
	received <- ""
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all := <-received
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			if s := r.Header.Get("X-Oriel-Signature"); s != "" {
				all += "X-Oriel-Signature: " + s + "\n"
			}
			all += string(body) + "\n"
		}
		received <- all
		fmt.Fprint(w, all)
	})}
	go srv.Serve(l)
	ts.Defer(func() { srv.Close() })
}

// startExporter serves a file on $TARGET until the script ends.
func startExporter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: exporter FILE")
	}
	l, err := net.Listen("tcp", ts.Getenv("TARGET"))
	ts.Check(err)
	path := ts.MkAbs(args[0])
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := os.ReadFile(path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4")
		_, _ = w.Write(text)
	})}
	go srv.Serve(l)
	ts.Defer(func() { srv.Close() })
}

// patience is how long a script waits for something to come true.
const patience = 30 * time.Second

// await calls f until it returns nil, and gives up with its last error.
func await(f func() error) error {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-deadline:
			return fmt.Errorf("waited %v in vain: %w", patience, err)
		case <-tick.C:
		}
	}
}

// anyServer speaks with servers whose certificates are their own business:
// scripts that care ask with oriel.
var anyServer = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}

func get(url string) (string, error) {
	resp, err := (&http.Client{Transport: anyServer}).Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GET %s: %s: %s", url, resp.Status, body)
	}
	return string(body), nil
}

func getTexts(url string, texts []string) error {
	body, err := get(url)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			return fmt.Errorf("GET %s: no %q in %s", url, text, body)
		}
	}
	return nil
}
