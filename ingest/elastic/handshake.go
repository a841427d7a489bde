package elastic

import (
	"fmt"
	"net/http"
	"slices"
)

// Answers that stand for an Elasticsearch that has all a shipper wants to set
// up.
const (
	acknowledged = `{"acknowledged":true}`
	license      = `{"license":{"uid":"00000000-0000-0000-0000-000000000000","type":"basic","status":"active","mode":"basic","expiry_date_in_millis":4102444800000}}`
	features     = `{"features":{"ilm":{"available":true,"enabled":true},"security":{"available":true,"enabled":false}},"license":{"uid":"00000000-0000-0000-0000-000000000000","type":"basic","mode":"basic","status":"active"}}`
	health       = `{"cluster_name":"oriel","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,"active_shards_percent_as_number":100.0}`
	monitoring   = `{"took":0,"ignored":true,"errors":false}`
	shards       = `{"_shards":{"total":1,"successful":1,"failed":0}}`
)

// info is the document of GET /; %s is the version.
const info = `{"name":"oriel","cluster_name":"oriel","cluster_uuid":"AAAAAAAAAAAAAAAAAAAAAA","version":{"number":"%s","build_flavor":"default","build_type":"tar",` +
	`"build_hash":"0000000000000000000000000000000000000000","build_date":"2025-01-01T00:00:00.000000000Z","build_snapshot":false,"lucene_version":"9.12.0",` +
	`"minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"}`

// handshake returns the route of an endpoint that shippers ask before they
// send, and that only answers; nil for none.
func (h *Handler) handshake(path []string) *route {
	if len(path) == 0 {
		return answers(fmt.Sprintf(info, h.version), "")
	}
	below := func(i int, name string) bool { return len(path) > i && path[i] == name }
	switch path[0] {
	case "_license":
		return answers(license, "")
	case "_xpack":
		switch {
		case below(1, "license"):
			return answers(license, "")
		case below(1, "monitoring"):
			return answers("", monitoring)
		}
		return answers(features, "")
	case "_monitoring":
		return answers("", monitoring)
	case "_cluster":
		switch {
		case below(1, "health"):
			return answers(health, "")
		case below(1, "state"):
			return answers(`{"cluster_name":"oriel","version":1}`, "")
		case below(1, "settings"):
			return answers(`{"persistent":{},"transient":{}}`, acknowledged)
		}
	case "_cat":
		return answers(`[]`, "")
	case "_nodes": // an empty list makes clients keep the address they have
		return answers(`{"cluster_name":"oriel","nodes":{}}`, "")
	case "_data_stream":
		if len(path) > 1 {
			return answers(string(appendString([]byte(`{"data_streams":[{"status":"GREEN","name":`), path[1]))+`}]}`, acknowledged)
		}
		return answers(`{"data_streams":[]}`, "")
	case "_ilm", "_index_template", "_template", "_component_template", "_ingest", "_alias", "_aliases", "_rollover":
		return answers(`{}`, acknowledged)
	case "_logstash", "logstash":
		return answers(`{}`, "")
	case "_refresh", "_flush": // what is acknowledged is on disk and visible
		return answers(shards, shards)
	}
	if !isName(path[0]) && path[0] != "_all" {
		return nil
	}
	switch {
	case len(path) == 1: // an index, or an alias of one
		return answers(`{}`, string(appendString([]byte(`{"acknowledged":true,"shards_acknowledged":true,"index":`), path[0]))+`}`)
	case slices.Contains([]string{"_alias", "_aliases", "_mapping", "_settings"}, path[1]):
		return answers(`{}`, acknowledged)
	case len(path) == 2 && (path[1] == "_refresh" || path[1] == "_flush"):
		return answers(shards, shards)
	}
	return nil
}

// answers is a route that says get to GET and set to POST and PUT; "" is not
// offered.
func answers(get, set string) *route {
	rt := &route{}
	if get != "" {
		rt.methods = append(rt.methods, http.MethodGet)
	}
	if set != "" {
		rt.methods = append(rt.methods, http.MethodPost, http.MethodPut)
	}
	rt.serve = func(w http.ResponseWriter, r *http.Request) error {
		body := get
		if r.Method == http.MethodPost || r.Method == http.MethodPut {
			body = set
		}
		reply(w, r, http.StatusOK, []byte(body))
		return nil
	}
	return rt
}
