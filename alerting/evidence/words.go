package evidence

import (
	"fmt"
	"strings"
)

// Took is the duration in words, as in 2.1 s.
func (t Trace) Took() string { return inSeconds.text(t.Duration) }

// Path is the critical path in words: who had the time, in order.
func (t Trace) Path() string {
	steps := make([]string, len(t.Critical))
	for i, s := range t.Critical {
		steps[i] = fmt.Sprintf("%s %s %s", s.Service, s.Name, inSeconds.text(s.Self))
	}
	return strings.Join(steps, " → ")
}
