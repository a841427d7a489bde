package ingest

import "github.com/oriel-obs/oriel/model"

// ServiceNameLabel is the stream label ServiceName derives.
const ServiceNameLabel = "service_name"

// UnknownService is the service of logs and spans that name none.
const UnknownService = "unknown_service"

// serviceNameLabels name a service, the most telling first; after Loki's
// discover_service_name.
var serviceNameLabels = [...]string{
	"service", "app", "application", "app_name", "name", "app_kubernetes_io_name",
	"container", "container_name", "k8s_container_name", "component", "workload", "job", "k8s_job_name",
}

// ServiceName derives the service of a log stream that has no
// ServiceNameLabel from its other labels, in any order: Grafana's log
// drill-down lists streams by it. It returns UnknownService when no label
// tells. Names are those of stream labels, without dots.
func ServiceName(labels []model.Attr) string {
	best, value := len(serviceNameLabels), UnknownService
	for _, l := range labels {
		for i, name := range serviceNameLabels[:best] {
			if l.Key != name {
				continue
			}
			if v := l.Value.Text(); v != "" {
				best, value = i, v
			}
			break
		}
	}
	return value
}

// ServiceOf returns the service that a stream is of, "" if it names none.
func ServiceOf(signal model.Signal, s *model.Stream) string {
	name := "service.name"
	if signal == model.Logs {
		name = ServiceNameLabel
	}
	v := s.Attr(name)
	if v.Kind() != model.KindString || v.Str() == UnknownService {
		return ""
	}
	return v.Str()
}
