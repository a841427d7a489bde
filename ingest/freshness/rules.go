package freshness

import (
	"fmt"
	"time"

	promodel "github.com/prometheus/common/model"
)

// Names of the alerts that Rules makes.
const (
	SilentAlert  = "SourceSilent"  // of a service
	SummaryAlert = "SourcesSilent" // of a signal: more than many of its services are silent
)

// many services are told of one by one; of more, a count says more.
const many = 20

// Rules returns the rule file that makes alerts of what is silent. Logs and
// spans go by Oriel's own metrics; jobs of metrics go by what each leaves
// behind: `up` if it is scraped, here or by a Prometheus that writes here,
// target_info if it sends OTLP. Jobs have half of After to be missed and half
// to come back, which they need when Oriel itself was away. The alert of a
// signal reads ALERTS, which has what the rules before it made of this very
// evaluation.
func (c Config) Rules() string {
	half := promodel.Duration(max(time.Duration(c.After)/2, time.Second).Truncate(time.Second))
	return fmt.Sprintf(`groups:
  - name: oriel absence
    rules:
      - alert: SourceSilent
        expr: |
          min by (signal, service) (time() - oriel_source_last_seen_timestamp_seconds)
            > on (signal, service) max by (signal, service) (oriel_source_silent_after_seconds)
        labels: {severity: warning}
        annotations:
          summary: '{{ $labels.service }} has sent no {{ $labels.signal }} for {{ $value | humanizeDuration }}'
          description: Nothing has come in from it for longer than it is used to be silent. What it says of itself may be old.
      - record: oriel_job_reporting
        expr: group by (service) (label_replace({__name__=~"up|target_info", job!=""}, "service", "$1", "job", "(.*)"))
        labels: {job: oriel} # as all that Oriel says itself: whoever asks for a job gets that job's series
      - alert: SourceSilent
        expr: |
          group by (service) (last_over_time(oriel_job_reporting[%s]))
            unless group by (service) (last_over_time(oriel_job_reporting[%s]))
        for: %[2]s
        labels: {severity: warning, signal: metrics}
        annotations:
          summary: '{{ $labels.service }} has sent no metrics for more than %[3]s'
          description: Its targets are gone, or what wrote them here is. Rules about it see no data.
      - alert: SourcesSilent
        expr: count by (signal) (ALERTS{alertname="SourceSilent", alertstate="firing"}) > %[4]d
        labels: {severity: warning}
        annotations:
          summary: '{{ $value }} services have sent no {{ $labels.signal }} for longer than they are used to be silent'
          description: So many at once share a cause, such as a collector, a network or a token. The alert SourceSilent names each of them; nobody is told of those one by one.
`, c.Forget, half, c.After, many)
}
