package support

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// minSecret is the least length of a secret that is looked for: shorter ones
// would be found within words.
const minSecret = 6

// hidden stands for a secret, as it does in Prometheus.
const hidden = "<secret>"

// A hider takes secrets out of texts, in the forms in which they may stand there.
type hider struct{ replace *strings.Replacer }

func newHider(secrets []string) hider {
	var forms []string
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s), inJSON(s, true), inJSON(s, false), base64.StdEncoding.EncodeToString([]byte(s)))
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) }) // one may be within another
	forms = slices.Compact(forms)
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, hidden)
	}
	return hider{strings.NewReplacer(pairs...)}
}

func (h hider) text(b []byte) []byte { return []byte(h.replace.Replace(string(b))) }

// inJSON returns s as it stands between the quotes of a JSON string, with < > and
// & escaped as for HTML, or not.
func inJSON(s string, html bool) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	_ = enc.Encode(s) // strings always encode
	return string(bytes.TrimSpace(b.Bytes())[1 : b.Len()-2])
}
