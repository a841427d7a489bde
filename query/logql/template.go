package logql

import (
	"bytes"
	"text/template"
	"time"
)

// A lineTemplate is a Go template over a line: its data are the labels, a
// missing one is the empty text.
type lineTemplate struct {
	tmpl   *template.Template
	line   *line // being formatted
	steps  int   // done for this line
	out    bytes.Buffer
	labels map[string]string
}

func newLineTemplate(name, text string) (*lineTemplate, error) {
	t := &lineTemplate{labels: map[string]string{}}
	funcs := templateFuncs()
	funcs["__line__"] = func() string { return t.line.text }
	funcs["__timestamp__"] = func() time.Time { return time.Unix(0, t.line.time).UTC() }
	funcs[stepFunc] = func() (string, error) {
		if t.steps++; t.steps > maxTemplateSteps {
			return "", evalErrorf("template does more than %d steps", maxTemplateSteps)
		}
		return "", nil
	}
	tmpl, err := template.New(name).Option("missingkey=zero").Funcs(funcs).Parse(text)
	if err != nil {
		return nil, err
	}
	t.tmpl = tmpl
	return t, countSteps(tmpl)
}

// data returns the labels of l, in a map that the next call reuses.
func (t *lineTemplate) data(l *line) map[string]string {
	clear(t.labels)
	for _, lb := range l.labels {
		t.labels[lb.name] = lb.value
	}
	if l.err != "" {
		t.labels[errorLabel] = l.err
	}
	if l.details != "" {
		t.labels[detailsLabel] = l.details
	}
	return t.labels
}

// maxTemplateOutput bounds what one template may write for one line.
const maxTemplateOutput = 4 << 20

func (t *lineTemplate) execute(l *line, data map[string]string) (string, error) {
	t.line, t.steps = l, 0
	t.out.Reset()
	if err := t.tmpl.Execute(&limitedBuffer{&t.out}, data); err != nil {
		return "", err
	}
	return t.out.String(), nil
}

type limitedBuffer struct{ *bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxTemplateOutput {
		return 0, evalErrorf("template writes more than %d bytes", maxTemplateOutput)
	}
	return b.Buffer.Write(p)
}
