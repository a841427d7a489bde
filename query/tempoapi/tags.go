package tempoapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// maxTagBytes caps what an answer of names or values takes; the rest is left
// out without a word, as in Tempo.
const maxTagBytes = 5 << 20

// tagsRequest reads what all tag requests share.
func (h *Handler) tagsRequest(v url.Values) (*traceql.Filter, model.Range, error) {
	start, end, _, err := h.seconds(v)
	if err != nil {
		return nil, model.Range{}, err
	}
	if _, err := positiveInt(v, "limit", 1); err != nil {
		return nil, model.Range{}, err
	}
	var f *traceql.Filter
	if q := v.Get("q"); q != "" {
		f = traceql.ParseFilter(q)
	}
	return f, closedRange(start, end), nil
}

// scopesOf reads the parameter scope; intrinsic tells whether intrinsics are
// asked for.
func scopesOf(v url.Values) (scopes []traceql.Scope, intrinsic bool, err error) {
	switch name := v.Get("scope"); name {
	case "", "none":
		return traceql.Scopes(), true, nil
	case "intrinsic":
		return nil, true, nil
	default:
		s, ok := traceql.ScopeOf(name)
		if !ok {
			return nil, false, invalidf("invalid scope: %s", name)
		}
		return []traceql.Scope{s}, false, nil
	}
}

// listedIntrinsics are the intrinsics in lists of tags: those whose values may
// be asked for. Positions in the tree are not among them.
func listedIntrinsics() []string {
	names := slices.DeleteFunc(traceql.IntrinsicTags(), func(n string) bool {
		return strings.HasPrefix(n, "nestedSet") || n == "span:childCount"
	})
	slices.Sort(names)
	return names
}

type scopeTags struct {
	Name string   `json:"name"`
	Tags []string `json:"tags"`
}

func (h *Handler) tagsV2(w http.ResponseWriter, r *http.Request) error {
	scopes, err := h.tagsByScope(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"scopes": scopes, "metrics": struct{}{}})
}

func (h *Handler) tagsByScope(ctx context.Context, v url.Values) ([]scopeTags, error) {
	scopes, intrinsic, err := scopesOf(v)
	if err != nil {
		return nil, err
	}
	f, span, err := h.tagsRequest(v)
	if err != nil {
		return nil, err
	}
	limit, _ := positiveInt(v, "limit", 0)
	out := []scopeTags{}
	left := maxTagBytes
	for _, s := range scopes {
		names, err := h.engine.Tags(ctx, f, span, s, len(scopes) > 1)
		if err != nil {
			return nil, err
		}
		if limit > 0 && len(names) > limit {
			names = names[:limit]
		}
		if names = capBytes(names, &left); len(names) > 0 {
			out = append(out, scopeTags{Name: s.String(), Tags: names})
		}
	}
	if intrinsic {
		out = append(out, scopeTags{Name: "intrinsic", Tags: listedIntrinsics()})
	}
	return out, nil
}

// capBytes returns the names that fit in *left bytes, which it reduces.
func capBytes(names []string, left *int) []string {
	for i, n := range names {
		if *left -= len(n); *left < 0 {
			return names[:i]
		}
	}
	return names
}

func (h *Handler) tagsV1(w http.ResponseWriter, r *http.Request) error {
	names, err := h.tagNames(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"tagNames": names, "metrics": struct{}{}})
}

// tagNames lists the tags of all scopes that are asked for together.
func (h *Handler) tagNames(ctx context.Context, v url.Values) ([]string, error) {
	scopes, intrinsic, err := scopesOf(v)
	if err != nil {
		return nil, err
	}
	f, span, err := h.tagsRequest(v)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, s := range scopes {
		names, err := h.engine.Tags(ctx, f, span, s, len(scopes) > 1)
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			seen[n] = true
		}
	}
	if intrinsic && v.Get("scope") == "intrinsic" {
		for _, n := range listedIntrinsics() {
			seen[n] = true
		}
	}
	names := append([]string{}, sortedKeys(seen)...) // never null
	if limit, _ := positiveInt(v, "limit", 0); limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	left := maxTagBytes
	return capBytes(names, &left), nil
}

// tagOf returns the {tag} of …/tag/{tag}/values, which may have slashes,
// escaped or not.
func tagOf(r *http.Request) (string, error) {
	path := r.URL.EscapedPath()
	_, rest, _ := strings.Cut(path, "/search/tag/")
	tag, ok := strings.CutSuffix(rest, "/values")
	if !ok || tag == "" {
		return "", invalidf("path %q names no tag", path)
	}
	tag, err := url.PathUnescape(tag)
	if err != nil {
		return "", invalidf("tag %q: %v", tag, err)
	}
	return tag, nil
}

type tagValue struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

func (h *Handler) tagValuesV2(w http.ResponseWriter, r *http.Request) error {
	tag, err := tagOf(r)
	if err != nil {
		return err
	}
	vals, err := h.typedValues(r.Context(), tag, r.URL.Query())
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"tagValues": vals, "metrics": struct{}{}})
}

// typedValues lists the values of a tag of version 2.
func (h *Handler) typedValues(ctx context.Context, tag string, v url.Values) ([]tagValue, error) {
	attr, err := traceql.ParseAttribute(tag)
	if err != nil {
		return nil, invalidf("invalid tag %q: %v", tag, err)
	}
	vals, err := h.tagValues(ctx, attr, v)
	if err != nil {
		return nil, err
	}
	out := make([]tagValue, len(vals))
	for i, s := range vals {
		out[i] = tagValue{Type: valueType(s), Value: s.Text()}
	}
	return out, nil
}

func (h *Handler) tagValues(ctx context.Context, attr traceql.Attribute, v url.Values) ([]traceql.Static, error) {
	f, span, err := h.tagsRequest(v)
	if err != nil {
		return nil, err
	}
	vals, err := h.engine.TagValues(ctx, f, span, attr)
	if err != nil {
		return nil, err
	}
	if limit, _ := positiveInt(v, "limit", 0); limit > 0 && len(vals) > limit {
		vals = vals[:limit]
	}
	size := 0
	for i, s := range vals {
		if size += len(s.Text()); size > maxTagBytes {
			return vals[:i], nil
		}
	}
	return vals, nil
}

// valueType returns the type of a tag value in version 2 answers.
func valueType(s traceql.Static) string {
	switch s.Type() {
	case traceql.TypeInt:
		return "int"
	case traceql.TypeFloat:
		return "float"
	case traceql.TypeBool:
		return "bool"
	case traceql.TypeDuration:
		return "duration"
	case traceql.TypeStatus, traceql.TypeKind:
		return "keyword"
	}
	return "string"
}

func (h *Handler) tagValuesV1(w http.ResponseWriter, r *http.Request) error {
	tag, err := tagOf(r)
	if err != nil {
		return err
	}
	texts, err := h.textValues(r.Context(), tag, r.URL.Query())
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"tagValues": texts, "metrics": struct{}{}})
}

// textValues lists the values of a tag of version 1.
func (h *Handler) textValues(ctx context.Context, tag string, v url.Values) ([]string, error) {
	texts := []string{} // never null
	switch tag {
	case "status.code":
		texts = []string{"unset", "ok", "error"}
	case "error":
		texts = []string{"true"}
	default:
		vals, err := h.tagValues(ctx, v1Attribute(tag), v)
		if err != nil {
			return nil, err
		}
		for _, s := range vals {
			if !slices.Contains(texts, s.Text()) {
				texts = append(texts, s.Text())
			}
		}
	}
	return texts, nil
}

// v1Attribute returns what a tag of version 1 means: an attribute of span or
// resource, by its bare name, but for a few names.
func v1Attribute(tag string) traceql.Attribute {
	switch tag {
	case "name":
		return traceql.Attribute{Intrinsic: traceql.IntrinsicName}
	case "root.name":
		return traceql.Attribute{Intrinsic: traceql.IntrinsicRootName}
	case "root.service.name":
		return traceql.Attribute{Intrinsic: traceql.IntrinsicRootService}
	}
	return traceql.Attribute{Name: tag}
}
