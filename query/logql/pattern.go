package logql

import (
	"fmt"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// newLinePattern compiles the pattern of |> and !>.
func newLinePattern(expr string) (textTest, error) {
	p, err := linefield.ParsePattern(expr)
	if err != nil {
		return nil, err
	}
	if names := p.Names(); len(names) > 0 {
		return nil, fmt.Errorf("named captures are not allowed: found '<%s>'", names[0])
	}
	return p.Matches, nil
}
