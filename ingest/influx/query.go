package influx

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A result is the answer to one statement of InfluxQL.
type result struct {
	Statement int      `json:"statement_id"`
	Series    []series `json:"series,omitempty"`
	Error     string   `json:"error,omitempty"`
}

type series struct {
	Name    string     `json:"name"`
	Columns []string   `json:"columns"`
	Values  [][]string `json:"values,omitempty"`
}

// The statements that are answered. An identifier may stand in double quotes.
var (
	createDatabase = regexp.MustCompile(`(?is)^create\s+database\s+("(?:[^"\\]|\\.)*"|\S+)`)
	otherStatement = regexp.MustCompile(`(?is)^(?:drop\s+database|(?:create|alter|drop)\s+retention\s+policy)\s`)
	showDatabases  = regexp.MustCompile(`(?is)^show\s+databases$`)
)

// query answers what clients ask before they write.
func (h *Handler) query(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, fault.ErrInvalid)
	}
	q := r.Form.Get("q")
	if strings.TrimSpace(q) == "" {
		return fmt.Errorf(`missing required parameter "q": %w`, fault.ErrInvalid)
	}
	var results []result
	for _, statement := range statements(q) {
		x := h.execute(statement)
		x.Statement = len(results)
		results = append(results, x)
	}
	versioned(w)
	answer(w, http.StatusOK, map[string]any{"results": results})
	return nil
}

// statements splits q at semicolons outside of quotes.
func statements(q string) []string {
	var out []string
	var quote byte
	from := 0
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	for i := 0; i < len(q); i++ {
		switch c := q[i]; {
		case quote != 0 && c == '\\':
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == ';':
			add(q[from:i])
			from = i + 1
		}
	}
	add(q[from:])
	return out
}

func (h *Handler) execute(statement string) result {
	if m := createDatabase.FindStringSubmatch(statement); m != nil {
		name := m[1]
		if strings.HasPrefix(name, `"`) {
			name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(name[1 : len(name)-1])
		}
		h.names.add(name)
		return result{}
	}
	if otherStatement.MatchString(statement) {
		return result{} // there is nothing to make or to drop
	}
	if showDatabases.MatchString(statement) {
		s := series{Name: "databases", Columns: []string{"name"}}
		for _, name := range h.names.all() {
			s.Values = append(s.Values, []string{name})
		}
		return result{Series: []series{s}}
	}
	return result{Error: fmt.Sprintf("not supported here: %.128q; query with PromQL", statement)}
}

// databases are the names that were created or written to since the start, up
// to a number.
type databases struct {
	mu    sync.Mutex
	names map[string]struct{}
}

const maxDatabases = 1000

func (d *databases) add(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == "" || len(name) > 256 {
		return
	}
	if _, known := d.names[name]; known || len(d.names) >= maxDatabases {
		return
	}
	if d.names == nil {
		d.names = map[string]struct{}{}
	}
	d.names[strings.Clone(name)] = struct{}{}
}

func (d *databases) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, 0, len(d.names))
	for name := range d.names {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
