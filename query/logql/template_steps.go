package logql

import (
	"text/template"
	"text/template/parse"
)

// stepFunc is the function that counts the turns of loops and the calls of
// templates; its action is put into them after parsing, so that a template
// that would go on for ever fails.
const stepFunc = "__step__"

// maxTemplateSteps is for one line.
const maxTemplateSteps = 10_000

// countSteps adds the counting action to every template and loop of t.
func countSteps(t *template.Template) error {
	counter, err := template.New("").Funcs(template.FuncMap{stepFunc: func() string { return "" }}).Parse("{{" + stepFunc + "}}")
	if err != nil {
		return err
	}
	step := counter.Root.Nodes[0]
	for _, x := range t.Templates() {
		if x.Tree == nil || x.Root == nil {
			continue
		}
		countLoops(x.Root, step)
		if x.Name() != t.Name() {
			prepend(x.Root, step)
		}
	}
	return nil
}

func prepend(l *parse.ListNode, n parse.Node) { l.Nodes = append([]parse.Node{n}, l.Nodes...) }

func countLoops(l *parse.ListNode, step parse.Node) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.IfNode:
			countLoops(n.List, step)
			countLoops(n.ElseList, step)
		case *parse.WithNode:
			countLoops(n.List, step)
			countLoops(n.ElseList, step)
		case *parse.RangeNode:
			countLoops(n.List, step)
			countLoops(n.ElseList, step)
			prepend(n.List, step)
		}
	}
}
