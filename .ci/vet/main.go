// Command vet is the suite of go vet and gosec in one:
//
//	go vet -vettool=PROGRAM ./... # keeps what it finds, as go build does
//	PROGRAM ./... # reads all anew
//
// gosec is for the programs, not for their tests or the bench, which its maker runs;
// each finding that is meant says why at its place (#nosec). It is not a tool of the
// project's go.mod, where its modules would stand among ours, and its own command is
// linked with the clients of three language models, which take minutes to compile.
package main

import (
	"slices"
	"strings"

	"github.com/securego/gosec/v2/goanalysis"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"
	"golang.org/x/tools/go/analysis/suite/vet"
)

func main() {
	careless := goanalysis.Analyzer
	whole := careless.Run
	careless.Run = func(pass *analysis.Pass) (any, error) {
		report := pass.Report
		pass.Report = func(found analysis.Diagnostic) {
			name := pass.Fset.Position(found.Pos).Filename
			if !strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "/worker/bench/") {
				report(found)
			}
		}
		return whole(pass)
	}
	multichecker.Main(append(slices.Clone(vet.Suite), careless)...)
}
