package notify

import (
	"log/slog"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Source is the text of an Alertmanager configuration. The zero Source is a
// configuration that notifies nobody; alerts are seen all the same.
type Source struct {
	Text []byte // YAML; nil notifies nobody
	Name string // of the file or section, for errors
	Dir  string // that relative paths in the text start from
}

// silent routes every alert to a receiver that does nothing.
const silent = "route:\n  receiver: none\nreceivers:\n  - name: none\n"

// matchers sets how Alertmanager's packages read matchers and label names:
// UTF-8 with the older syntax as a fallback, as in Alertmanager itself. They
// keep it in a package variable, which their other users must not see change.
var matchers = sync.OnceFunc(func() {
	compat.InitFromFlags(slog.New(slog.DiscardHandler), featurecontrol.NoopFlags{})
})

// load parses s. Errors are one line and wrap fault.ErrInvalid.
func (s Source) load() (*amconfig.Config, error) {
	matchers()
	if s.Text == nil {
		s.Text = []byte(silent)
	}
	conf, err := amconfig.Load(string(s.Text))
	if err != nil {
		return nil, s.fault(err)
	}
	for i, t := range conf.Templates {
		if !filepath.IsAbs(t) {
			conf.Templates[i] = filepath.Join(s.Dir, t)
		}
	}
	setDirectory(reflect.ValueOf(conf.Global), s.Dir)
	setDirectory(reflect.ValueOf(conf.Receivers), s.Dir)
	return conf, nil
}

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// fault makes one line of err that starts with s's name.
func (s Source) fault(err error) error {
	text := strings.Join(strings.Fields(err.Error()), " ")
	text = strings.TrimPrefix(text, "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors: ")
	text = unknownField.ReplaceAllString(text, `unknown field "$1"`)
	if s.Name != "" {
		text = s.Name + ": " + text
	}
	return configError(text)
}

// A configError is what is wrong with a configuration, in one line.
type configError string

func (e configError) Error() string { return string(e) }

func (configError) Unwrap() error { return fault.ErrInvalid }

// setDirectory tells every part of a configuration that has file names of its
// own, such as an http_config's credentials_file, where relative ones start.
// Alertmanager does so for files only, and this configuration may be a section
// of another.
func setDirectory(v reflect.Value, dir string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if d, ok := v.Interface().(interface{ SetDirectory(dir string) }); ok {
			d.SetDirectory(dir)
			return
		}
		setDirectory(v.Elem(), dir)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				setDirectory(v.Field(i), dir)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			setDirectory(v.Index(i), dir)
		}
	default:
	}
}

// Check returns what is wrong with s, its templates and receivers included,
// in one line that wraps fault.ErrInvalid.
func Check(s Source) error {
	conf, err := s.load()
	if err != nil {
		return err
	}
	if _, err := newPlan(conf, Options{Config: DefaultConfig()}, slog.New(slog.DiscardHandler)); err != nil {
		return s.fault(err)
	}
	return nil
}

// Masked returns s as Alertmanager reads it, defaults filled in and secrets
// replaced by "<secret>".
func Masked(s Source) (string, error) {
	conf, err := s.load()
	if err != nil {
		return "", err
	}
	return conf.String(), nil
}
