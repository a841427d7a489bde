package redact

// Digits in the number of a card. https://www.iso.org/standard/70484.html
const (
	minCard = 13
	maxCard = 19
)

// findCards returns where s has numbers of cards: of whole groups of digits,
// with one blank or hyphen between two, that have a right check digit
// together. Groups beside them, such as a date of expiry, do not hide one.
func findCards(s string) (found [][]int) {
	for at := 0; at < len(s); {
		if !isDigit(s[at]) {
			at++
			continue
		}
		if !wordBefore(s, at) {
			if end := cardAt(s, at); end > 0 {
				found = append(found, []int{at, end})
				at = end
				continue
			}
		}
		at = groupEnd(s, at)
	}
	return found
}

// cardAt returns the end of the longest number of a card that begins at s[at],
// the first digit of a group, or 0.
func cardAt(s string, at int) (end int) {
	var digits [maxCard]byte
	n := 0
	for {
		to := groupEnd(s, at)
		if n+to-at > maxCard {
			return end
		}
		n += copy(digits[n:], s[at:to])
		if to < len(s) && isWord(s[to]) {
			return end
		}
		if n >= minCard && luhn(digits[:n]) {
			end = to
		}
		if to+1 >= len(s) || s[to] != ' ' && s[to] != '-' || !isDigit(s[to+1]) {
			return end
		}
		at = to + 1
	}
}

// groupEnd returns where the digits that begin at s[at] end.
func groupEnd(s string, at int) int {
	for at < len(s) && isDigit(s[at]) {
		at++
	}
	return at
}

// wordBefore reports whether s[at] goes on with a word. An escape, such as \n,
// is none.
func wordBefore(s string, at int) bool {
	return at > 0 && isWord(s[at-1]) && (at == 1 || s[at-2] != '\\')
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// manyDigits reports whether s has n digits with at most one blank or hyphen
// between two.
func manyDigits(s string, n int) bool {
	run, gap := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			if run, gap = run+1, false; run == n {
				return true
			}
		case (c == ' ' || c == '-') && !gap:
			gap = true
		default:
			run = 0
		}
	}
	return false
}

// luhn reports whether the check digit of a card's number is right.
// https://www.iso.org/standard/70484.html, annex B.
func luhn(digits []byte) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, double = sum+d, !double
	}
	return sum%10 == 0
}
