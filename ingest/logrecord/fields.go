package logrecord

import "github.com/oriel-obs/oriel/model"

// Fields takes the fields of a record that is not JSON, for a Reader's Mapping
// to be applied to them.
type Fields struct {
	d       *document
	refusal *Refusal
}

// Build makes rec, which it resets, of the fields that fill sets. whole returns
// the line of a record that has none.
func (r *Reader) Build(rec *Record, fill func(*Fields) error, whole func() string) *Refusal {
	d := r.document(nil, rec)
	defer r.pool.Put(d)
	f := &Fields{d: d}
	if err := fill(f); err != nil {
		return Malformed("%v", err)
	}
	if f.refusal != nil {
		return f.refusal
	}
	if refusal := d.settle(); refusal != nil {
		return refusal
	}
	if rec.Bare {
		rec.Body = whole()
	}
	return nil
}

// Enter begins an object; what is set until leave is called is inside it.
func (f *Fields) Enter(key string) (leave func()) {
	at := f.push(key)
	return func() { f.d.path = f.d.path[:at] }
}

// Set sets the field key of the object entered last.
func (f *Fields) Set(key string, v model.Value) {
	if v.IsNone() || f.refusal != nil {
		return
	}
	at := f.push(key)
	if f.refusal = f.d.count(); f.refusal == nil {
		f.d.put(f.d.field(), v, nil)
	}
	f.d.path = f.d.path[:at]
}

// push appends key to the path, and returns its length before.
func (f *Fields) push(key string) int {
	at := len(f.d.path)
	if at > 0 {
		f.d.path = append(f.d.path, '.')
	}
	f.d.path = append(f.d.path, key...)
	return at
}
