package pushgateway

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/fault"
)

const base64Suffix = "@base64"

// parsePath returns the labels of a group from what follows /metrics/ in an
// escaped path: job/<job>{/<name>/<value>}.
func parsePath(escaped string) (labels.Labels, error) {
	parts := strings.Split(strings.Trim(escaped, "/"), "/")
	if strings.HasSuffix(escaped, "/") && len(parts)%2 == 1 {
		parts = append(parts, "") // an empty last value
	}
	if len(parts)%2 != 0 {
		return labels.EmptyLabels(), fmt.Errorf("odd number of components in label string %q: %w", escaped, fault.ErrInvalid)
	}
	sets := map[string]string{}
	for i := 0; i < len(parts); i += 2 {
		name, err := url.PathUnescape(parts[i])
		if err != nil {
			return labels.EmptyLabels(), fmt.Errorf("label name %q: %w: %w", parts[i], err, fault.ErrInvalid)
		}
		value, err := url.PathUnescape(parts[i+1])
		if err != nil {
			return labels.EmptyLabels(), fmt.Errorf("value of label %q: %w: %w", name, err, fault.ErrInvalid)
		}
		name, encoded := strings.CutSuffix(name, base64Suffix)
		if encoded {
			if value, err = decodeBase64(value); err != nil {
				return labels.EmptyLabels(), fmt.Errorf("invalid base64 encoding in value of label %q: %w: %w", name, err, fault.ErrInvalid)
			}
		}
		_, twice := sets[name]
		switch {
		case i == 0 && name != "job":
			return labels.EmptyLabels(), fmt.Errorf("the path begins with label %q, not job: %w", name, fault.ErrInvalid)
		case i == 0 && value == "":
			return labels.EmptyLabels(), fmt.Errorf("job name is required: %w", fault.ErrInvalid)
		case !model.UTF8Validation.IsValidLabelName(name) || strings.HasPrefix(name, "__"):
			return labels.EmptyLabels(), fmt.Errorf("improper label name %q: %w", name, fault.ErrInvalid)
		case twice:
			return labels.EmptyLabels(), fmt.Errorf("label %q is in the path twice: %w", name, fault.ErrInvalid)
		case !model.LabelValue(value).IsValid():
			return labels.EmptyLabels(), fmt.Errorf("value of label %q is not UTF-8: %w", name, fault.ErrInvalid)
		}
		sets[name] = value
	}
	return labels.FromMap(sets), nil
}

// decodeBase64 takes the URL-safe alphabet, with padding or without; a lone =
// is the empty value.
func decodeBase64(s string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(b), err
}
