package lokipush

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeLegacyJSON reads the shape that went with /api/prom/push:
//
//	{"streams": [{"labels": "{app=\"api\"}", "entries": [{"ts": "<RFC 3339>", "line": "..."}]}]}
//
// Lines refer to body's bytes, which must not change afterwards.
func (p *push) decodeLegacyJSON(body []byte) error {
	return p.decodeDocument(body, func(d *jsonDecoder) error {
		var (
			labels  string
			entries jsontext.Value
		)
		err := d.object(func(key string) (err error) {
			switch key {
			case "labels":
				labels, err = d.string("labels in a string")
			case "entries":
				entries, err = d.value()
			default:
				err = d.skip()
			}
			return err
		})
		if err != nil {
			return err
		}
		p.begin(p.h.streamOfText([]byte(labels)))
		if entries == nil {
			return nil
		}
		e := newJSONDecoder(entries)
		return e.array(func() error { return p.decodeLegacyEntry(e) })
	})
}

func (p *push) decodeLegacyEntry(d *jsonDecoder) error {
	var (
		at   time.Time
		line string
	)
	p.meta = p.meta[:0]
	err := d.object(func(key string) (err error) {
		switch key {
		case "ts", "timestamp":
			var s string
			if s, err = d.string("a timestamp in a string"); err != nil {
				return err
			}
			if at, err = time.Parse(time.RFC3339Nano, s); err != nil {
				return fmt.Errorf("timestamp %q is not RFC 3339", shorten(s))
			}
		case "line":
			line, err = d.string("a log line")
		case "structuredMetadata":
			err = d.stringMap(p.addMetadata)
		default:
			err = d.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	p.entry(unixNano(at.Unix(), int64(at.Nanosecond())), line, p.meta)
	return nil
}
