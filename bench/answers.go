package main

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// promScalar evaluates an instant query that has at most one value; none is 0.
// Loki's answers have the same form as Prometheus'.
func promScalar(base, promql string, at time.Time) (int, error) {
	b, err := get(newClient(), base+"?"+url.Values{"query": {promql}, "time": {unix(at)}}.Encode())
	if err != nil {
		return 0, err
	}
	var a struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.Unmarshal(b, &a); err != nil || len(a.Data.Result) == 0 {
		return 0, err
	}
	text, _ := a.Data.Result[0].Value[1].(string)
	f, err := strconv.ParseFloat(text, 64)
	return int(f), err
}

// promRows counts the points of a query's answer, or a log query's lines in
// Loki's form of it.
func promRows(b []byte) (int, error) {
	var a struct {
		Data struct {
			Result []struct{ Values, Value []json.RawMessage }
		}
	}
	err := json.Unmarshal(b, &a)
	n := 0
	for _, r := range a.Data.Result {
		n += len(r.Values) + min(len(r.Value), 1)
	}
	return n, err
}

// listRows counts the items of {"data": [...]}.
func listRows(b []byte) (int, error) {
	var a struct{ Data []json.RawMessage }
	err := json.Unmarshal(b, &a)
	return len(a.Data), err
}
