package otlp

import "strings"

// indexLabel returns the stream label that a resource attribute of log records
// becomes, or "" if it becomes an attribute of each record. The list is
// Loki's default_resource_attributes_as_index_labels.
func indexLabel(attr string) string {
	switch attr {
	case "service.name":
		return "service_name"
	case "service.namespace":
		return "service_namespace"
	case "service.instance.id":
		return "service_instance_id"
	case "deployment.environment":
		return "deployment_environment"
	case "deployment.environment.name":
		return "deployment_environment_name"
	case "cloud.region":
		return "cloud_region"
	case "cloud.availability_zone":
		return "cloud_availability_zone"
	case "k8s.cluster.name":
		return "k8s_cluster_name"
	case "k8s.namespace.name":
		return "k8s_namespace_name"
	case "k8s.pod.name":
		return "k8s_pod_name"
	case "k8s.container.name":
		return "k8s_container_name"
	case "k8s.replicaset.name":
		return "k8s_replicaset_name"
	case "k8s.deployment.name":
		return "k8s_deployment_name"
	case "k8s.statefulset.name":
		return "k8s_statefulset_name"
	case "k8s.daemonset.name":
		return "k8s_daemonset_name"
	case "k8s.cronjob.name":
		return "k8s_cronjob_name"
	case "k8s.job.name":
		return "k8s_job_name"
	case "container.name":
		return "container_name"
	}
	return ""
}

// labelNames spells attribute keys as Loki names, remembering what it changed.
type labelNames map[string]string

// of returns key with every character that a label name cannot have replaced
// by "_", and "key_" before a leading digit. An empty key becomes "_".
func (n labelNames) of(key string) string {
	if isLabelName(key) {
		return key
	}
	if name, ok := n[key]; ok {
		return name
	}
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && isLabelByte(byte(r)) {
			return r
		}
		return '_'
	}, key)
	if name == "" {
		name = "_"
	}
	if name[0] >= '0' && name[0] <= '9' {
		name = "key_" + name
	}
	n[key] = name
	return name
}

func isLabelName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !isLabelByte(s[i]) {
			return false
		}
	}
	return true
}

func isLabelByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}
