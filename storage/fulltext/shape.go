package fulltext

// A word is a token with a character that is no hexadecimal digit. The
// dictionary knows words by their shape: every run of hexadecimal digits that
// has a decimal digit in it becomes a single 0, so that 1ms, 20ms and 300ms are
// all 0ms, and the fractions of time stamps, addresses in memory and numbered
// names do not fill the dictionary with words seen once. If a token contains a
// text, the token's shape contains one of the text's (partShapes).

// appendShape appends the shape of a folded token and reports whether it is a
// word. With maskFirst, a run at the very start becomes 0 in any case, and with
// maskLast so does one at the very end.
func appendShape(dst, token []byte, maskFirst, maskLast bool) (shape []byte, word bool) {
	for i := 0; i < len(token); {
		if !isHex(token[i]) {
			word = true
			dst = append(dst, token[i])
			i++
			continue
		}
		j, digit := i, false
		for j < len(token) && isHex(token[j]) {
			digit = digit || token[j] <= '9'
			j++
		}
		if digit || maskFirst && i == 0 || maskLast && j == len(token) {
			dst = append(dst, '0')
		} else {
			dst = append(dst, token[i:j]...)
		}
		i = j
	}
	return dst, word
}

// partShapes returns the shapes that a part of a folded token may have within
// the token's shape, or nil if the part is no word: then tokens that are none
// may contain it. startOpen and endOpen say that the token may go on before and
// after the part, so that a run there may have its decimal digit outside of it.
func partShapes(part []byte, startOpen, endOpen bool) []string {
	plain, word := appendShape(nil, part, false, false)
	if !word {
		return nil
	}
	shapes := []string{string(plain)}
	add := func(first, last bool) {
		s, _ := appendShape(nil, part, first, last)
		for _, have := range shapes {
			if have == string(s) {
				return
			}
		}
		shapes = append(shapes, string(s))
	}
	if startOpen {
		add(true, false)
	}
	if endOpen {
		add(false, true)
	}
	if startOpen && endOpen {
		add(true, true)
	}
	return shapes
}

// traceIDLen is the length of the longest ids in common use that are nothing
// but hexadecimal digits. A part of a token that is one may be all of it, which
// the bloom knows; of longer tokens with such a part there are few, so that it
// is enough to know the granules that have any (hidesID).
const traceIDLen = 32

// hidesID reports whether a folded token is longer than a trace id and has as
// many hexadecimal digits in a row.
func hidesID(token []byte) bool {
	if len(token) <= traceIDLen {
		return false
	}
	run := 0
	for _, c := range token {
		if !isHex(c) {
			run = 0
		} else if run++; run == traceIDLen {
			return true
		}
	}
	return false
}

// isHexOnly reports whether a token, in any case, is nothing but hexadecimal
// digits.
func isHexOnly(token string) bool {
	for i := range len(token) {
		if !isHex(asciiFold[token[i]]) {
			return false
		}
	}
	return true
}
