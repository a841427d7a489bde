package logrecord

import (
	"net/http"
	"strings"
	"sync"
)

// A Mapping says which fields of a JSON document mean what. Fields are named by
// their path, with dots between the keys. Every field that it does not name is
// an attribute of the row.
type Mapping struct {
	Time   []string          // the first present is the time
	Body   []string          // the first present is the line
	Labels map[string]string // fields that are stream labels, by the labels' names
	Rename map[string]string // fields that are attributes of another name
	Whole  []string          // objects that are not taken apart
	Strip  string            // cut from the front of the paths of attributes
}

// Override returns m changed by a request's query parameters, or by headers of
// the same meaning: _time_field, _msg_field and _stream_fields, each a list
// with commas, as VictoriaLogs has them, also as VL-Time-Field and so on. The key
// identifies what they say; it is empty when they say nothing.
func (m Mapping) Override(r *http.Request) (changed Mapping, key string) {
	query := r.URL.Query()
	said := false
	param := func(name, header string) []string {
		v := query.Get(name)
		if v == "" {
			v = r.Header.Get(header)
		}
		var fields []string
		for f := range strings.SplitSeq(v, ",") {
			if f = strings.TrimSpace(f); f != "" {
				fields = append(fields, f)
			}
		}
		said = said || fields != nil
		key += strings.Join(fields, ",") + "\n"
		return fields
	}
	if fields := param("_time_field", "VL-Time-Field"); fields != nil {
		m.Time = fields
	}
	if fields := param("_msg_field", "VL-Msg-Field"); fields != nil {
		m.Body = fields
	}
	if fields := param("_stream_fields", "VL-Stream-Fields"); fields != nil {
		m.Labels = map[string]string{}
		for _, f := range fields {
			m.Labels[f] = LabelName(f)
		}
	}
	if !said {
		return m, ""
	}
	return m, key
}

// A role is what a field means.
type role uint8

const (
	roleAttr role = iota
	roleTime
	roleBody
	roleLabel
)

// A field is a path of a document and what its value means.
type field struct {
	path string
	name string // of the label or attribute
	role role
	rank int // among fields of the role; the lowest wins

	whole bool // an object stays in one piece
}

// compile indexes m by path. Of several meanings the one named later here wins:
// attribute, label, line, time.
func (m Mapping) compile() map[string]*field {
	fields := map[string]*field{}
	for path, name := range m.Rename {
		fields[path] = &field{path: path, name: name}
	}
	for path, label := range m.Labels {
		fields[path] = &field{path: path, name: label, role: roleLabel}
	}
	list := func(paths []string, r role) {
		for i, path := range paths {
			name := path
			if f := fields[path]; f != nil {
				name = f.name
			}
			if f := fields[path]; f == nil || f.role != r {
				fields[path] = &field{path: path, name: name, role: r, rank: i}
			}
		}
	}
	list(m.Body, roleBody)
	list(m.Time, roleTime)
	for _, path := range m.Whole {
		if fields[path] == nil {
			fields[path] = &field{path: path, name: path}
		}
		fields[path].whole = true
	}
	return fields
}

// Readers keeps the Reader of each mapping that requests ask for. It is safe
// for concurrent use.
type Readers struct {
	base  Mapping
	plain *Reader

	mu sync.Mutex
	m  map[string]*Reader
}

// maxReaders bounds the mappings that are remembered; beyond it they are made
// for each request.
const maxReaders = 256

// NewReaders returns the readers of base and of what requests make of it.
func NewReaders(base Mapping) *Readers {
	return &Readers{base: base, plain: NewReader(base), m: map[string]*Reader{}}
}

// Of returns the Reader that r asks for.
func (rs *Readers) Of(r *http.Request) *Reader {
	m, key := rs.base.Override(r)
	if key == "" {
		return rs.plain
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rd := rs.m[key]; rd != nil {
		return rd
	}
	rd := NewReader(m)
	if len(rs.m) < maxReaders {
		rs.m[key] = rd
	}
	return rd
}
