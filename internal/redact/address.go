package redact

import "regexp"

// address is one within a text, with what is behind its host apart.
var address = regexp.MustCompile(`([a-z][a-z0-9+.-]*://)(?:[^\s"'/?#@]*@)?([^\s"'/?#]+)([/?#][^\s"']*)?`)

// Addresses returns a text with addresses cut to their hosts: of those that
// notifications are sent to, the rest is often what lets one in.
func Addresses(text string) string {
	return address.ReplaceAllStringFunc(text, func(found string) string {
		part := address.FindStringSubmatch(found)
		if rest := part[3]; rest != "" && rest != "/" {
			return part[1] + part[2] + "/<hidden>"
		}
		return part[1] + part[2]
	})
}
