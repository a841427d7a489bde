package dashapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

type annotationItem struct {
	ID           int64    `json:"id"`
	DashboardUID string   `json:"dashboardUID"`
	PanelID      int64    `json:"panelId"`
	Time         int64    `json:"time"`    // milliseconds since 1970
	TimeEnd      int64    `json:"timeEnd"` // Time for a point
	Text         string   `json:"text"`
	Tags         []string `json:"tags"`
	Created      int64    `json:"created"`
	Updated      int64    `json:"updated"`
	Login        string   `json:"login"` // who wrote it
}

func itemOfAnnotation(a state.Annotation) annotationItem {
	return annotationItem{
		a.ID, a.Dashboard, a.Panel, a.Start.UnixMilli(), a.End.UnixMilli(), a.Text, nonNil(a.Tags), a.Created.UnixMilli(), a.Updated.UnixMilli(), a.Author,
	}
}

// annotationBody is what a client sends; what it leaves out stays as it was.
type annotationBody struct {
	DashboardUID *string   `json:"dashboardUID"`
	PanelID      *int64    `json:"panelId"`
	Time         *int64    `json:"time"`
	TimeEnd      *int64    `json:"timeEnd"`
	Text         *string   `json:"text"`
	Tags         *[]string `json:"tags"`
}

func (b annotationBody) applyTo(a *state.Annotation) {
	set(&a.Dashboard, b.DashboardUID)
	set(&a.Panel, b.PanelID)
	set(&a.Text, b.Text)
	set(&a.Tags, b.Tags)
	if b.Time != nil {
		a.Start, a.End = time.UnixMilli(*b.Time), time.Time{}
	}
	if b.TimeEnd != nil && *b.TimeEnd != 0 {
		a.End = time.UnixMilli(*b.TimeEnd)
	}
}

func set[T any](at, v *T) {
	if v != nil {
		*at = *v
	}
}

func (h *Handler) listAnnotations(w http.ResponseWriter, r *http.Request) error {
	items, err := h.annotations(r)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"annotations": items})
}

// annotations answers the parameters that both APIs have.
func (h *Handler) annotations(r *http.Request) ([]annotationItem, error) {
	v := r.URL.Query()
	q := state.AnnotationQuery{Dashboard: v.Get("dashboardUID"), Tags: v["tags"], AnyTag: v.Get("matchAny") == "true"}
	var from, to, limit int64
	for name, at := range map[string]*int64{"from": &from, "to": &to, "panelId": &q.Panel, "limit": &limit} {
		if err := number(v, name, at); err != nil {
			return nil, err
		}
	}
	if from != 0 {
		q.Start = time.UnixMilli(from)
	}
	if to != 0 {
		q.End = time.UnixMilli(to)
	}
	q.Limit = int(min(limit, 10_000))
	all, err := h.db.Annotations(r.Context(), q)
	items := make([]annotationItem, len(all))
	for i, a := range all {
		items[i] = itemOfAnnotation(a)
	}
	return items, err
}

func number(v url.Values, name string, at *int64) (err error) {
	if text := v.Get(name); text != "" {
		if *at, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("%s=%.40q is no whole number: %w", name, text, fault.ErrInvalid)
		}
	}
	return nil
}

func (h *Handler) addAnnotation(w http.ResponseWriter, r *http.Request) (id int64, err error) {
	var b annotationBody
	if err := readJSON(w, r, &b); err != nil {
		return 0, err
	}
	a := state.Annotation{Start: time.Now(), Author: h.opts.User(r)}
	b.applyTo(&a)
	return h.db.SaveAnnotation(r.Context(), a)
}

func (h *Handler) replaceAnnotation(w http.ResponseWriter, r *http.Request) error {
	id, err := intParam(r, "id")
	if err != nil {
		return err
	}
	var b annotationBody
	if err := readJSON(w, r, &b); err != nil {
		return err
	}
	a, err := h.db.Annotation(r.Context(), id)
	if err != nil {
		return err
	}
	b.applyTo(&a)
	a.Author = h.opts.User(r)
	_, err = h.db.SaveAnnotation(r.Context(), a)
	return err
}

func (h *Handler) removeAnnotation(r *http.Request) error {
	id, err := intParam(r, "id")
	if err != nil {
		return err
	}
	return h.db.DeleteAnnotation(r.Context(), id)
}

func (h *Handler) createAnnotation(w http.ResponseWriter, r *http.Request) error {
	id, err := h.addAnnotation(w, r)
	if err != nil {
		return err
	}
	return writeJSON(w, map[string]any{"id": id})
}

func (h *Handler) changeAnnotation(w http.ResponseWriter, r *http.Request) error {
	if err := h.replaceAnnotation(w, r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *Handler) deleteAnnotation(w http.ResponseWriter, r *http.Request) error {
	if err := h.removeAnnotation(r); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
