package logrecord

// OriginFields returns the fields that say where a record comes from, after
// the Elastic Common Schema and what collectors add, by the stream labels that
// OTLP's records have for the same. The caller owns the map.
func OriginFields() map[string]string {
	return map[string]string{
		"service.name":        "service_name",
		"service.environment": "deployment_environment",
		"service":             "service",
		"app":                 "app",
		"host.name":           "host_name",
		"host":                "host",
		"hostname":            "hostname",
		"agent.type":          "agent_type",
		"container.name":      "container_name",

		"data_stream.type":      "data_stream_type",
		"data_stream.dataset":   "data_stream_dataset",
		"data_stream.namespace": "data_stream_namespace",

		// Beats' processor, then Fluent Bit's filter.
		"kubernetes.namespace":       "k8s_namespace_name",
		"kubernetes.pod.name":        "k8s_pod_name",
		"kubernetes.container.name":  "k8s_container_name",
		"kubernetes.namespace_name":  "k8s_namespace_name",
		"kubernetes.pod_name":        "k8s_pod_name",
		"kubernetes.container_name":  "k8s_container_name",
		"kubernetes.deployment.name": "k8s_deployment_name",
	}
}
