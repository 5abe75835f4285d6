package main

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// oneWordRooms are the rooms in which a name means one thing: whoever reads engine,
// queue and schedule goes from one to the other all the time.
var oneWordRooms = []string{
	"worker/engine", "worker/engine/plan", "worker/queue", "worker/queue/wire", "worker/queue/pool", "worker/queue/board",
	"worker/schedule", "models/runs", "models/schedules",
}

// oneMeaning are the names that stand more than once there, since they mean the same
// everywhere: what that is. Small and capital letters are the same here.
var oneMeaning = map[string]string{
	"add":          "puts one more into what gathers: a set, a history, a sum",
	"admit":        "lets runs begin that their workflow's limit has held back: the act, and its statement",
	"apply":        "adds the conditions of a filter to a query",
	"cancel":       "ends a run for good before its end: the act, and its statement",
	"check":        "says what is wrong with a person's request",
	"close":        "io.Closer",
	"dial":         "opens one connection to Redis",
	"filter":       "chooses rows for a list",
	"get":          "returns the one that has this id",
	"insert":       "stores a new row",
	"latest":       "is the newest attempt, or nil",
	"list":         "returns a page of rows, and where the next one begins",
	"new":          "makes what the package is about",
	"now":          "is the time by the database's clock",
	"open":         "prepares the way to Redis and asks it for nothing",
	"options":      "are what the package's main type is made with",
	"remove":       "takes out what add or put has put in",
	"ring":         "says that there are hints, to all pools or to who idles in this one",
	"round":        "does once all that is due now",
	"run":          "works until its context ends",
	"sentence":     "says for people when a schedule fires",
	"signal":       "has whoever executes a run look at its row again",
	"wakestranded": "has a run go on that waits for a newer program: the act, and its statement",
}

// word is one declaration of a name, and where it stands.
type word struct{ name, place string }

func TestTopLevelNamesMeanOneThing(t *testing.T) {
	declared := map[string][]word{}
	for _, file := range sources(t) {
		if file.test || !slices.Contains(oneWordRooms, file.folder) {
			continue
		}
		for _, w := range wordsOf(file) {
			declared[strings.ToLower(w.name)] = append(declared[strings.ToLower(w.name)], w)
		}
	}
	for name, words := range declared {
		if len(words) < 2 || oneMeaning[name] != "" {
			continue
		}
		var places []string
		for _, w := range words {
			places = append(places, w.place)
		}
		t.Errorf("%s is declared %d times: %s. Name each by what it means; if they all mean one and the same, say what in the table of this test", name, len(words), strings.Join(places, "; "))
	}
	for name := range oneMeaning {
		if len(declared[name]) < 2 {
			t.Errorf("%s is declared %d times: take it out of the table of this test", name, len(declared[name]))
		}
	}
}

// wordsOf are the functions, methods and types that a file declares, but for two
// kinds that cannot mean anything else: what gives a type of its own name, as Hint()
// Hint, and the methods of wire.Keys, each named after what stands under the key.
func wordsOf(file source) []word {
	var words []word
	for _, declaration := range file.syntax.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			receiver := ""
			if d.Recv != nil {
				receiver = typeName(d.Recv.List[0].Type) + "."
			}
			if !givesItsName(d) && receiver != "Keys." {
				words = append(words, word{d.Name.Name, file.path + " " + receiver + d.Name.Name})
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					words = append(words, word{s.Name.Name, file.path + " type " + s.Name.Name})
				}
			}
		}
	}
	return words
}

func givesItsName(d *ast.FuncDecl) bool {
	return d.Type.Results != nil && slices.ContainsFunc(d.Type.Results.List, func(result *ast.Field) bool {
		return strings.EqualFold(typeName(result.Type), d.Name.Name)
	})
}

// typeName is a type's name without its package, parameters and *; "" for one that
// has no name.
func typeName(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ""
}
