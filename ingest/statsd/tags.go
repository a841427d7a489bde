package statsd

import (
	"fmt"
	"strings"
)

// A tag is a name and a value as they were sent.
type tag struct{ name, value string }

// splitName returns the name without the tags that dialects other than
// DogStatsD's put there.
func splitName(name string) (plain string, tags []tag, err error) {
	if open := strings.IndexByte(name, '['); open >= 0 { // SignalFx
		end := strings.IndexByte(name, ']')
		if end < open {
			return "", nil, fmt.Errorf("name %.128q has one bracket", name)
		}
		tags, err = split(name[open+1:end], "=", nil)
		return name[:open] + name[end+1:], tags, err
	}
	if i := strings.IndexAny(name, ",#"); i >= 0 { // InfluxDB, Librato
		tags, err = split(name[i+1:], "=", nil)
		return name[:i], tags, err
	}
	return name, nil, nil
}

// split adds the tags of list to tags. Between name and value stands sep.
func split(list, sep string, tags []tag) ([]tag, error) {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimPrefix(one, "#"); one == "" {
			continue
		}
		name, value, ok := strings.Cut(one, sep)
		if name == "" {
			return nil, fmt.Errorf("tag %.64q has no name", one)
		}
		if !ok {
			value = "true"
		}
		tags = append(tags, tag{name, value})
	}
	return tags, nil
}
