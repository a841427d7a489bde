package traceql

import "fmt"

// A tokenKind classifies a token. Operators and brackets are their own text.
type tokenKind uint8

const (
	tokEOF    tokenKind = iota
	tokOp               // operator or bracket; text says which
	tokWord             // keyword, intrinsic or function name
	tokAttr             // attribute or scoped intrinsic; attr holds it
	tokStatic           // string, number or duration; static holds it
)

type token struct {
	kind   tokenKind
	text   string // as written
	attr   Attribute
	static Static
	pos    int // byte offset
}

func (t token) String() string {
	if t.kind == tokEOF {
		return "end of query"
	}
	return fmt.Sprintf("%q", t.text)
}

// operators, longest first so that the lexer takes the longest that fits.
var operators = []string{
	"!>>", "!<<", "&>>", "&<<",
	"&&", "||", "!=", "!~", "!>", "!<", "&>", "&<", "&~", "=~", "<=", ">=", "<<", ">>",
	"{", "}", "(", ")", ",", "|", "=", "<", ">", "~", "!", "+", "-", "*", "/", "%", "^",
}
