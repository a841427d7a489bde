package dashapi

import (
	"context"
	"encoding/json"
	"slices"
)

// withVariables returns those of items that have a variable of one of these
// names, and notes which.
func (h *Handler) withVariables(ctx context.Context, items []item, names []string) ([]item, error) {
	found := []item{}
	for _, d := range items {
		var text []byte
		if file, ok := h.opts.Files.dashboard(ctx, d.UID); ok {
			text = file.json
		} else {
			_, v, err := h.db.Dashboard(ctx, d.UID)
			if err != nil {
				return nil, err
			}
			text = v.JSON
		}
		for _, name := range variablesOf(text) {
			if slices.Contains(names, name) {
				d.Variables = append(d.Variables, name)
			}
		}
		if len(d.Variables) > 0 {
			found = append(found, d)
		}
	}
	return found, nil
}

// variablesOf returns the names of a dashboard's variables. Dashboards are kept
// as they came in, so that what is none has no names.
func variablesOf(dashboard []byte) (names []string) {
	var d struct {
		Templating struct {
			List []struct{ Name string }
		}
	}
	if json.Unmarshal(dashboard, &d) != nil {
		return nil
	}
	for _, v := range d.Templating.List {
		names = append(names, v.Name)
	}
	return names
}
