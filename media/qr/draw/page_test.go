package draw

import (
	"slices"
	"testing"
	"text/template/parse"
)

// Every value that a template writes goes through one of its functions last: one
// that does not would be escaped, and what is not printable in it not shown.
func TestTemplatesShow(t *testing.T) {
	trees := map[string]*parse.Tree{}
	tree := parse.New("page.html")
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(pageHTML, "", "", trees); err != nil {
		t.Fatal(err)
	}
	values := 0
	for name, tree := range trees {
		for _, action := range actions(tree.Root) {
			values++
			last := action.Pipe.Cmds[len(action.Pipe.Cmds)-1]
			function, ok := last.Args[0].(*parse.IdentifierNode)
			if !ok || functions[function.Ident] == nil {
				t.Errorf("%s writes %s as it came", name, action)
			}
		}
	}
	if values < 25 {
		t.Errorf("only %d values were found", values)
	}
}

// actions are those that write something, at any depth.
func actions(n parse.Node) (all []*parse.ActionNode) {
	switch n := n.(type) {
	case *parse.ActionNode:
		return []*parse.ActionNode{n}
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				all = append(all, actions(child)...)
			}
		}
	case *parse.IfNode:
		return slices.Concat(actions(n.List), actions(n.ElseList))
	case *parse.RangeNode:
		return slices.Concat(actions(n.List), actions(n.ElseList))
	case *parse.WithNode:
		return slices.Concat(actions(n.List), actions(n.ElseList))
	}
	return all
}
