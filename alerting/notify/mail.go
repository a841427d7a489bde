package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	amconfig "github.com/prometheus/alertmanager/config"
	amnotify "github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
	commoncfg "github.com/prometheus/common/config"
	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/oriel-obs/oriel/alerting/evidence"
)

// A mailer sends what Alertmanager's email integration sends, and the picture
// with it: that one has no place for a picture, and the programs that show mail
// do not fetch it from elsewhere unless they are told to. Mail without a
// picture is left to Alertmanager's own.
//
// https://prometheus.io/docs/alerting/latest/configuration/#email_config
type mailer struct {
	conf  *amconfig.EmailConfig
	tmpl  *template.Template
	log   *slog.Logger
	stock amnotify.Notifier
}

// Notify implements amnotify.Notifier.
func (m mailer) Notify(ctx context.Context, as ...*amalert.Alert) (retry bool, err error) {
	found := evidenceIn(ctx)
	if found == nil || found.PNG == nil {
		return m.stock.Notify(ctx, as...)
	}
	letter, err := m.write(ctx, as, found)
	if err != nil {
		return false, err
	}
	return m.send(ctx, letter)
}

// mailDomain ends the ids of parts of mail, which look like addresses.
//
// https://www.rfc-editor.org/rfc/rfc2392
const mailDomain = "@oriel"

// inMail returns the evidence with the picture where it is in the mail.
func inMail(e *evidence.Evidence) (out *evidence.Evidence, name string) {
	inside, picture := *e, *e.Picture
	name = e.ID + ".png"
	picture.URL = "cid:" + name + mailDomain
	inside.Picture = &picture
	return &inside, name
}

// A letter is mail ready to be sent.
type letter struct {
	from string
	to   []string
	msg  *mail.Msg
}

func (m mailer) write(ctx context.Context, as []*amalert.Alert, found *evidence.Evidence) (*letter, error) {
	data := amnotify.GetTemplateData(forTemplates(ctx), m.tmpl, as, m.log)
	fill := func(what, text string) (string, error) {
		out, err := m.tmpl.ExecuteTextString(text, data)
		if err != nil {
			return "", fmt.Errorf("execute %s template: %w", what, err)
		}
		return out, nil
	}
	l := &letter{msg: mail.NewMsg(mail.WithNoDefaultUserAgent())}
	from, err := fill("'from'", m.conf.From)
	if err != nil {
		return nil, err
	}
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("parse 'from' address: %w", err)
	}
	l.from = sender.Address
	to, err := fill("'to'", m.conf.To)
	if err != nil {
		return nil, err
	}
	receivers, err := netmail.ParseAddressList(to)
	if err != nil {
		return nil, fmt.Errorf("parse 'to' addresses: %w", err)
	}
	for _, r := range receivers {
		l.to = append(l.to, r.Address)
	}
	for header, text := range m.conf.Headers {
		value, err := fill(strconv.Quote(header)+" header", text)
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(header, string(mail.HeaderMessageID)) {
			l.msg.SetMessageIDWithValue(strings.Trim(value, "<>")) // else there were two
			continue
		}
		l.msg.SetGenHeaderPreformatted(mail.Header(header), mime.QEncoding.Encode("utf-8", value))
	}
	if err := m.thread(ctx, l.msg); err != nil {
		return nil, err
	}
	if m.conf.Text != "" {
		text, err := fill("text", m.conf.Text)
		if err != nil {
			return nil, err
		}
		l.msg.AddAlternativeString(mail.TypeTextPlain, text)
	}
	inline, name := inMail(found)
	if m.conf.HTML != "" {
		data := amnotify.GetTemplateData(forTemplates(context.WithValue(ctx, evidenceKey{}, inline)), m.tmpl, as, m.log)
		html, err := m.tmpl.ExecuteHTMLString(m.conf.HTML, data)
		if err != nil {
			return nil, fmt.Errorf("execute html template: %w", err)
		}
		l.msg.AddAlternativeString(mail.TypeTextHTML, html)
	}
	return l, l.msg.EmbedReader(name, bytes.NewReader(found.PNG), mail.WithFileContentID("<"+name+mailDomain+">"), mail.WithFileContentType("image/png"))
}

// thread makes mail programs show the notifications of a group as one thread,
// if that is asked for.
func (m mailer) thread(ctx context.Context, msg *mail.Msg) error {
	if !m.conf.Threading.Enabled {
		return nil
	}
	key, err := amnotify.ExtractGroupKey(ctx)
	if err != nil {
		return err
	}
	day := ""
	if m.conf.Threading.ThreadByDate != "none" {
		day = time.Now().Format(time.DateOnly)
	}
	// The same as Alertmanager's own, whose mail may be in the same thread.
	root := fmt.Sprintf("<alert-%.16s-%s@alertmanager>", key.Hash(), day)
	msg.SetGenHeaderPreformatted(mail.HeaderReferences, root)
	msg.SetGenHeaderPreformatted(mail.HeaderInReplyTo, root)
	return nil
}

// send delivers l. What goes wrong on the way is worth another attempt.
func (m mailer) send(ctx context.Context, l *letter) (retry bool, err error) {
	client, err := m.client(ctx)
	if err != nil {
		return false, err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return true, fmt.Errorf("establish connection to server: %w", err)
	}
	defer func() {
		if qerr := conn.Quit(); qerr != nil && err == nil {
			m.log.Warn("failed to close SMTP connection", "err", qerr)
		}
	}()
	// A server that says no more must not hold up a stop.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if ok, mechanisms := conn.Extension("AUTH"); ok && m.conf.AuthUsername != "" {
		auth, err := m.auth(mechanisms)
		if err != nil {
			return true, fmt.Errorf("find auth mechanism: %w", err)
		}
		if err := conn.Auth(auth); err != nil {
			return true, fmt.Errorf("auth: %w", err)
		}
	}
	if err := conn.Mail(l.from); err != nil {
		return true, fmt.Errorf("send MAIL command: %w", err)
	}
	for _, to := range l.to {
		if err := conn.Rcpt(to); err != nil {
			return true, fmt.Errorf("send RCPT command: %w", err)
		}
	}
	w, err := conn.Data()
	if err != nil {
		return true, fmt.Errorf("send DATA command: %w", err)
	}
	if _, err := l.msg.WriteTo(w); err != nil {
		return true, errors.Join(fmt.Errorf("write message: %w", err), w.Close())
	}
	if err := w.Close(); err != nil {
		return true, fmt.Errorf("delivery failure: %w", err)
	}
	return false, nil
}

func (m mailer) client(ctx context.Context) (*mail.Client, error) {
	port, err := strconv.Atoi(m.conf.Smarthost.Port)
	if err != nil {
		return nil, fmt.Errorf("port of smarthost: %w", err)
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.conf.TLSConfig != nil {
		if secure, err = commoncfg.NewTLSConfig(m.conf.TLSConfig); err != nil {
			return nil, fmt.Errorf("parse TLS configuration: %w", err)
		}
	}
	if secure.ServerName == "" {
		secure.ServerName = m.conf.Smarthost.Host
	}
	o := []mail.Option{mail.WithPort(port), mail.WithTLSConfig(secure), mail.WithoutNoop()}
	if deadline, ok := ctx.Deadline(); ok {
		o = append(o, mail.WithTimeout(max(time.Until(deadline), time.Second)))
	}
	if m.conf.Hello != "" {
		o = append(o, mail.WithHELO(m.conf.Hello))
	}
	implicit := m.conf.Smarthost.Port == "465"
	if force := m.conf.ForceImplicitTLS; force != nil {
		implicit = *force
	}
	switch {
	case implicit:
		o = append(o, mail.WithSSL())
	case m.conf.RequireTLS == nil || *m.conf.RequireTLS:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	default:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	}
	return mail.NewClient(m.conf.Smarthost.Host, o...)
}

// auth returns the first of the server's mechanisms that there is a secret for.
func (m mailer) auth(mechanisms string) (smtp.Auth, error) {
	c := m.conf
	shared, err := secretIn(string(c.AuthSecret), c.AuthSecretFile)
	if err != nil {
		return nil, err
	}
	password, err := secretIn(string(c.AuthPassword), c.AuthPasswordFile)
	if err != nil {
		return nil, err
	}
	for _, mechanism := range strings.Fields(mechanisms) {
		switch {
		case mechanism == "CRAM-MD5" && shared != "":
			return smtp.CRAMMD5Auth(c.AuthUsername, shared), nil
		case mechanism == "PLAIN" && password != "":
			return smtp.PlainAuth(c.AuthIdentity, c.AuthUsername, password, c.Smarthost.Host, false), nil
		case mechanism == "LOGIN" && password != "":
			return smtp.LoginAuth(c.AuthUsername, password, c.Smarthost.Host, true), nil
		}
	}
	return nil, fmt.Errorf("the server offers %q, and there is no secret for any that is known", mechanisms)
}

// secretIn returns a secret that is written down, or the content of its file.
func secretIn(text, file string) (string, error) {
	if file == "" {
		return text, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("could not read %s: %w", file, err)
	}
	return strings.TrimSpace(string(b)), nil
}
