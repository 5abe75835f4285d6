package main

import (
	"go/ast"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// carriesNot is what each part of the system does without, although another part
// uses it. uses shows that the part was looked at: it does carry that.
var carriesNot = map[string]struct {
	uses string
	not  []string
}{
	// It refuses to run on the embedded database, and shows nothing to anybody.
	"worker": {
		uses: "workflows/worker/queue/pool",
		not:  []string{"workflows/models/sqlite", "modernc.org/", "github.com/libtnb/", "workflows/app", "workflows/views", "workflows/static", "github.com/gin-gonic/", "github.com/a-h/templ", "github.com/prometheus/", "github.com/alicebob/"},
	},
	// gin brings a codec for msgpack, which the tag nomsgpack leaves out; from v1.11 on also
	// HTTP/3 and BSON, which nobody asks for and no tag leaves out: three megabytes.
	"app": {
		uses: "workflows/worker/process",
		not:  []string{"github.com/ugorji/", "github.com/quic-go/", "go.mongodb.org/", "workflows/worker/bench", "workflows/worker/faultlab"},
	},
	// The site rings and shows the queue, but takes no work: what does is in the worker
	// and, for standalone mode alone, in the program that holds the site.
	"app/routes": {
		uses: "workflows/worker/queue",
		not:  []string{"workflows/worker/queue/pool", "workflows/worker/process", "workflows/models/sqlite", "github.com/gocraft/", "modernc.org/"},
	},
}

// No program carries what only tests need.
var forTests = []string{"testing", "workflows/models/modelstest", "workflows/worker/queue/queuetest", "workflows/app/sitetest", "github.com/chromedp/", "github.com/getkin/", "pgregory.net/", "go.uber.org/goleak"}

func TestImportedIsNothingThatAProgramDoesNotUse(t *testing.T) {
	for part, rule := range carriesNot {
		carried := linked(t, part)
		if !slices.Contains(carried, rule.uses) {
			t.Errorf("%s does not even carry %s: this test looks in the wrong place", part, rule.uses)
		}
		for _, path := range carried {
			for _, not := range slices.Concat(forTests, rule.not) {
				if path == not || strings.HasPrefix(path, strings.TrimSuffix(not, "/")+"/") {
					t.Errorf("%s carries %s", part, path)
				}
			}
		}
	}
}

// linked are the packages that a package of ours brings into a program, built as
// README says.
func linked(t *testing.T, part string) []string {
	t.Helper()
	list := exec.Command("go", "list", "-tags", "nomsgpack", "-deps", "workflows/"+part)
	list.Stderr = t.Output()
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// models/plain says why, and has the words to use instead.
func TestImportedGormBringsNoMethodsForEachModel(t *testing.T) {
	for _, file := range sources(t) {
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok && selector.Sel.Name == "G" {
				if base, ok := selector.X.(*ast.Ident); ok && base.Name == "gorm" {
					t.Errorf("%s uses gorm.G, which weighs a quarter of a megabyte for each model", file.path)
				}
			}
			return true
		})
	}
}
