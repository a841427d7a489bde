package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	amalert "github.com/prometheus/alertmanager/alert"
	amnotify "github.com/prometheus/alertmanager/notify"
	amwebhook "github.com/prometheus/alertmanager/notify/webhook"
	"github.com/prometheus/alertmanager/template"
	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/alerting/evidence"
)

// A webhook sends what Alertmanager's does, byte for byte, and one field more
// when there is evidence. Alertmanager's own has no place to add it.
//
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
type webhook struct {
	conf    *amwebhook.WebhookConfig
	tmpl    *template.Template
	log     *slog.Logger
	client  *http.Client
	retrier amnotify.Retrier
}

func newWebhook(conf *amwebhook.WebhookConfig, tmpl *template.Template, log *slog.Logger, o ...promconfig.HTTPClientOption) (*webhook, error) {
	client, err := amnotify.NewClientWithTracing(*conf.HTTPConfig, "webhook", o...)
	if err != nil {
		return nil, err
	}
	return &webhook{conf: conf, tmpl: tmpl, log: log, client: client}, nil
}

// webhookMessage is version 4 of the payload with what Oriel adds to it.
type webhookMessage struct {
	*amwebhook.Message
	Oriel *evidence.Evidence `json:"oriel,omitempty"`
}

// Notify implements amnotify.Notifier.
func (w *webhook) Notify(ctx context.Context, as ...*amalert.Alert) (retry bool, err error) {
	var truncated uint64
	if limit := w.conf.MaxAlerts; limit != 0 && uint64(len(as)) > limit {
		truncated = uint64(len(as)) - limit
		as = as[:limit]
	}
	if w.conf.Payload != nil {
		ctx = forTemplates(ctx)
	}
	data := amnotify.GetTemplateData(ctx, w.tmpl, as, w.log)
	key, err := amnotify.ExtractGroupKey(ctx)
	if err != nil {
		return false, err
	}
	msg := &amwebhook.Message{Version: "4", Data: data, GroupKey: key.String(), TruncatedAlerts: truncated}
	body, err := w.body(ctx, msg)
	if err != nil {
		return false, err
	}
	url, err := w.url(data)
	if err != nil {
		return false, err
	}
	if w.conf.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, w.conf.Timeout, fmt.Errorf("configured webhook timeout reached (%s)", w.conf.Timeout))
		defer cancel()
	}
	resp, err := amnotify.PostJSON(ctx, w.client, url, body)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
		}
		return true, amnotify.RedactURL(err)
	}
	defer amnotify.Drain(resp)
	retry, err = w.retrier.Check(resp.StatusCode, resp.Body)
	if err != nil {
		return retry, amnotify.NewErrorWithReason(amnotify.GetFailureReasonFromStatusCode(resp.StatusCode), err)
	}
	return retry, nil
}

// body returns the JSON to send. A payload of the user's own is left as it is.
func (w *webhook) body(ctx context.Context, msg *amwebhook.Message) (*bytes.Buffer, error) {
	var b bytes.Buffer
	if w.conf.Payload == nil {
		return &b, json.NewEncoder(&b).Encode(webhookMessage{msg, evidenceIn(ctx)})
	}
	var fault error
	fill := amnotify.TmplText(w.tmpl, msg.Data, &fault)
	rendered, err := template.DeepCopyWithTemplate(w.conf.Payload, func(text string) (string, error) { return fill(text), fault })
	if err != nil {
		return nil, fmt.Errorf("failed to render custom payload: %w", err)
	}
	return &b, json.NewEncoder(&b).Encode(rendered)
}

func (w *webhook) url(data *template.Data) (string, error) {
	text := string(w.conf.URL)
	if text == "" {
		content, err := os.ReadFile(w.conf.URLFile)
		if err != nil {
			return "", fmt.Errorf("read url_file: %w", err)
		}
		text = strings.TrimSpace(string(content))
	}
	var fault error
	url := amnotify.TmplText(w.tmpl, data, &fault)(text)
	if fault != nil {
		return "", fmt.Errorf("failed to template webhook URL: %w", fault)
	}
	if url == "" {
		return "", errors.New("webhook URL is empty after templating")
	}
	return url, nil
}
