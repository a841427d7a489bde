package samples

// appendName adds name to dst in the form that needs no quotes: see the
// package's comment. colons says whether they may stay.
func appendName[T string | []byte](dst []byte, name T, colons bool) []byte {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c == ':' && colons:
		case c >= '0' && c <= '9':
		case c >= 0x80 && c < 0xc0:
			continue // the character became one underscore at its first byte
		default:
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

// nameFrom puts an underscore before a digit that begins the name at from.
func nameFrom(dst []byte, from int) []byte {
	if from < len(dst) && dst[from] >= '0' && dst[from] <= '9' {
		dst = append(dst, 0)
		copy(dst[from+1:], dst[from:])
		dst[from] = '_'
	}
	return dst
}

// MetricName returns name as a Batch makes it.
func MetricName(name string) string {
	return string(nameFrom(appendName(nil, name, true), 0))
}

// LabelName returns name as a Batch makes it.
func LabelName(name string) string {
	return string(nameFrom(appendName(nil, name, false), 0))
}
