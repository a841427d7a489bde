package elastic

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// reply answers with a JSON text, in the media type the client asked for.
func reply(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	mediaType := "application/json"
	const versioned = "application/vnd.elasticsearch+json"
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, versioned) {
		first, _, _ := strings.Cut(accept, ",")
		mediaType = versioned
		if _, params, err := mime.ParseMediaType(first); err == nil {
			if _, err := strconv.Atoi(params["compatible-with"]); err == nil {
				mediaType += ";compatible-with=" + params["compatible-with"]
			}
		}
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// appendReply appends the answer to a bulk request. `errors` stands before the
// items: clients that read as they go stop there.
func (b *bulk) appendReply(dst []byte, took time.Duration, f filter) []byte {
	errors := "false"
	for _, it := range b.items {
		if it.refusal != nil {
			errors = "true"
			break
		}
	}
	dst = append(dst, '{')
	comma := func() {
		if last := dst[len(dst)-1]; last != '{' && last != '[' {
			dst = append(dst, ',')
		}
	}
	if f.keeps("took") {
		dst = append(dst, `"took":`...)
		dst = strconv.AppendInt(dst, took.Milliseconds(), 10)
	}
	if f.keeps("errors") {
		comma()
		dst = append(dst, `"errors":`...)
		dst = append(dst, errors...)
	}
	shown := f.item()
	if shown != (itemFields{}) {
		comma()
		dst = append(dst, `"items":[`...)
		for i := range b.items {
			comma()
			dst = b.items[i].append(dst, shown)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// append appends the outcome under the name of its action. Of a stored
// document it says only what clients insist on: batches are large, and some
// read into small buffers.
func (it *item) append(dst []byte, f itemFields) []byte {
	dst = append(dst, `{"`...)
	dst = append(dst, it.op...)
	dst = append(dst, `":{`...)
	field := func(name string) {
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, name...)
		dst = append(dst, `":`...)
	}
	if f.index {
		field("_index")
		dst = appendString(dst, it.index)
	}
	if f.id && it.id != "" {
		field("_id")
		dst = appendString(dst, it.id)
	}
	if f.status {
		field("status")
		dst = strconv.AppendInt(dst, int64(it.status), 10)
	}
	switch {
	case it.op == opDelete && f.result:
		field("result")
		dst = append(dst, `"not_found"`...)
	case it.refusal != nil && it.op != opDelete && f.err:
		field("error")
		dst = append(dst, '{')
		dst = appendException(dst, exceptionOf(it.refusal), it.refusal.Text)
		dst = append(dst, '}')
	}
	return append(dst, "}}"...)
}

// appendException appends the members of an error document.
func appendException(dst []byte, typ, reason string) []byte {
	dst = fmt.Appendf(dst, `"type":"%s","reason":`, typ)
	return appendString(dst, reason)
}

func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // what is not UTF-8 is replaced
	return dst
}

// A filter is the parameter filter_path: the parts of an answer a client
// wants, as paths with * for one name and ** for any number. None keeps all.
type filter [][]string

func newFilter(param string) filter {
	var f filter
	for p := range strings.SplitSeq(param, ",") {
		if p = strings.TrimSpace(p); p != "" {
			f = append(f, strings.Split(p, "."))
		}
	}
	return f
}

// keeps reports whether something at or below path is wanted.
func (f filter) keeps(path ...string) bool {
	if f == nil {
		return true
	}
	excluded := false
	for _, p := range f {
		if strings.HasPrefix(p[0], "-") {
			excluded = true
			if matches(append([]string{p[0][1:]}, p[1:]...), path) {
				return false
			}
		}
	}
	for _, p := range f {
		if !strings.HasPrefix(p[0], "-") {
			excluded = false
			if matches(p, path) {
				return true
			}
		}
	}
	return excluded // nothing but exclusions
}

func matches(pattern, path []string) bool {
	for i, name := range pattern {
		if name == "**" || i >= len(path) {
			return true
		}
		if name != "*" && name != path[i] {
			return false
		}
	}
	return true
}

// itemFields are the parts of an item that are wanted.
type itemFields struct{ index, id, status, result, err bool }

func (f filter) item() itemFields {
	keeps := func(name string) bool { return f.keeps("items", "*", name) }
	return itemFields{index: keeps("_index"), id: keeps("_id"), status: keeps("status"), result: keeps("result"), err: keeps("error")}
}
