// Command unreachable names the functions of ours that no program and no test reaches.
//
//	PROGRAM [-tags LIST] PACKAGE...
//
// It does what golang.org/x/tools/cmd/deadcode -test does, but for what it reads: that also
// reads the bodies of all functions that we import, which takes five times as long and can
// only find more that is reached. What is lost is little: a function that others are
// handed counts as reached, and so does each exported method of what they are handed.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"log"
	"os"
	"slices"

	"golang.org/x/tools/go/callgraph/rta"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

func main() {
	tags := flag.String("tags", "", "as of go build")
	flag.Parse()
	log.SetFlags(0)
	ours, err := packages.Load(&packages.Config{
		Mode: packages.LoadSyntax, Tests: true, BuildFlags: []string{"-tags=" + *tags},
	}, flag.Args()...)
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(ours) > 0 {
		os.Exit(1)
	}
	found := unreachable(ours)
	for _, one := range found {
		fmt.Println(one)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

func unreachable(ours []*packages.Package) (found []string) {
	program, built := ssautil.Packages(ours, ssa.InstantiateGenerics)
	program.Build()
	var roots []*ssa.Function
	for _, part := range ssautil.MainPackages(built) {
		roots = append(roots, part.Func("init"), part.Func("main"))
	}
	if len(roots) == 0 {
		log.Fatal("there is no program")
	}
	// By where it stands: a package is there once more for each test that changes it.
	reached := map[token.Position]bool{}
	for function := range rta.Analyze(roots, false).Reachable {
		reached[program.Fset.Position(function.Pos())] = true
	}
	for _, part := range ours {
		for _, file := range part.Syntax {
			if ast.IsGenerated(file) {
				continue
			}
			for _, declared := range file.Decls {
				function, ok := declared.(*ast.FuncDecl)
				if !ok {
					continue
				}
				object := part.TypesInfo.Defs[function.Name].(*types.Func)
				at := program.Fset.Position(object.Pos())
				if !reached[at] && !marks(function, object, part.Types.Scope()) {
					reached[at] = true
					found = append(found, fmt.Sprintf("%s: unreachable func: %s", at, object.FullName()))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// marks reports whether a method is there only to make its type one of an interface: nothing
// calls it.
func marks(function *ast.FuncDecl, method *types.Func, scope *types.Scope) bool {
	signature := method.Signature()
	if signature.Recv() == nil || method.Exported() || signature.Params().Len()+signature.Results().Len() > 0 || function.Body == nil || len(function.Body.List) > 0 {
		return false
	}
	return slices.ContainsFunc(scope.Names(), func(name string) bool {
		named, ok := scope.Lookup(name).(*types.TypeName)
		return ok && types.IsInterface(named.Type()) && types.Implements(signature.Recv().Type(), named.Type().Underlying().(*types.Interface))
	})
}
