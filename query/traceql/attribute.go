package traceql

import "strings"

// A Scope says where an attribute is looked up.
type Scope uint8

// The scopes. ScopeNone looks at the span, then at the resource.
const (
	ScopeNone Scope = iota
	ScopeSpan
	ScopeResource
	ScopeEvent
	ScopeLink
	ScopeInstrumentation
)

var scopeNames = map[string]Scope{
	"span": ScopeSpan, "resource": ScopeResource, "event": ScopeEvent, "link": ScopeLink, "instrumentation": ScopeInstrumentation,
}

// String returns the scope as queries spell it; "" for ScopeNone.
func (s Scope) String() string {
	return [...]string{"", "span", "resource", "event", "link", "instrumentation"}[s]
}

// An Intrinsic is a property that is not an attribute.
type Intrinsic uint8

// The intrinsics.
const (
	NoIntrinsic Intrinsic = iota
	IntrinsicDuration
	IntrinsicName
	IntrinsicStatus
	IntrinsicStatusMessage
	IntrinsicKind
	IntrinsicSpanID
	IntrinsicParentID
	IntrinsicChildCount
	IntrinsicNestedSetLeft
	IntrinsicNestedSetRight
	IntrinsicNestedSetParent
	IntrinsicTraceDuration
	IntrinsicRootName
	IntrinsicRootService
	IntrinsicTraceID
	IntrinsicEventName
	IntrinsicEventTime // since the span's start
	IntrinsicLinkTraceID
	IntrinsicLinkSpanID
	IntrinsicScopeName
	IntrinsicScopeVersion
	intrinsics
)

// intrinsicNames has the name an answer uses for each intrinsic, which is the
// old unscoped spelling where there is one.
var intrinsicNames = [intrinsics]string{
	IntrinsicDuration: "duration", IntrinsicName: "name", IntrinsicStatus: "status", IntrinsicStatusMessage: "statusMessage",
	IntrinsicKind: "kind", IntrinsicSpanID: "span:id", IntrinsicParentID: "span:parentID", IntrinsicChildCount: "span:childCount",
	IntrinsicNestedSetLeft: "nestedSetLeft", IntrinsicNestedSetRight: "nestedSetRight", IntrinsicNestedSetParent: "nestedSetParent",
	IntrinsicTraceDuration: "traceDuration", IntrinsicRootName: "rootName", IntrinsicRootService: "rootServiceName",
	IntrinsicTraceID: "trace:id", IntrinsicEventName: "event:name", IntrinsicEventTime: "event:timeSinceStart",
	IntrinsicLinkTraceID: "link:traceID", IntrinsicLinkSpanID: "link:spanID",
	IntrinsicScopeName: "instrumentation:name", IntrinsicScopeVersion: "instrumentation:version",
}

// plainIntrinsics are the unscoped spellings.
var plainIntrinsics = map[string]Intrinsic{
	"duration": IntrinsicDuration, "name": IntrinsicName, "status": IntrinsicStatus, "statusMessage": IntrinsicStatusMessage,
	"kind": IntrinsicKind, "rootName": IntrinsicRootName, "rootServiceName": IntrinsicRootService, "traceDuration": IntrinsicTraceDuration,
	"nestedSetLeft": IntrinsicNestedSetLeft, "nestedSetRight": IntrinsicNestedSetRight, "nestedSetParent": IntrinsicNestedSetParent,
}

var scopedIntrinsics = map[string]Intrinsic{
	"span:duration": IntrinsicDuration, "span:name": IntrinsicName, "span:kind": IntrinsicKind, "span:status": IntrinsicStatus,
	"span:statusMessage": IntrinsicStatusMessage, "span:id": IntrinsicSpanID, "span:parentID": IntrinsicParentID,
	"span:childCount": IntrinsicChildCount,
	"trace:duration":  IntrinsicTraceDuration, "trace:rootName": IntrinsicRootName, "trace:rootService": IntrinsicRootService,
	"trace:id":   IntrinsicTraceID,
	"event:name": IntrinsicEventName, "event:timeSinceStart": IntrinsicEventTime,
	"link:traceID": IntrinsicLinkTraceID, "link:spanID": IntrinsicLinkSpanID,
	"instrumentation:name": IntrinsicScopeName, "instrumentation:version": IntrinsicScopeVersion,
}

// IntrinsicTags returns every intrinsic's spelling in lists of tag names.
func IntrinsicTags() []string {
	out := make([]string, 0, len(plainIntrinsics)+len(scopedIntrinsics))
	for name := range plainIntrinsics {
		out = append(out, name)
	}
	for name := range scopedIntrinsics {
		out = append(out, name)
	}
	return out
}

// An Attribute refers to an attribute or an intrinsic of a span. Attributes
// are comparable; use Same to ignore how an intrinsic was spelled.
type Attribute struct {
	Scope     Scope
	Parent    bool   // parent.…: parses, but is refused
	Name      string // of an attribute, without quotes
	Intrinsic Intrinsic
	Spelled   string // of an intrinsic, as written
}

// key is a with its spelling dropped: the key of what it refers to.
func (a Attribute) key() Attribute {
	a.Spelled = ""
	return a
}

// String returns the attribute as queries spell it.
func (a Attribute) String() string {
	if a.Intrinsic != NoIntrinsic {
		if a.Spelled != "" {
			return a.Spelled
		}
		return intrinsicNames[a.Intrinsic]
	}
	s := a.Scope.String() + "."
	if a.Parent {
		s = "parent." + strings.TrimPrefix(s, ".")
	}
	plain := !strings.ContainsAny(a.Name, `"\`) && !strings.ContainsFunc(a.Name, endsName)
	if plain && a.Scope == ScopeNone && !a.Parent && isNumberAhead("."+a.Name) {
		plain = false
	}
	if a.Parent && a.Scope == ScopeNone && plain {
		first, _, found := strings.Cut(a.Name, ".")
		_, scope := scopeNames[first]
		plain = !found || !scope
	}
	if plain {
		return s + a.Name
	}
	return s + `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Name) + `"`
}

// label returns the name of a's label in metric series.
func (a Attribute) label() string {
	if a.Intrinsic != NoIntrinsic {
		return intrinsicNames[a.Intrinsic]
	}
	return a.String()
}

// ofTrace reports whether a needs more than the span itself to be known.
func (a Attribute) ofTrace() bool {
	switch a.Intrinsic {
	case IntrinsicTraceDuration, IntrinsicRootName, IntrinsicRootService, IntrinsicChildCount,
		IntrinsicNestedSetLeft, IntrinsicNestedSetRight, IntrinsicNestedSetParent:
		return true
	}
	return false
}

// ofTree reports whether a depends on parents and children.
func (a Attribute) ofTree() bool {
	switch a.Intrinsic {
	case IntrinsicChildCount, IntrinsicNestedSetLeft, IntrinsicNestedSetRight, IntrinsicNestedSetParent:
		return true
	}
	return false
}

func (a Attribute) ofEvent() bool {
	return a.Scope == ScopeEvent || a.Intrinsic == IntrinsicEventName || a.Intrinsic == IntrinsicEventTime
}

func (a Attribute) ofLink() bool {
	return a.Scope == ScopeLink || a.Intrinsic == IntrinsicLinkTraceID || a.Intrinsic == IntrinsicLinkSpanID
}

// ParseAttribute reads an attribute or intrinsic alone, as in the path of a
// tag-values request.
func ParseAttribute(s string) (Attribute, error) {
	toks, err := lex(s)
	if err != nil {
		return Attribute{}, err
	}
	p := parser{in: s, toks: toks}
	a, err := p.attribute()
	if err != nil {
		return Attribute{}, err
	}
	if a.Parent {
		return Attribute{}, checkErrorf("%v: parent attributes are not yet supported", a)
	}
	return a, p.end()
}
