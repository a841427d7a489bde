package services

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Profile is what a service says of itself in the resources of its spans and
// the labels of its log streams. Lists are sorted.
type Profile struct {
	Name         string   `json:"name"`
	Spans        bool     `json:"spans"` // it sent some
	Logs         bool     `json:"logs"`
	Namespaces   []string `json:"namespaces"` // service.namespace, without it that of Kubernetes
	Environments []string `json:"environments"`
	Languages    []string `json:"languages"` // of the SDK, as in go
	Versions     []string `json:"versions"`
	Instances    int      `json:"instances"` // by service.instance.id, without it pods, without them hosts
	Pods         []string `json:"pods"`      // at most 100
	Hosts        []string `json:"hosts"`     // at most 100
}

// maxNamed bounds pods and hosts of a Profile.
const maxNamed = 100

// The attributes that tell each part, the surest first. Streams of logs spell
// them as labels.
var (
	namespaceKeys   = []string{"service.namespace", "service_namespace", "k8s.namespace.name", "k8s_namespace_name", "namespace"}
	environmentKeys = []string{"deployment.environment.name", "deployment_environment_name", "deployment.environment", "deployment_environment"}
	languageKeys    = []string{"telemetry.sdk.language", "telemetry_sdk_language"}
	versionKeys     = []string{"service.version", "service_version"}
	instanceKeys    = []string{"service.instance.id", "service_instance_id"}
	podKeys         = []string{"k8s.pod.name", "k8s_pod_name", "pod"}
	hostKeys        = []string{"host.name", "host_name", "host"}
)

// Profiles returns the services that sent spans or log lines in r, by name; of
// a service, if one is named, its own alone.
func (s *Services) Profiles(ctx context.Context, r model.Range, service string) ([]Profile, error) {
	found := map[string]*profile{}
	for _, from := range []struct {
		signal model.Signal
		key    string
	}{{model.Spans, "service.name"}, {model.Logs, "service_name"}} {
		name := storage.Field{Place: storage.Stream, Key: from.key}
		req := storage.StreamsRequest{Signal: from.signal, Range: r}
		if service != "" {
			req.Where = storage.Compare{Field: name, Op: storage.Eq, Value: model.String(service)}
		}
		streams, err := s.opts.Events.Streams(ctx, req)
		if err != nil {
			return nil, err
		}
		for _, stream := range streams {
			name := stream.Attr(from.key).Text()
			if name == "" {
				continue
			}
			p := found[name]
			if p == nil {
				p = newProfile()
				found[name] = p
			}
			p.add(stream)
			p.spans = p.spans || from.signal == model.Spans
			p.logs = p.logs || from.signal == model.Logs
		}
	}
	out := make([]Profile, 0, len(found))
	for name, p := range found {
		out = append(out, p.of(name))
	}
	slices.SortFunc(out, func(a, b Profile) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

type texts map[string]struct{}

func (t texts) sorted() []string { return append([]string{}, slices.Sorted(maps.Keys(t))...) }

// A profile is being put together.
type profile struct {
	spans, logs                                                           bool
	namespaces, environments, languages, versions, instances, pods, hosts texts
}

func newProfile() *profile {
	return &profile{
		namespaces: texts{}, environments: texts{}, languages: texts{}, versions: texts{}, instances: texts{}, pods: texts{}, hosts: texts{},
	}
}

func (p *profile) add(s *model.Stream) {
	for _, x := range []struct {
		into texts
		keys []string
	}{
		{p.namespaces, namespaceKeys},
		{p.environments, environmentKeys},
		{p.languages, languageKeys},
		{p.versions, versionKeys},
		{p.instances, instanceKeys},
		{p.pods, podKeys},
		{p.hosts, hostKeys},
	} {
		for _, key := range x.keys {
			if v := s.Attr(key).Text(); v != "" {
				x.into[v] = struct{}{}
				break
			}
		}
	}
}

func (p *profile) of(name string) Profile {
	instances := len(p.instances)
	for _, other := range []texts{p.pods, p.hosts} {
		if instances == 0 {
			instances = len(other)
		}
	}
	bounded := func(t texts) []string {
		all := t.sorted()
		return all[:min(maxNamed, len(all))]
	}
	return Profile{
		Name: name, Spans: p.spans, Logs: p.logs,
		Namespaces: p.namespaces.sorted(), Environments: p.environments.sorted(), Languages: p.languages.sorted(), Versions: p.versions.sorted(),
		Instances: instances, Pods: bounded(p.pods), Hosts: bounded(p.hosts),
	}
}
