package notify

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	amalert "github.com/prometheus/alertmanager/alert"
	amnotify "github.com/prometheus/alertmanager/notify"
	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/evidence"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// found is evidence of everything.
func found() *evidence.Evidence {
	v := 0.364
	return &evidence.Evidence{
		ID: "0123456789abcdef0123456789abcdef", URL: "http://o/e.json", Page: "http://o/alerts?fp=1", CollectedAt: noon, Summary: "HighErrorRatio 36.4 %",
		Alerts: []evidence.Alert{{
			Name: "HighErrorRatio", Expression: "errors:ratio > 0.05", Value: &v, ValueText: "36.4 %",
			Threshold: &evidence.Threshold{Op: ">", Value: 0.05, Text: "> 5 %"}, Where: "shop/payment", StartsAt: noon,
		}},
		Picture: &evidence.Picture{URL: "http://o/e.png?sig=1", Title: "HighErrorRatio", Width: 800, Height: 300},
		Logs: &evidence.Logs{Query: `{a="b"}`, URL: "http://o/logs", Lines: []evidence.LogLine{
			{Time: noon, Level: "error", Service: "payment", Line: "card <declined> & `gone`", Count: 12},
		}},
		Traces: &evidence.Traces{Items: []evidence.Trace{{
			ID: "abc", URL: "http://o/trace/abc", Service: "web", Name: "POST /buy", Duration: 2, Failed: &evidence.Span{Service: "payment", Name: "POST /charge", Message: "bank did not answer"},
			Critical: []evidence.Step{{Service: "payment", Name: "POST /charge", Self: 1.9, Part: 0.95}},
		}}},
		Deploys: []evidence.Deploy{{Time: noon, Service: "payment", Version: "2.0", Previous: "1.9"}},
		Errors:  []evidence.PartError{{Part: "logs", Error: "late"}},
		PNG:     []byte("\x89PNG not really"),
	}
}

// always finds the same.
type always struct{ *evidence.Evidence }

func (a always) Collect(context.Context, time.Time, []*promodel.Alert) *evidence.Evidence {
	return a.Evidence
}

// tell has the one receiver of a configuration told of an alert.
func tell(t *testing.T, conf string, source Evidence) {
	t.Helper()
	external, err := url.Parse("http://o")
	require.NoError(t, err)
	c, err := Source{Text: []byte("route: {receiver: r}\n" + conf)}.load()
	require.NoError(t, err)
	p, err := newPlan(c, Options{ExternalURL: external, Evidence: source, Config: DefaultConfig()}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx := amnotify.WithGroupKey(t.Context(), "{}:{}")
	ctx = amnotify.WithReceiverName(ctx, "r")
	ctx = amnotify.WithNow(ctx, noon)
	ctx = amnotify.WithGroupLabels(ctx, promodel.LabelSet{"team": "shop", "__tenant_id__": "a b"})
	ctx = amnotify.WithRouteLabels(ctx, promodel.LabelSet{"own": "1"})
	ctx = amnotify.WithNotificationReason(ctx, amnotify.ReasonFirstNotification)
	alert := &amalert.Alert{Alert: promodel.Alert{
		Labels:      promodel.LabelSet{"alertname": "HighErrorRatio", "team": "shop"},
		Annotations: promodel.LabelSet{"summary": "payments <fail>"},
		StartsAt:    noon, EndsAt: time.Now().Add(time.Hour), GeneratorURL: "http://o/graph",
	}}
	in := p.receivers["r"][0]
	_, err = in.Notify(ctx, alert)
	require.NoError(t, err)
}

// answers are what services say to what they are sent, by the end of the path;
// the others are content with "ok", as Slack.
var answers = map[string]string{
	"/gettoken":            `{"access_token": "t"}`,
	"/message/send":        `{"errcode": 0}`,
	"/search":              `{"issues": []}`,
	"/issue":               `{"key": "X-1"}`,
	"/sendMessage":         `{"ok": true, "result": {"message_id": 1, "chat": {"id": 1}}}`,
	"/chat.postMessage":    `{"success": true}`,
	"/messages.json":       `{"status": 1}`,
	"/msteams":             `1`,
	"/sns":                 `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`,
	"/v2/alert_events/abc": `{}`,
}

// posted returns what a receiver posts last, in the body or else the URL's query;
// URL in conf is where to.
func posted(t *testing.T, conf string, source Evidence) (body string) {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = cmp.Or(string(b), r.URL.RawQuery)
		for path, answer := range answers {
			if strings.HasSuffix(r.URL.Path, path) {
				_, _ = io.WriteString(w, answer)
				return
			}
		}
		_, _ = io.WriteString(w, "ok")
	}))
	defer srv.Close()
	plain := srv.Config.Handler
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			intercept(t, w, srv.TLS, plain)
			return
		}
		plain.ServeHTTP(w, r)
	})
	srv.TLS = certificate(t)
	srv.Start()
	tell(t, strings.ReplaceAll(conf, "URL", srv.URL), source)
	return body
}

// certificate is of a server that nobody asked for.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	srv := httptest.NewTLSServer(nil)
	defer srv.Close()
	return srv.TLS
}

// intercept answers as the host that a client of a proxy wants a connection
// to. Pushover's address cannot be set.
func intercept(t *testing.T, w http.ResponseWriter, conf *tls.Config, h http.Handler) {
	w.WriteHeader(http.StatusOK)
	conn, _, err := http.NewResponseController(w).Hijack()
	if !assert.NoError(t, err) {
		return
	}
	conf = conf.Clone()
	conf.NextProtos = []string{"http/1.1"}
	defer conn.Close()
	secured := tls.Server(conn, conf)
	r, err := http.ReadRequest(bufio.NewReader(secured))
	if !assert.NoError(t, err) {
		return
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	res := answer.Result()
	res.ContentLength, res.Close = int64(answer.Body.Len()), true
	assert.NoError(t, res.Write(secured))
}

const webhookConf = `receivers: [{name: r, webhook_configs: [{url: "URL"}]}]`

func TestTheWebhookHasOneFieldMore(t *testing.T) {
	plain := posted(t, webhookConf, nil)
	require.Equal(t, plain, posted(t, webhookConf, always{nil}))
	with := posted(t, webhookConf, always{found()})
	start := strings.TrimSuffix(plain, "}\n")
	require.True(t, strings.HasPrefix(with, start+`,"oriel":{`), "byte for byte the same up to there:\n%s\n%s", plain, with)
	var p struct{ Oriel evidence.Evidence }
	require.NoError(t, json.Unmarshal([]byte(with), &p))
	want := found()
	want.PNG = nil
	require.Equal(t, *want, p.Oriel)

	own := `receivers: [{name: r, webhook_configs: [{url: "URL", payload: {said: "{{ (evidence .).Summary }}", own: "{{ .RouteLabels.own }}"}}]}]`
	require.JSONEq(t, `{"said":"HighErrorRatio 36.4 %","own":1}`, posted(t, own, always{found()}), "a payload of the user's own is left alone, and may use it")
}

// stock are receivers without templates, with what their message must have.
var stock = map[string]struct{ conf, text string }{
	"slack":      {`slack_configs: [{api_url: "URL", channel: "#x"}]`, "*HighErrorRatio: 36.4 %* (&gt; 5 %) for shop/payment"},
	"discord":    {`discord_configs: [{webhook_url: "URL"}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"teams":      {`msteamsv2_configs: [{webhook_url: "URL"}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"mattermost": {`mattermost_configs: [{webhook_url: "URL"}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"opsgenie":   {`opsgenie_configs: [{api_url: "URL", api_key: k}]`, "HighErrorRatio: 36.4 % (> 5 %)"},
	"victorops":  {`victorops_configs: [{api_url: "URL/", api_key: k, routing_key: r}]`, "HighErrorRatio: 36.4 % (> 5 %)"},
	"webex":      {`webex_configs: [{api_url: "URL", room_id: r, http_config: {authorization: {credentials: x}}}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"pagerduty":  {`pagerduty_configs: [{url: "URL", routing_key: k}]`, `"valueText":"36.4 %"`},
	"msteams":    {`msteams_configs: [{webhook_url: "URL/msteams"}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"rocketchat": {`rocketchat_configs: [{api_url: "URL", token: t, token_id: i, channel: "#x"}]`, "**HighErrorRatio: 36.4 %** (> 5 %)"},
	"jira":       {`jira_configs: [{api_url: "URL/rest/api/2", project: X, issue_type: Bug, http_config: {authorization: {credentials: x}}}]`, "HighErrorRatio: 36.4 % (> 5 %)"},
	"telegram":   {`telegram_configs: [{api_url: "URL", bot_token: t, chat_id: 1}]`, "HighErrorRatio: 36.4 % (&gt; 5 %)"},
}

func TestMessagesWithoutTemplatesShowWhatBroke(t *testing.T) {
	for name, tt := range stock {
		t.Run(name, func(t *testing.T) {
			conf := "receivers: [{name: r, " + tt.conf + "}]"
			body := posted(t, conf, always{found()})
			var any map[string]any
			require.NoError(t, json.Unmarshal([]byte(body), &any))
			text := strings.NewReplacer(`\u003e`, ">", `\u003c`, "<", `\u0026`, "&", `\n`, "\n", `\"`, `"`).Replace(body)
			for _, want := range []string{tt.text, "POST /charge", "bank did not answer", "http://o/trace/abc", "declined", "http://o/e.png?sig=1", "errors:ratio", "2.0", "http://o/alerts?fp=1"} {
				require.Contains(t, text, want)
			}
			require.NotContains(t, body, evidenceLabel)
			plain := posted(t, conf, nil)
			for _, no := range []string{"36.4", "evidence", "e.png"} {
				require.NotContains(t, plain, no, "without evidence all is as ever")
			}
		})
	}
}

func TestServicesThatTakeLittleAreToldLittle(t *testing.T) {
	for name, tt := range map[string]struct {
		conf string
		max  int // characters
	}{
		"telegram": {`telegram_configs: [{api_url: "URL", bot_token: t, chat_id: 1}]`, 4096},
		"wechat":   {`wechat_configs: [{api_url: "URL/", api_secret: s, corp_id: c}]`, 2048},
		"pushover": {`pushover_configs: [{user_key: u, token: t, http_config: {proxy_url: "URL", tls_config: {insecure_skip_verify: true}}}]`, 1024},
	} {
		t.Run(name, func(t *testing.T) {
			conf := "receivers: [{name: r, " + tt.conf + "}]"
			long := found()
			line := long.Logs.Lines[0]
			line.Line = strings.Repeat("<card> ", 2000)
			long.Alerts[0].Expression = strings.Repeat("x + ", 2000)
			for range 20 {
				long.Logs.Lines = append(long.Logs.Lines, line)
			}
			for _, e := range []*evidence.Evidence{found(), long} {
				body := posted(t, conf, always{e})
				if form, err := url.ParseQuery(body); name == "pushover" {
					require.NoError(t, err)
					body = form.Get("message")
				}
				require.Contains(t, body, "HighErrorRatio")
				require.Contains(t, body, "36.4 %")
				require.Contains(t, body, "http://o/alerts?fp=1")
				require.Contains(t, body, "payments", "and what the service is told without evidence")
				require.Less(t, utf8.RuneCountInString(body), tt.max)
			}
		})
	}
}

func TestAFormHasTheEvidence(t *testing.T) {
	body := posted(t, `receivers: [{name: r, sns_configs: [{api_url: "URL/sns", topic_arn: "arn:aws:sns:eu-1:1:x", sigv4: {region: eu-1, access_key: a, secret_key: s}}]}]`, always{found()})
	form, err := url.ParseQuery(body)
	require.NoError(t, err)
	require.Contains(t, form.Get("Message"), "HighErrorRatio: 36.4 % (> 5 %)")
	require.Contains(t, form.Get("Message"), "http://o/trace/abc")
}

func TestIncidentIOIsToldNothingOfOurs(t *testing.T) {
	conf := `receivers: [{name: r, incidentio_configs: [{url: "URL/v2/alert_events/abc", alert_source_token: t}]}]`
	require.JSONEq(t, posted(t, conf, nil), posted(t, conf, always{found()}))
}

func TestSlackAndPagerDutyShowThePicture(t *testing.T) {
	var slack struct {
		Attachments []struct {
			ImageURL string `json:"image_url"`
			Text     string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(posted(t, "receivers: [{name: r, "+stock["slack"].conf+"}]", always{found()})), &slack))
	require.Equal(t, "http://o/e.png?sig=1", slack.Attachments[0].ImageURL)
	require.Contains(t, slack.Attachments[0].Text, "`card &lt;declined&gt; &amp; 'gone'`")
	require.Contains(t, slack.Attachments[0].Text, "<http://o/trace/abc|payment, POST /charge>")
	own := `receivers: [{name: r, slack_configs: [{api_url: "URL", channel: "#x", image_url: "http://mine/x.png", text: "my own"}]}]`
	require.NoError(t, json.Unmarshal([]byte(posted(t, own, always{found()})), &slack))
	require.Equal(t, "http://mine/x.png", slack.Attachments[0].ImageURL)
	require.Equal(t, "my own", slack.Attachments[0].Text)

	var duty struct {
		Images  []struct{ Src, Href string }
		Links   []struct{ Href string }
		Payload struct {
			Details struct{ Evidence evidence.Evidence } `json:"custom_details"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(posted(t, "receivers: [{name: r, "+stock["pagerduty"].conf+"}]", always{found()})), &duty))
	require.Equal(t, "http://o/e.png?sig=1", duty.Images[0].Src)
	require.Equal(t, "http://o/alerts?fp=1", duty.Links[0].Href)
	require.Equal(t, "bank did not answer", duty.Payload.Details.Evidence.Traces.Items[0].Failed.Message)
}

func TestLinksOfStockTemplatesLeadToTheTenant(t *testing.T) {
	for _, source := range []Evidence{nil, always{found()}} {
		for _, receiver := range []string{"slack", "opsgenie", "pagerduty", "mattermost"} {
			require.Contains(t, posted(t, "receivers: [{name: r, "+stock[receiver].conf+"}]", source), `http://o/#/alerts?receiver=r\u0026tenant=a+b"`, receiver)
		}
	}
}

func TestTemplatesOfTheUserWin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.tmpl")
	require.NoError(t, os.WriteFile(file, []byte(`{{ define "slack.default.text" }}mine: {{ template "oriel.short" . }}{{ with evidence . }}{{ range .Logs.Lines }}{{ .Count }}{{ end }}{{ end }}{{ end }}`), 0o600))
	body := posted(t, "templates: ["+file+"]\nreceivers: [{name: r, "+stock["slack"].conf+"}]", always{found()})
	require.Contains(t, body, `"text":"mine: HighErrorRatio 36.4 %\nhttp://o/alerts?fp=1\n12"`)
}

// mailed returns the mail that a receiver sends.
func mailed(t *testing.T, conf string, source Evidence) *netmail.Message {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	got := make(chan []byte, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		c := textproto.NewConn(conn)
		_ = c.PrintfLine("220 test")
		for {
			line, err := c.ReadLine()
			if err != nil {
				return
			}
			switch verb, _, _ := strings.Cut(line, " "); verb {
			case "DATA":
				_ = c.PrintfLine("354 go on")
				b, _ := c.ReadDotBytes()
				got <- b
			case "AUTH":
				if line != "AUTH PLAIN AG1lAHNlY3JldA==" { // \0me\0secret
					_ = c.PrintfLine("535 no")
					continue
				}
				_ = c.PrintfLine("235 ok")
				continue
			case "EHLO":
				_ = c.PrintfLine("250-test")
				_ = c.PrintfLine("250 AUTH LOGIN-X PLAIN")
				continue
			}
			_ = c.PrintfLine("250 ok")
		}
	}()
	tell(t, strings.ReplaceAll(conf, "HOST", l.Addr().String()), source)
	m, err := netmail.ReadMessage(bytes.NewReader(<-got))
	require.NoError(t, err)
	return m
}

// part is one of a mail's.
type part struct {
	textproto.MIMEHeader
	body []byte
}

// parts returns those of a multipart body, those within others, too.
func parts(t *testing.T, contentType string, body io.Reader) (out []part) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(kind, "multipart/"), kind)
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		b, err := io.ReadAll(p)
		require.NoError(t, err)
		if strings.HasPrefix(p.Header.Get("Content-Type"), "multipart/") {
			out = append(out, parts(t, p.Header.Get("Content-Type"), bytes.NewReader(b))...)
			continue
		}
		out = append(out, part{p.Header, b})
	}
}

const mailConf = `receivers:
  - name: r
    email_configs:
      - {to: "Ann <ann@x.org>, bob@x.org", from: oriel@x.org, smarthost: HOST, require_tls: false, auth_username: me, auth_password: secret,
         headers: {Subject: "Bröken: {{ .Status }}", Message-Id: "<own@x.org>", X-Own: "1"}, text: '{{ template "oriel.text" . }}', threading: {enabled: true, thread_by_date: none}}`

func TestMailHasThePictureInside(t *testing.T) {
	m := mailed(t, mailConf, always{found()})
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Bröken: firing", subject)
	require.Equal(t, "oriel@x.org", m.Header.Get("From"))
	to, err := m.Header.AddressList("To")
	require.NoError(t, err)
	require.Len(t, to, 2)
	require.Equal(t, []string{"<own@x.org>"}, m.Header["Message-Id"])
	require.Equal(t, "1", m.Header.Get("X-Own"))
	require.Contains(t, m.Header.Get("References"), "@alertmanager>")
	_, err = m.Header.Date()
	require.NoError(t, err)

	ps := parts(t, m.Header.Get("Content-Type"), m.Body)
	require.Len(t, ps, 3)
	text, html, image := ps[0], ps[1], ps[2]
	require.Contains(t, text.Get("Content-Type"), "text/plain")
	require.Contains(t, string(text.body), "HighErrorRatio: 36.4 % (> 5 %) for shop/payment, since 12:00:00 UTC")
	require.Contains(t, string(text.body), "payment error x12: card <declined>")
	require.Contains(t, string(text.body), "http://o/e.png?sig=1")
	require.Contains(t, html.Get("Content-Type"), "text/html")
	require.Contains(t, string(html.body), `src="cid:0123456789abcdef0123456789abcdef.png@oriel"`)
	require.Contains(t, string(html.body), "card &lt;declined&gt;")
	require.Contains(t, string(html.body), "payments &lt;fail&gt;")
	require.Equal(t, "<0123456789abcdef0123456789abcdef.png@oriel>", image.Get("Content-Id"))
	require.Contains(t, image.Get("Content-Type"), "image/png")
	require.Contains(t, image.Get("Content-Disposition"), "inline")

	bare := found()
	bare.PNG, bare.Picture = nil, nil
	m = mailed(t, mailConf, always{bare})
	require.Len(t, parts(t, m.Header.Get("Content-Type"), m.Body), 2, "without one it is as Alertmanager's")
}
