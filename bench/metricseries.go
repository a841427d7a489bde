package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A motion is how a series' value moves from one scrape to the next.
type motion int

const (
	constant motion = iota
	gaugeBytes
	gaugeSmall
	counterInt
	counterSeconds
)

// A series is one time series and its state.
type series struct {
	labels []string // name, value, name, value ...; sorted by name
	motion motion
	value  float64
	speed  float64 // per second, roughly
}

// kubeSeries invents n series as one would scrape them from a Kubernetes
// cluster: per 1000 series one node with 30 pods and an instrumented service.
func kubeSeries(n int, rnd *rand.Rand) []*series {
	var all []*series
	add := func(mo motion, name string, shared []string, kv ...string) {
		type pair struct{ k, v string }
		ps := []pair{{"__name__", name}}
		for l := range slices.Chunk(append(slices.Clone(shared), kv...), 2) {
			ps = append(ps, pair{l[0], l[1]})
		}
		slices.SortFunc(ps, func(a, b pair) int { return strings.Compare(a.k, b.k) })
		s := &series{motion: mo, speed: math.Exp(rnd.NormFloat64()*1.5) * 10}
		for _, p := range ps {
			s.labels = append(s.labels, p.k, p.v)
		}
		switch mo {
		case constant:
			s.value = 1
		case gaugeBytes:
			s.value = math.Round(s.speed * 1e7)
		case gaugeSmall:
			s.value = 1
		default:
			s.value = math.Round(s.speed * 1e4 * rnd.Float64())
			if rnd.IntN(8) == 0 {
				s.speed = 0 // counters that never move are common
			}
		}
		all = append(all, s)
	}
	for node := 0; len(all) < n; node++ {
		host := fmt.Sprintf("ip-10-0-%d-%d.eu-west-1.compute.internal", node/250, node%250)
		instance := fmt.Sprintf("10.0.%d.%d:9100", node/250, node%250)
		nodeL := []string{
			"cluster", "prod-eu-1", "container", "node-exporter", "endpoint", "metrics", "instance", instance,
			"job", "node-exporter", "namespace", "monitoring", "pod", fmt.Sprintf("node-exporter-%05x", node*7919),
			"prometheus", "monitoring/k8s", "service", "node-exporter", "region", "eu-west-1",
		}
		add(constant, "up", nodeL)
		add(constant, "node_uname_info", nodeL, "nodename", host, "release", "6.1.0-18-cloud-amd64", "machine", "x86_64")
		for _, load := range []string{"node_load1", "node_load5", "node_load15"} {
			add(gaugeSmall, load, nodeL)
		}
		for _, mem := range []string{"MemAvailable", "MemFree", "MemTotal", "Cached", "Buffers"} {
			add(gaugeBytes, "node_memory_"+mem+"_bytes", nodeL)
		}
		for cpu := range 16 {
			for _, mode := range []string{"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"} {
				add(counterSeconds, "node_cpu_seconds_total", nodeL, "cpu", strconv.Itoa(cpu), "mode", mode)
			}
		}
		for pod := range 30 {
			app := fmt.Sprintf("%s-%d", []string{"checkout", "cart", "search", "billing", "gateway", "worker"}[pod%6], (node+pod)%20)
			ns := "team-" + string(rune('a'+(node+pod)%15))
			podName := fmt.Sprintf("%s-%x-%05x", app, 0x5d8f0000+(node+pod)%20*0x1357, rnd.IntN(1<<20))
			ksm := []string{
				"cluster", "prod-eu-1", "container", "kube-state-metrics", "endpoint", "http", "instance", "10.0.0.9:8080",
				"job", "kube-state-metrics", "namespace", ns, "pod", podName,
				"prometheus", "monitoring/k8s", "service", "kube-state-metrics", "uid", uuid(rnd),
			}
			add(constant, "kube_pod_info", ksm, "node", host, "created_by_kind", "ReplicaSet", "host_ip", instance[:len(instance)-5])
			for _, phase := range []string{"Failed", "Pending", "Running", "Succeeded", "Unknown"} {
				add(constant, "kube_pod_status_phase", ksm, "phase", phase)
				if phase != "Running" {
					all[len(all)-1].value = 0
				}
			}
			cad := []string{
				"cluster", "prod-eu-1", "endpoint", "https-metrics", "instance", instance[:len(instance)-4] + "10250",
				"job", "kubelet", "metrics_path", "/metrics/cadvisor", "namespace", ns, "node", host, "pod", podName,
				"prometheus", "monitoring/k8s", "service", "kubelet",
			}
			for _, dir := range []string{"receive", "transmit"} {
				add(counterInt, "container_network_"+dir+"_bytes_total", cad, "interface", "eth0")
				add(counterInt, "container_network_"+dir+"_packets_total", cad, "interface", "eth0")
			}
			for _, container := range []string{app, "istio-proxy"} {
				image := "registry.example.com/" + container + ":v1." + strconv.Itoa(pod)
				c := append(slices.Clone(cad), "container", container, "image", image)
				add(counterSeconds, "container_cpu_usage_seconds_total", c, "cpu", "total")
				add(counterSeconds, "container_cpu_cfs_throttled_seconds_total", c)
				add(gaugeBytes, "container_memory_working_set_bytes", c)
				add(gaugeBytes, "container_memory_rss", c)
				add(gaugeBytes, "container_memory_cache", c)
				add(counterInt, "container_fs_reads_bytes_total", c, "device", "/dev/nvme0n1")
				add(counterInt, "container_fs_writes_bytes_total", c, "device", "/dev/nvme0n1")
				add(constant, "container_spec_memory_limit_bytes", c)
			}
		}
		web := []string{
			"cluster", "prod-eu-1", "container", "app", "endpoint", "http", "instance", fmt.Sprintf("10.1.%d.%d:8080", node/250, node%250),
			"job", "shop-api", "namespace", "team-a", "pod", fmt.Sprintf("shop-api-%05x", node*104729),
			"prometheus", "monitoring/k8s", "service", "shop-api",
		}
		for _, handler := range []string{"/api/cart", "/api/items", "/api/login", "/api/pay", "/api/search"} {
			for _, code := range []string{"200", "500"} {
				h := append(slices.Clone(web), "handler", handler, "method", "GET", "code", code)
				add(counterInt, "http_request_duration_seconds_count", h)
				slowest := all[len(all)-1]
				slowest.speed = 40
				if code == "500" {
					slowest.speed = 1
				}
				add(counterSeconds, "http_request_duration_seconds_sum", h)
				// Buckets are cumulative: speed and start grow with le.
				for i, le := range []string{"0.005", "0.025", "0.1", "0.25", "1", "+Inf"} {
					add(counterInt, "http_request_duration_seconds_bucket", h, "le", le)
					b, part := all[len(all)-1], float64(i+1)/6
					b.speed, b.value = slowest.speed*part, math.Round(slowest.value*part)
				}
			}
		}
	}
	return all[:n]
}

func uuid(rnd *rand.Rand) string {
	a, b := rnd.Uint64(), rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

// step returns the value at the next scrape.
func (s *series) step(rnd *rand.Rand) float64 {
	switch s.motion {
	case gaugeBytes: // pages come and go in some scrapes
		if rnd.IntN(3) == 0 {
			s.value = max(0, s.value+4096*math.Round(rnd.NormFloat64()*s.speed))
		}
	case gaugeSmall:
		s.value = math.Round(max(0, s.value+rnd.NormFloat64()/10)*100) / 100
	case counterInt:
		s.value += math.Round(s.speed * 15 * (0.7 + 0.6*rnd.Float64()))
	case counterSeconds:
		s.value = math.Round((s.value+min(s.speed/20, 1)*15*(0.7+0.6*rnd.Float64()))*1000) / 1000
	}
	return s.value
}
