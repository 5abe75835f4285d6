package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ/generator"
	"github.com/a-h/templ/parser/v2"
)

// The two measures that say whether the house has kept its shape: a step type is one
// file and its line in the list of step types; a page is three files (the handler, the
// view, this test in the place of its own) and its line in the table of routes. Both
// are added to a copy that only the compiler sees; whatever else they needed would
// have to be added here too.
func TestAStepTypeIsOneFileAndALineAndAPageIsThreeFilesAndALine(t *testing.T) {
	t.Parallel()
	o := overlay{T: t, Replace: map[string]string{}}
	o.add("worker/steps/shout.go")
	o.line("worker/steps/steps.go", "\t\tstop(),\n", "\t\tshout(),\n")
	o.add("app/pages/greeting.go")
	o.view("views/greeting.templ")
	o.line("app/routes/table.go", "\t\tget(\"/api/docs\", Anyone(), s.Docs),\n", "\t\tget(\"/greeting\", Viewer(), s.Greeting),\n")

	s := standaloneOf(t, o.build(), "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD=four-plain-words-do")
	g := &ground{system: s, t: t, api: &api{t, s.base}}
	anna := g.signIn("anna@example.com", "four-plain-words-do")
	made := g.api.call("POST", "/workflows", object{
		"publish": true, "format": 1, "name": "Loud", "inputs": []object{{"name": "what", "type": "text", "required": true}},
		"steps": []object{{"id": "loud", "type": "shout", "config": object{"text": "to {{ input.what }}"}}},
	}, 201)
	edit := "/workflows/" + made["id"].(string) + "/edit"
	for page, shows := range map[string][]string{
		edit + "/new-step":   {"Shout", "Says something loudly."},
		edit + "/steps/loud": {"What to shout", "It is said in capitals.", `name="config.text"`, "to {{ input.what }}"},
		edit:                 {"Shouts to [what]"},
		"/greeting":          {"<title>Greeting", "Hello, whoever you are. It is past "},
	} {
		status, text := read(t, anna, s.base+page)
		for _, wanted := range shows {
			if status != http.StatusOK || !strings.Contains(text, wanted) {
				t.Errorf("%s answers %d without %q:\n%s", page, status, wanted, text)
			}
		}
	}
	if status, _ := read(t, visitor(t), s.base+"/greeting"); status != http.StatusSeeOther {
		t.Errorf("the page answers somebody without an account with %d", status)
	}

	schemas := g.api.call("GET", "/openapi.json", nil, 200)["components"].(object)["schemas"].(object)
	config, _ := schemas["ShoutConfig"].(object)
	if text, _ := config["properties"].(object)["text"].(object); text["type"] != "string" || !strings.Contains(text["description"].(string), "What to shout.") {
		t.Errorf("the API describes the step's settings as %v", config)
	}
	if problems := g.api.call("POST", "/workflows", object{"format": 1, "name": "Mute", "publish": true, "steps": []object{{"id": "mute", "type": "shout", "config": object{}}}}, 422); !strings.Contains(jsonOf(t, problems), "steps[0].config.text") {
		t.Errorf("a step without its required field is refused with %v", problems)
	}
	run := g.api.finished(g.api.call("POST", "/workflows/"+made["id"].(string)+"/runs", object{"input": object{"what": "the hills"}}, 202)["id"].(string))
	if run["status"] != "succeeded" || run["output"].(object)["shouted"] != "TO THE HILLS" {
		t.Errorf("the run came to %v", run)
	}
}

// overlay is what the compiler reads in place of files of the tree, or beside them.
type overlay struct {
	*testing.T `json:"-"`
	Replace    map[string]string
}

const tree, toys = "../..", "testdata/toy"

// add has the compiler find a toy at its place in the tree.
func (o overlay) add(path string) { o.put(path, o.read(filepath.Join(toys, path))) }

// line adds a line after another one that stands in the file once.
func (o overlay) line(path, after, line string) {
	o.Helper()
	text := o.read(filepath.Join(tree, path))
	if strings.Count(text, after) != 1 {
		o.Fatalf("%s has the line %q %d times", path, after, strings.Count(text, after))
	}
	o.put(path, strings.Replace(text, after, after+line, 1))
}

// view adds what templ makes of a toy.
func (o overlay) view(path string) {
	o.Helper()
	parsed, err := parser.ParseString(o.read(filepath.Join(toys, path)))
	if err != nil {
		o.Fatal(err)
	}
	var code bytes.Buffer
	if _, err := generator.Generate(parsed, &code); err != nil {
		o.Fatal(err)
	}
	o.put(strings.TrimSuffix(path, ".templ")+"_templ.go", code.String())
}

func (o overlay) read(path string) string {
	o.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		o.Fatal(err)
	}
	return string(text)
}

func (o overlay) put(path, text string) {
	o.Helper()
	place, err := filepath.Abs(filepath.Join(tree, path))
	if err != nil {
		o.Fatal(err)
	}
	file := filepath.Join(o.TempDir(), filepath.Base(path))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		o.Fatal(err)
	}
	o.Replace[place] = file
}

// build compiles the standalone program and returns its path.
func (o overlay) build() string {
	o.Helper()
	folder := o.TempDir()
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, []byte(jsonOf(o.T, o)), 0o600); err != nil {
		o.Fatal(err)
	}
	program := filepath.Join(folder, "app")
	if err := compile("-overlay", list, "-o", program, "workflows/app"); err != nil {
		o.Fatal(err)
	}
	return program
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func read(t *testing.T, client *http.Client, address string) (int, string) {
	t.Helper()
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
