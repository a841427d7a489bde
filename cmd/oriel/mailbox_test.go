package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// startMailbox takes mail in on $SMTP until the script ends, and answers a GET
// of $MAIL with all of it.
func startMailbox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: mailbox")
	}
	l, err := net.Listen("tcp", ts.Getenv("SMTP"))
	ts.Check(err)
	received := make(chan string, 1)
	received <- ""
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				takeMail(textproto.NewConn(conn), func(text string) { received <- <-received + text })
			}()
		}
	}()
	box, err := net.Listen("tcp", ts.Getenv("MAIL"))
	ts.Check(err)
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		all := <-received
		received <- all
		fmt.Fprint(w, all)
	})}
	go srv.Serve(box)
	ts.Defer(func() {
		l.Close()
		srv.Close()
	})
}

// takeMail is the server's side of SMTP, as far as a client needs it.
func takeMail(c *textproto.Conn, keep func(string)) {
	say := func(line string) bool { return c.PrintfLine("%s", line) == nil }
	if !say("220 mailbox") {
		return
	}
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		answer := "250 ok"
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); verb {
		case "DATA":
			if !say("354 go on") {
				return
			}
			text, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			keep(string(text))
		case "QUIT":
			say("221 bye")
			return
		}
		if !say(answer) {
			return
		}
	}
}

// follow waits until a GET of a URL answers with a link that a regular
// expression finds, gets that, and prints status, content type and size.
func follow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: follow URL REGEXP")
	}
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	link := ""
	ts.Check(await(func() error {
		body, err := get(args[0])
		if err != nil {
			return err
		}
		if link = re.FindString(body); link == "" {
			return fmt.Errorf("GET %s: no link like %s in %s", args[0], re, body)
		}
		return nil
	}))
	link = strings.ReplaceAll(link, `\u0026`, "&")
	resp, err := http.Get(link)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s %d bytes\n", resp.StatusCode, resp.Header.Get("Content-Type"), len(body))
	ts.Setenv("LINK", link)
}
