package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// mayImport is the one arrow, app → views → worker → models, package by package.
// A trailing /* allows every package below. Test files may import more.
var mayImport = map[string][]string{
	"models/address":         {},
	"models/columns":         {},
	"models/outward":         {},
	"models/dial":            {},
	"models/plain":           {},
	"models":                 {"models/address", "models/columns", "models/dial", "models/plain"},
	"models/words":           {},
	"models/runs":            {"models", "models/columns", "models/plain", "models/words"},
	"models/schedules":       {"models", "models/columns", "models/plain"},
	"models/drafts":          {"models", "models/plain"},
	"models/subscriptions":   {"models", "models/plain"},
	"models/failures":        {"models", "models/columns", "models/plain", "models/runs"},
	"models/bulk":            {"models", "models/columns", "models/plain", "models/runs"},
	"models/machine":         {"models", "models/plain"},
	"models/listing":         {"models", "models/runs"},
	"models/told":            {"models", "models/columns", "models/plain", "models/runs"},
	"models/archive":         {"models", "models/columns"},
	"models/sqlite":          {"models"}, // the worker does without
	"models/modelstest":      {"models", "models/sqlite"},
	"static":                 {},
	"worker/pattern":         {},
	"worker/environment":     {"models/address", "models/outward"},
	"worker/secrets":         {"models", "models/columns", "models/subscriptions", "worker/document", "worker/memo"},
	"worker/entry":           {"models/columns", "worker/document"},
	"worker/workflow":        {"models/columns", "worker/document", "worker/entry", "worker/filter", "worker/moment", "worker/notify", "worker/place", "worker/senders"},
	"worker/notify":          {"worker/document", "worker/entry", "worker/moment"}, // who is told of what, pure
	"worker/senders":         {"worker/document"},                                  // the vocabulary names them
	"worker/place":           {"worker/document"},
	"worker/templates":       {"worker/document", "worker/workflow"}, // what to begin with, pure
	"worker/workflow/edit":   {"models", "worker/workflow"},
	"worker/workflow/merge":  {"worker/changes", "worker/document", "worker/workflow"},
	"worker/workflow/offer":  {"worker/document", "worker/filter", "worker/moment", "worker/workflow"},
	"worker/workflow/trial":  {"worker/workflow", "worker/workflow/offer"},
	"worker/filter":          {"worker/document", "worker/moment"},
	"worker/moment":          {"worker/document"},
	"worker/document":        {"models/columns", "worker/pattern"}, // no database: the vocabulary and plans are read without one
	"worker/failpoint":       {},
	"worker/faultlab":        {},
	"worker/memo":            {},
	"worker/duty":            {"models"},
	"worker/outage":          {"models"},
	"worker/queue":           {"models", "worker/queue/wire"},
	"worker/queue/wire":      {"models", "models/address", "worker/outage"},
	"worker/queue/pool":      {"models", "models/machine", "worker/failpoint", "worker/outage", "worker/queue", "worker/queue/wire"},
	"worker/queue/board":     {"models", "models/machine", "worker/document", "worker/queue", "worker/queue/wire"},
	"worker/queue/queuetest": {"models", "models/modelstest", "worker/queue"},
	"worker/chat":            {"worker/document", "worker/pattern", "worker/workflow"},
	"worker/content":         {"models/columns", "worker/document"}, // no database: what others send is only read
	"worker/steps":           {"models/address", "models/columns", "worker/chat", "worker/content", "worker/document", "worker/entry", "worker/feed", "worker/place", "worker/query", "worker/senders", "worker/workflow"},
	"worker/content/samples": {}, // for tests
	"worker/query":           {"models/columns", "worker/content", "worker/document", "worker/moment", "worker/workflow"},
	"worker/feed":            {"models/columns", "worker/content", "worker/document", "worker/moment", "worker/pattern"},
	"worker/steps/smtptest":  {"models/address"},
	"worker/mailserver":      {"models", "models/address", "worker/document", "worker/secrets", "worker/steps"},
	"worker/engine/plan":     {"models/columns", "worker/document", "worker/workflow"}, // know no database
	"worker/engine":          {"models", "models/runs", "models/told", "worker/notify", "worker/duty", "worker/engine/plan", "worker/failpoint", "worker/outage", "worker/queue", "worker/secrets", "worker/workflow", "worker/workflow/trial", "models/columns", "worker/document", "worker/workflow/offer"},
	"worker/ics":             {"worker/moment", "worker/pattern"}, // calendar files are only read
	"worker/schedule":        {"models", "models/columns", "models/runs", "models/schedules", "worker/duty", "worker/engine", "worker/failpoint", "worker/outage", "worker/queue", "worker/workflow", "worker/document", "worker/moment"},
	"worker/foreign":         {"worker/document", "worker/pattern", "worker/schedule", "worker/workflow"},
	"worker/hooks":           {"models", "models/runs", "worker/content", "worker/engine", "worker/memo", "worker/secrets", "worker/senders", "worker/workflow", "models/columns", "worker/document"},
	"worker/alerts":          {"models", "worker/duty", "worker/outage", "worker/schedule", "worker/workflow", "worker/document"}, // deadlines are planned times
	"worker/differences":     {"models", "models/runs", "worker/document", "worker/engine", "worker/engine/plan", "worker/workflow"},
	"worker/tracing":         {"models", "models/runs", "worker/document", "worker/outage", "worker/workflow"},
	"worker/repair":          {"models", "models/bulk", "models/failures", "models/runs", "worker/engine", "worker/failpoint", "worker/outage"},
	"worker/recording":       {"models", "models/machine", "worker/duty", "worker/outage", "worker/queue"},
	"worker/retention":       {"models", "models/bulk", "models/failures", "models/runs", "models/schedules", "models/subscriptions", "models/told", "worker/duty", "worker/outage"},
	"worker/grouping":        {"models", "models/failures", "worker/outage"},
	"worker/indexing":        {"models", "models/runs", "models/words", "worker/document", "worker/duty", "worker/outage", "worker/workflow"},
	"worker/restored":        {"models", "models/runs", "models/told", "worker/alerts", "worker/schedule", "worker/workflow"},
	"worker/asking":          {"models", "models/runs", "worker/outage", "worker/resend", "worker/secrets", "worker/workflow"},
	"worker/resend":          {"worker/workflow"},
	"worker/subscription":    {"models", "models/subscriptions", "worker/document", "worker/duty", "worker/ics", "worker/outage", "worker/schedule", "worker/secrets", "worker/workflow"},
	"worker/telling":         {"models", "models/failures", "models/told", "worker/document", "worker/failpoint", "worker/notify", "worker/outage", "worker/resend", "worker/schedule", "worker/secrets", "worker/workflow"},
	"worker/changes":         {"worker/document", "worker/notify", "worker/schedule", "worker/workflow", "worker/workflow/edit"}, // pure
	"worker/catalog":         {"models", "models/columns", "models/machine", "models/drafts", "worker/changes", "models/schedules", "models/subscriptions", "worker/subscription", "worker/alerts", "worker/foreign", "worker/hooks", "worker/queue", "worker/schedule", "worker/secrets", "worker/workflow", "worker/workflow/merge", "models/listing"},
	"worker/process":         {"models", "worker/*"},
	"worker":                 {"models", "worker/*"},
	"worker/bench":           {"models", "models/bulk", "models/runs", "models/modelstest", "models/sqlite", "worker/*", "app/*"},
	"views/ui":               {"models", "worker/document", "worker/workflow", "static"},
	"views":                  {"models", "worker/document", "worker/workflow", "static", "views/ui"},
	"app/web":                {"models", "views", "views/ui", "static", "worker/workflow", "models/columns", "worker/document"},
	"app/auth":               {"models", "views", "views/ui", "static", "worker/memo", "worker/workflow", "app/web", "models/columns"},
	"app/frame":              {"app/web", "app/auth", "views", "views/ui", "models", "models/bulk", "models/runs", "models/told", "worker/catalog", "worker/changes", "worker/document", "worker/engine", "worker/engine/plan", "worker/entry", "worker/queue/board", "worker/workflow"},
	"app/editor":             {"app/editor/timing", "app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/drafts", "models/runs", "models/schedules", "models/told", "worker/notify", "worker/catalog", "worker/changes", "worker/document", "worker/engine", "worker/entry", "worker/environment", "worker/filter", "worker/hooks", "worker/mailserver", "worker/schedule", "worker/secrets", "worker/senders", "worker/templates", "worker/workflow", "worker/workflow/edit", "worker/workflow/merge", "worker/workflow/offer", "worker/workflow/trial", "models/listing"},
	"app/editor/timing":      {"app/frame", "views", "views/ui", "worker/schedule", "worker/workflow"}, // no site: what was typed is only read
	"app/settings":           {"app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/address", "models/columns", "models/runs", "models/told", "worker/telling", "worker/catalog", "worker/document", "worker/environment", "worker/mailserver", "worker/notify", "worker/secrets", "worker/workflow"},
	"app/documents":          {"app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/columns", "worker/catalog", "worker/document", "worker/workflow"},
	"app/doctor":             {"app/frame", "models", "models/address", "models/outward", "models/told", "worker/*"},
	"app/machine":            {"app/auth", "app/doctor", "app/frame", "views", "views/ui", "models", "models/bulk", "models/machine", "worker/environment", "worker/queue", "worker/workflow"},
	"app/many":               {"app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/bulk", "models/failures", "models/runs", "worker/document", "worker/engine", "worker/workflow"},
	"app/explained":          {"app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/runs", "worker/*"},
	"app/pages":              {"app/frame", "app/web", "app/auth", "views", "views/ui", "models", "models/machine", "models/bulk", "models/failures", "models/runs", "models/schedules", "models/subscriptions", "worker/*"},
	"app/api":                {"app/web", "app/auth", "models", "models/bulk", "models/failures", "models/runs", "models/schedules", "models/subscriptions", "worker/*", "models/listing"},
	"app/sitetest":           {"app/*", "models", "models/runs", "models/modelstest", "worker/*"}, // for tests
	"app/routes":             {"app/*", "models", "models/failures", "models/told", "views", "views/ui", "static", "worker/*"},
	"app/standalone":         {"app/*", "models", "models/sqlite", "views", "static", "worker/*"},
	"app":                    {"app/*", "models", "models/address", "models/archive", "models/outward", "models/sqlite", "models/told", "views", "static", "worker/*"},
}

// onlyIn keeps what is foreign in one room each.
var onlyIn = map[string][]string{
	"github.com/gin-gonic/gin":        {"app/"},
	"github.com/gocraft/work":         {"worker/queue/pool/"},
	"github.com/gomodule/redigo":      {"worker/queue/"},
	"github.com/alicebob/miniredis":   {"worker/queue/queuetest/", "app/standalone/", "app/sitetest/"},
	"github.com/robfig/cron":          {"worker/schedule/"},
	"github.com/a-h/templ":            {"views/", "app/"},
	"github.com/pressly/goose":        {"models/"},
	"gorm.io/driver/postgres":         {"models/"},
	"github.com/libtnb/sqlite":        {"models/sqlite/"},
	"go.yaml.in/yaml":                 {"worker/document/"},
	"github.com/alexedwards/argon2id": {"app/auth/"},
}

// source is one Go file of ours, parsed.
type source struct {
	path, folder string
	test         bool
	syntax       *ast.File
	lines        int
}

func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var parsed = sync.OnceValues(func() ([]source, error) {
	var all []source
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != ".." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin" || name == "data") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(set, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		path, _ = filepath.Rel("..", path)
		all = append(all, source{
			path: filepath.ToSlash(path), folder: filepath.ToSlash(filepath.Dir(path)),
			test: strings.HasSuffix(name, "_test.go"), syntax: syntax, lines: strings.Count(string(text), "\n"),
		})
		return nil
	})
	return all, err
})

func imports(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, path)
	}
	return paths
}

func TestImportsFollowTheOneArrow(t *testing.T) {
	for _, file := range sources(t) {
		allowed, known := mayImport[file.folder]
		if file.folder == "app/e2e" {
			continue // holds tests only; they start both processes
		}
		if !known {
			t.Errorf("%s: package %s is not in the table of this test", file.path, file.folder)
			continue
		}
		for _, path := range imports(file.syntax) {
			ours, isOurs := strings.CutPrefix(path, "workflows/")
			if isOurs && !file.test && ours != file.folder && !matches(allowed, ours) {
				t.Errorf("%s imports %s, which %s may not", file.path, ours, file.folder)
			}
			for foreign, rooms := range onlyIn {
				if strings.HasPrefix(path, foreign) && !file.test && !slices.ContainsFunc(rooms, func(room string) bool { return strings.HasPrefix(file.folder+"/", room) }) {
					t.Errorf("%s imports %s, which belongs in %v", file.path, path, rooms)
				}
			}
		}
	}
}

func matches(allowed []string, path string) bool {
	return slices.ContainsFunc(allowed, func(rule string) bool {
		if below, ok := strings.CutSuffix(rule, "/*"); ok {
			return path == below || strings.HasPrefix(path, below+"/")
		}
		return path == rule
	})
}

func TestEnvironmentIsReadInConfigFilesOnly(t *testing.T) {
	for _, file := range sources(t) {
		if file.test || filepath.Base(file.path) == "config.go" || file.folder == "models/modelstest" || file.folder == "worker/bench" {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if base, ok := selector.X.(*ast.Ident); ok && base.Name == "os" && (selector.Sel.Name == "Getenv" || selector.Sel.Name == "LookupEnv") {
					t.Errorf("%s reads the environment; that belongs in a config.go", file.path)
				}
			}
			return true
		})
	}
}

// All of a process, and each test of it, goes by the same clocks: moment.LoadZone, the newest data.
func TestTopLevelZonesAreLoadedInOneRoom(t *testing.T) {
	for _, file := range sources(t) {
		if file.folder == "worker/moment" {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if base, ok := selector.X.(*ast.Ident); ok && base.Name == "time" && strings.HasPrefix(selector.Sel.Name, "LoadLocation") {
					t.Errorf("%s loads a time zone by itself: use workflow.LoadZone or moment.LoadZone", file.path)
				}
			}
			return true
		})
	}
}

func TestNoInitFunctions(t *testing.T) {
	for _, file := range sources(t) {
		for _, declaration := range file.syntax.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s has an init function: call it from main instead", file.path)
			}
		}
	}
}

// readsJSON are the files and folders outside of worker/document that read JSON
// themselves, and why.
var readsJSON = map[string]string{
	"models/approval.go":   "models lie below the room, and this is a list of names",
	"models/standstill.go": "models lie below the room, and these are two times",
	"models/archive":       "models lie below the room, and its documents are carried as texts",
	"worker/queue":         "it reads jobs as gocraft/work will: what that cannot read must not reach it",
}

// A decoder that somebody sets up by hand rounds numbers over 2^53, takes what
// stands twice and stops before trailing text; an encoder writes < as \u003c.
func TestImportedJSONIsReadAndEncodedInOneRoom(t *testing.T) {
	foreign := []string{"NewDecoder", "NewEncoder", "Unmarshal", "UseNumber", "SetEscapeHTML"}
	for _, file := range sources(t) {
		if file.test || file.folder == "worker/document" || file.folder == "models/columns" || readsJSON[file.path]+readsJSON[file.folder] != "" || !slices.Contains(imports(file.syntax), "encoding/json") {
			continue
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok || !slices.Contains(foreign, selector.Sel.Name) {
				return true
			}
			if base, ok := selector.X.(*ast.Ident); ok && base.Name == "json" {
				t.Errorf("%s uses json.%s; read with document.Read or Decode, write with document.JSON or columns.Encode", file.path, selector.Sel.Name)
			}
			return true
		})
	}
}

func TestMainsStayShort(t *testing.T) {
	for _, file := range sources(t) {
		if (file.path == "app/main.go" || file.path == "worker/main.go") && file.lines > 50 {
			t.Errorf("%s has %d lines; a main joins things in 50 at most", file.path, file.lines)
		}
	}
}

// A package that holds more is several rooms; its doc comment says what may be touched
// in it and what may not.
func TestPackagesHoldAboutFortyFilesAtMost(t *testing.T) {
	files, documented := map[string]int{}, map[string]bool{}
	for _, file := range sources(t) {
		if file.test || strings.HasSuffix(file.path, "_templ.go") {
			continue
		}
		files[file.folder]++
		documented[file.folder] = documented[file.folder] || file.syntax.Doc != nil
	}
	for folder, number := range files {
		if number > 45 {
			t.Errorf("%s has %d files: split it by what it is about", folder, number)
		}
		if !documented[folder] {
			t.Errorf("%s has no package comment", folder)
		}
	}
}

func TestTopLevelHoldsOnlyWhatIsAgreed(t *testing.T) {
	agreed := []string{"app", "views", "static", "worker", "models", "findings", "go.mod", "go.sum", "Procfile", "README.md", "LICENSE", "CHANGELOG.md", "bin", "data"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(agreed, entry.Name()) {
			t.Errorf("%s does not belong at the top level", entry.Name())
		}
	}
}

// The licences of what is shipped are listed by hand; a module that has come, gone
// or changed its version has to be looked at.
func TestTopLevelLicencesNameTheModulesInUse(t *testing.T) {
	list, err := os.ReadFile("../static/LICENSES.md")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, shipped, _ := strings.Cut(string(list), "## In the programs")
	for line := range strings.SplitSeq(shipped, "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || !strings.Contains(cells[0], "/") {
			continue
		}
		module := strings.TrimPrefix(cells[0], "| ")
		if !strings.Contains(string(modules), module+" "+cells[1]+"\n") && !strings.Contains(string(modules), module+" "+cells[1]+" //") {
			t.Errorf("static/LICENSES.md lists %s %s, which go.mod does not", module, cells[1])
		}
	}
	for line := range strings.SplitSeq(string(modules), "\n") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") && !strings.Contains(shipped, "| "+fields[0]+" | ") && !onlyForTests(fields[0]) {
			t.Errorf("static/LICENSES.md does not list %s", fields[0])
		}
	}
}

// onlyForTests are direct requirements that are in no program.
func onlyForTests(module string) bool {
	return slices.Contains([]string{
		"github.com/chromedp/cdproto", "github.com/chromedp/chromedp", "github.com/getkin/kin-openapi", "go.uber.org/goleak", "pgregory.net/rapid",
	}, module)
}
