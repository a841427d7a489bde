package otlp

import (
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/otlptranslator"
)

// A translation is how names and attributes of metrics become Prometheus'. It
// gives what Prometheus' own storage/remote/otlptranslator does, which a test
// holds it to; that one builds, sorts and copies the labels of every sample,
// where here a series met before is recognized and nothing is built.
type translation struct {
	families *families
	info     *family // target_info
	label    otlptranslator.LabelNamer

	promote         attributeSet
	keepIdentifying bool
	nhcb            bool
	scope           bool
}

func newTranslation(c Config) *translation {
	utf8 := !c.TranslationStrategy.ShouldEscape()
	return &translation{
		families: newFamilies(otlptranslator.NewMetricNamer("", c.TranslationStrategy)),
		info:     &family{name: targetInfoName, hash: xxhash.Sum64String(targetInfoName)},
		label: otlptranslator.LabelNamer{
			UTF8Allowed:                 utf8,
			UnderscoreLabelSanitization: c.LabelNameUnderscoreSanitization, //nolint:staticcheck // Prometheus has the setting too
			PreserveMultipleUnderscores: c.LabelNamePreserveMultipleUnderscores,
		},
		promote:         promoted(c),
		keepIdentifying: c.KeepIdentifyingResourceAttributes,
		nhcb:            c.ConvertHistogramsToNHCB,
		scope:           c.PromoteScopeMetadata,
	}
}

// labelError says why an attribute called key cannot become a label, or nil.
func (t *translation) labelError(key string) error {
	for i := range len(key) {
		c := key[i]
		if c != '_' && isLabelByte(c) {
			return nil // the rule is about names of underscores alone
		}
	}
	_, err := t.label.Build(key)
	return err
}

// An attributeSet names attributes, some by how they begin.
type attributeSet struct {
	all      bool // but those named
	names    map[string]struct{}
	prefixes []string
}

func promoted(c Config) attributeSet {
	s := attributeSet{all: c.PromoteAllResourceAttributes, names: map[string]struct{}{}}
	keys := c.PromoteResourceAttributes
	switch {
	case s.all:
		keys = c.IgnoreResourceAttributes
	case keys == nil:
		keys = DefaultPromoted()
	}
	for _, k := range keys {
		if prefix, ok := strings.CutSuffix(k, "*"); ok {
			s.prefixes = append(s.prefixes, prefix)
			continue
		}
		s.names[k] = struct{}{}
	}
	return s
}

func (s *attributeSet) has(key string) bool {
	_, named := s.names[key]
	for i := 0; i < len(s.prefixes) && !named; i++ {
		named = strings.HasPrefix(key, s.prefixes[i])
	}
	return named != s.all
}
