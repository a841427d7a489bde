package notify

import (
	"log/slog"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/config/receiver"
	amnotify "github.com/prometheus/alertmanager/notify"
	"github.com/prometheus/alertmanager/template"
)

// newIntegrations builds what a receiver sends with: Alertmanager's
// integrations, each with the evidence before it.
func newIntegrations(rc amconfig.Receiver, tmpl *template.Template, o Options, log *slog.Logger) ([]amnotify.Integration, error) {
	if o.Evidence != nil {
		rc = withPictures(rc)
	}
	stock, err := receiver.BuildReceiverIntegrations(rc, tmpl, log, o.client()...)
	if err != nil {
		return nil, err
	}
	out := make([]amnotify.Integration, len(stock))
	for i := range stock {
		var next amnotify.Notifier
		switch in := &stock[i]; in.Name() {
		case "webhook":
			conf := rc.WebhookConfigs[in.Index()]
			hook, err := newWebhook(conf, tmpl, log.With("integration", "webhook"), o.client()...)
			if err != nil {
				return nil, err
			}
			if s := o.Config.signature(rc.Name, string(conf.URL)); s != nil {
				hook.client.Transport = signer{hook.client.Transport, s}
			}
			next = hook
		case "email":
			next = mailer{rc.EmailConfigs[in.Index()], tmpl, log.With("integration", "email"), templated{in}}
		case "incidentio": // has no templates, and sends the route's labels as they are
			next = in
		default:
			next = templated{in}
		}
		out[i] = amnotify.NewIntegration(withEvidence(next, o.Evidence), &stock[i], stock[i].Name(), stock[i].Index(), rc.Name)
	}
	return out, nil
}
