package scrape

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPodsOfAClusterAreTargets speaks as much of a cluster's API as the
// discovery asks for: a list of pods, and a watch in which nothing happens.
func TestPodsOfAClusterAreTargets(t *testing.T) {
	w := newWorld(t, plain, "shop_open 1\n")
	exporter, err := url.Parse(w.exporter.URL)
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(exporter.Host)
	require.NoError(t, err)
	pods := fmt.Sprintf(`{"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [{
		"metadata": {"name": "cart-1", "namespace": "shop", "uid": "u1", "labels": {"app": "cart"}},
		"spec": {"nodeName": "n1", "containers": [{"name": "cart", "ports": [{"name": "metrics", "containerPort": %s}]}]},
		"status": {"phase": "Running", "podIP": %q}}]}`, port, host)
	cluster := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		switch q := r.URL.Query(); {
		case r.URL.Path != "/api/v1/pods":
			http.NotFound(rw, r)
		case q.Has("sendInitialEvents"): // as clusters before 1.32
			rw.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(rw, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Invalid", "code": 422}`)
		case q.Has("watch"):
			rw.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(rw).Flush()
			<-r.Context().Done()
		default:
			fmt.Fprint(rw, pods)
		}
	}))
	t.Cleanup(cluster.Close)
	w.run(fmt.Sprintf(`
global: {scrape_interval: 100ms, scrape_timeout: 100ms}
scrape_configs:
  - job_name: pods
    kubernetes_sd_configs: [{role: pod, api_server: %q}]
    relabel_configs:
      - {source_labels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_label_app], separator: /, target_label: pod_of}
`, cluster.URL))
	w.await("shop_open", map[string]float64{`{job="pods", pod_of="shop/cart"}`: 1})
}
