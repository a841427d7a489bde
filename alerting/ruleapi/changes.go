package ruleapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// A Change is what somebody did to rules through the API.
type Change struct {
	Time      time.Time `json:"time"`
	Action    string    `json:"action"` // created, changed or deleted
	Kind      string    `json:"kind"`   // what it was done to: alert, record, or all rules of a group or namespace
	Name      string    `json:"name"`   // of that
	Group     string    `json:"group,omitempty"`
	Namespace string    `json:"namespace"`
	Rules     int       `json:"rules"`            // how many rules it is about
	Author    string    `json:"author,omitempty"` // "" where nobody signs in
}

const (
	maxChanges = 1000 // that are kept of a tenant, the newest
	// maxOneByOne is how many changes of a request are told of one by one; of
	// more, one tells of each group, or of all.
	maxOneByOne = 20
)

// journal is the file in the folder of a tenant's rules that has the changes,
// a line of JSON each, oldest first.
const journal = "changes.jsonl"

func (h *Handler) changesOf(dir string) ([]Change, error) {
	text, err := os.ReadFile(filepath.Join(dir, journal)) //nolint:gosec // a folder of ours
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []Change
	for line := range bytes.Lines(text) {
		var c Change
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, journal), err)
		}
		out = append(out, c)
	}
	return out, nil
}

// note keeps what was done. The rules are in force by then: what cannot be kept
// is for the log.
func (h *Handler) note(dir string, changes []Change) {
	if len(changes) == 0 {
		return
	}
	h.noting.Lock()
	defer h.noting.Unlock()
	all, err := h.changesOf(dir)
	if err != nil {
		h.log.Error("changes of rules kept anew", "err", err)
	}
	all = append(all, changes...)
	var b bytes.Buffer
	for _, c := range all[max(0, len(all)-maxChanges):] {
		line, _ := json.Marshal(c) // always works
		b.Write(append(line, '\n'))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		h.log.Error("change of rules not kept", "err", err)
		return
	}
	if err := vfs.Replace(filepath.Join(dir, journal), b.Bytes(), 0o644); err != nil {
		h.log.Error("change of rules not kept", "err", err)
	}
}

// changes answers GET /oriel/api/v1/rules/changes: who did what to rules, newest
// first.
func (h *Handler) changes(w http.ResponseWriter, r *http.Request) error {
	dir, err := h.loki.folderOf(r)
	if err != nil {
		return err
	}
	start, end, limit, err := wanted(r)
	if err != nil {
		return err
	}
	all, err := h.changesOf(dir)
	if err != nil {
		return err
	}
	out := make([]Change, 0, limit)
	for _, c := range slices.Backward(all) {
		if !c.Time.Before(start) && c.Time.Before(end) && len(out) < limit {
			out = append(out, c)
		}
	}
	return httpx.WriteJSON(w, map[string][]Change{"changes": out})
}

// wanted reads the parameters of changes.
func wanted(r *http.Request) (start, end time.Time, limit int, err error) {
	q := r.URL.Query()
	end, limit = time.Now().Add(time.Hour), 100
	if start, err = httpx.TimeOr(start, "start", q.Get("start")); err != nil {
		return start, end, limit, err
	}
	if end, err = httpx.TimeOr(end, "end", q.Get("end")); err != nil {
		return start, end, limit, err
	}
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxChanges {
			return start, end, limit, fmt.Errorf("limit: %q is no number from 1 to %d: %w", text, maxChanges, fault.ErrInvalid)
		}
	}
	return start, end, limit, nil
}
