package evidence

import (
	"slices"
	"strings"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/model"
)

// A dimension is one thing under the names that metrics, log streams and
// Kubernetes give it.
type dimension struct {
	of     []string // labels of alerts
	in     []string // labels of log streams
	weight int      // how much it says that a value is the same
	strong bool     // the same value is reason enough to belong
	enough bool     // and stays so when other dimensions differ
	unlike bool     // another value is no reason not to belong
}

var dimensions = []dimension{
	{of: []string{"pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name"}, in: []string{"pod", "k8s_pod_name", "kubernetes_pod_name", "pod_name"}, weight: 20, strong: true, enough: true},
	{of: serviceLabels, in: []string{"service_name", "service", "app", "application", "app_kubernetes_io_name", "job", "container", "k8s_container_name", "k8s_deployment_name"}, weight: 10, strong: true},
	{of: []string{"container", "k8s_container_name"}, in: []string{"container", "k8s_container_name"}, weight: 6, strong: true, unlike: true},
	{of: []string{"instance", "exported_instance", "host", "hostname", "node", "nodename", "host_name", "service_instance_id"}, in: []string{"instance", "host", "hostname", "node", "nodename", "host_name", "k8s_node_name", "service_instance_id"}, weight: 4, strong: true, enough: true, unlike: true},
	{of: []string{"service_namespace"}, in: []string{"service_namespace"}, weight: 2},
	{of: []string{"namespace", "k8s_namespace_name", "kubernetes_namespace"}, in: []string{"namespace", "k8s_namespace_name", "kubernetes_namespace"}, weight: 2},
	{of: []string{"cluster", "k8s_cluster_name"}, in: []string{"cluster", "k8s_cluster_name"}, weight: 1},
}

// serviceLabels name services, best first: server and client are those of the
// service graph's metrics.
var serviceLabels = []string{
	"service_name", "service.name", "exported_service", "service", "app", "application", "app_kubernetes_io_name", "job", "exported_job",
	"deployment", "k8s_deployment_name", "container", "server", "client",
}

// names returns the labels of the alert's series or, of one that has none that
// say where it is, those that its expression asks for; failing these, those
// that its rule gives it.
func (s *subject) names() map[string][]string {
	out := map[string][]string{}
	for name, value := range s.series {
		out[name] = []string{value}
	}
	placed := func() bool {
		return slices.ContainsFunc(dimensions, func(d dimension) bool { return d.strong && len(d.values(out)) > 0 })
	}
	if placed() {
		return parted(out)
	}
	for _, m := range s.selected() {
		switch m.Type {
		case labels.MatchEqual:
			out[m.Name] = append(out[m.Name], m.Value)
		case labels.MatchRegexp:
			out[m.Name] = append(out[m.Name], m.SetMatches()...)
		default:
		}
	}
	delete(out, promodel.MetricNameLabel)
	if !placed() {
		for name := range s.rule.Labels {
			out[name] = append(out[name], string(s.Labels[promodel.LabelName(name)]))
		}
	}
	return parted(out)
}

// selected returns the matchers of the expression's selectors, if it is PromQL;
// those of the other languages find lines and spans by themselves.
func (s *subject) selected() (out []*labels.Matcher) {
	if s.expr == "" || s.err != nil || s.signal() != "metrics" {
		return nil
	}
	e, err := parser.NewParser(parser.Options{}).ParseExpr(s.cond.measured)
	if err != nil {
		return nil
	}
	for _, ms := range parser.ExtractSelectors(e) {
		out = append(out, ms...)
	}
	return out
}

// values returns what an alert with the labels ls says of d.
func (d dimension) values(ls map[string][]string) (out []string) {
	for _, name := range d.of {
		out = append(out, ls[name]...)
	}
	return out
}

// parted adds what labels say that have more than one part: the job of OTLP is
// the namespace and the name of a service, as in shop/cart, and an instance is
// a host and a port.
func parted(ls map[string][]string) map[string][]string {
	for _, job := range slices.Concat(ls[promodel.JobLabel], ls[promodel.ExportedLabelPrefix+promodel.JobLabel]) {
		if space, service, both := strings.Cut(job, "/"); both {
			ls["service_namespace"] = append(ls["service_namespace"], space)
			ls["service_name"] = append(ls["service_name"], service)
		}
	}
	for _, instance := range slices.Concat(ls[promodel.InstanceLabel], ls[promodel.ExportedLabelPrefix+promodel.InstanceLabel]) {
		if host, _, both := strings.Cut(instance, ":"); both {
			ls["host"] = append(ls["host"], host)
		}
	}
	return ls
}

// serviceNames returns the names that the alert's services may have.
func (s *subject) serviceNames() map[string]bool {
	out := map[string]bool{}
	for _, v := range (dimension{of: serviceLabels}).values(s.names()) {
		out[v] = true
	}
	return out
}

// A place is where lines of a subject are: equal labels of its streams.
type place map[string]string

// placeIn returns the labels by which a stream belongs to an alert with the
// labels ls, and how well it does; 0 if it does not.
func placeIn(ls map[string][]string, stream *model.Stream) (place, int) {
	at, score, belongs, enough := place{}, 0, false, false
	for _, d := range dimensions {
		wanted := d.values(ls)
		if len(wanted) == 0 {
			continue
		}
		other := false
		for _, name := range d.in {
			v := stream.Attr(name).Text()
			if v == "" {
				continue
			}
			if other = !slices.Contains(wanted, v); other {
				continue
			}
			at[name] = v
			score += d.weight
			belongs = belongs || d.strong
			enough = enough || d.enough
			break
		}
		if other && !d.unlike {
			score -= d.weight
		}
	}
	for name, values := range ls {
		if v := stream.Attr(name).Text(); v != "" && slices.Contains(values, v) && at[name] == "" {
			at[name] = v
			score++
		}
	}
	if !belongs || score <= 0 && !enough {
		return nil, 0
	}
	return at, max(score, 1)
}

// placesOf returns the places of the streams that belong to an alert best.
func placesOf(ls map[string][]string, streams []*model.Stream) (out []place) {
	most := 0
	for _, st := range streams {
		p, score := placeIn(ls, st)
		if score == 0 || score < most {
			continue
		}
		if score > most {
			out, most = nil, score
		}
		out = append(out, p)
	}
	return out
}

// selectors returns LogQL selectors of places, each but for what differs
// between streams.
func selectors(places []place) (out []string) {
	type union struct {
		names  []string
		values map[string][]string
	}
	var unions []union
	for _, p := range places {
		names := make([]string, 0, len(p))
		for name := range p {
			names = append(names, name)
		}
		slices.Sort(names)
		i := slices.IndexFunc(unions, func(u union) bool { return slices.Equal(u.names, names) })
		if i < 0 {
			unions = append(unions, union{names, map[string][]string{}})
			i = len(unions) - 1
		}
		for _, name := range names {
			if !slices.Contains(unions[i].values[name], p[name]) {
				unions[i].values[name] = append(unions[i].values[name], p[name])
			}
		}
	}
	for _, u := range unions {
		var ms []string
		for _, name := range u.names {
			values := u.values[name]
			slices.Sort(values)
			ms = append(ms, selector(name, values))
		}
		out = append(out, "{"+strings.Join(ms, ", ")+"}")
	}
	return out
}
