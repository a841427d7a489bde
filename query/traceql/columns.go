package traceql

import "github.com/oriel-obs/oriel/model"

// Tempo keeps some attributes in columns of their own, each of one type. Where
// a query reads such an attribute without comparing it with a literal, as in
// by(), select(), arithmetic and aggregates, the column answers for every span:
// with nil where the attribute is missing or of another type. That nil shows
// in answers and counts as there. Comparisons with literals are not affected.
var columns = map[Attribute]Type{
	{Scope: ScopeSpan, Name: "http.method"}:               TypeString,
	{Scope: ScopeSpan, Name: "http.request.method"}:       TypeString,
	{Scope: ScopeSpan, Name: "http.response.status_code"}: TypeInt,
	{Scope: ScopeSpan, Name: "http.route"}:                TypeString,
	{Scope: ScopeSpan, Name: "http.status_code"}:          TypeInt,
	{Scope: ScopeSpan, Name: "http.url"}:                  TypeString,
	{Scope: ScopeSpan, Name: "server.address"}:            TypeString,
	{Scope: ScopeSpan, Name: "server.port"}:               TypeInt,
	{Scope: ScopeSpan, Name: "url.path"}:                  TypeString,
	{Scope: ScopeSpan, Name: "url.route"}:                 TypeString,
	{Scope: ScopeResource, Name: "k8s.cluster.name"}:      TypeString,
	{Scope: ScopeResource, Name: "k8s.container.name"}:    TypeString,
	{Scope: ScopeResource, Name: "k8s.namespace.name"}:    TypeString,
	{Scope: ScopeResource, Name: "k8s.pod.name"}:          TypeString,
}

// columnOf returns the type of a's column, or TypeNil if it has none.
func columnOf(a Attribute) Type { return columns[a.key()] }

// columnValue returns what a column of a type holds of a stored value.
func columnValue(t Type, v model.Value) model.Value {
	if staticOf(v).typ != t {
		return model.Value{}
	}
	return v
}

// inColumn drops what a column of a type has no place for; TypeNil stands for
// no column.
func (r result) inColumn(t Type) result {
	if t == TypeNil || r.one.typ == t {
		return r
	}
	return result{}
}
