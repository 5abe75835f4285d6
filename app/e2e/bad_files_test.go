package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// command runs the program beside the installation, as an operator would, and
// returns what it printed and whether it ended well.
func (g *ground) command(arguments ...string) (string, bool) {
	g.t.Helper()
	folder, err := programs()
	if err != nil {
		g.t.Fatal(err)
	}
	command := exec.Command(filepath.Join(folder, "app"), arguments...)
	command.Dir, command.Env = g.web.dir, append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + g.web.dir}, g.web.env...)
	out, err := command.CombinedOutput()
	return string(out), err == nil
}

// importsNothing applies files of which a part is wrong.
func (g *ground) importsNothing() {
	g.t.Helper()
	g.eventuallyStill()
	const good = "name: Quite good\nsteps: []\n"
	for name, c := range map[string]struct{ text, says string }{
		"not YAML":            {"hello: [\n", "This is not YAML"},
		"nothing":             {"# nothing\n", "there is no workflow"},
		"a text":              {"just a text\n", "begins with names and values"},
		"a YAML alias bomb":   {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n", "aliases"},
		"deep brackets":       {strings.Repeat("[", 1<<20), "This is not YAML"},
		"a tag":               {"name: !!binary aGk=\nsteps: []\n", "!!binary"},
		"newer format":        {"format: 2\nname: Newer\nsteps: []\n", "format 1"},
		"a name twice":        {"name: A\nname: B\nsteps: []\n", "stands here twice"},
		"an unknown field":    {"name: A\nstepz: []\n", "Did you mean “steps”?"},
		"a private address":   {"name: A\nsteps:\n  - {id: a, type: http_request, config: {url: 'http://10.0.0.1/'}}\n", "private network"},
		"two of one name":     {"name: Same\nsteps: []\n---\nname: Same\nsteps: []\n", "Rename one of them"},
		"half of it is wrong": {"name: Half\nsteps:\n  - {id: a, type: nothing}\n  - {id: a, type: wait}\n", "steps[1].id"},
	} {
		folder := g.t.TempDir()
		for file, text := range map[string]string{"a-good.yaml": good, "bad.yaml": c.text} {
			if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
				g.t.Fatal(err)
			}
		}
		path := folder
		if name == "nothing" {
			path = filepath.Join(folder, "bad.yaml")
		}
		before := g.content()
		said, well := g.command("apply", path, "--yes")
		if well || !strings.Contains(said, c.says) || strings.Contains(said, "goroutine") || strings.Contains(said, " yaml: ") {
			g.t.Errorf("import: %s: ended well: %v, said: %.600s", name, well, said)
		}
		if g.content() != before {
			g.t.Errorf("import: %s: it has changed something", name)
		}
	}
}

// TestWorkflowsGoOutAndInAsFiles is export and apply beside a running installation.
func TestWorkflowsGoOutAndInAsFiles(t *testing.T) {
	everySystem(t, func(t *testing.T, s *system) {
		g := newGround(t, s)
		file := filepath.Join(t.TempDir(), "all.yaml")
		if said, well := g.command("export", file); !well || !strings.Contains(said, "9 workflows written") {
			t.Fatalf("export said %s", said)
		}
		data, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(data), hubSecret) || !strings.Contains(string(data), "secret: HUB") {
			t.Fatalf("%v\n%s", err, data)
		}
		before := g.content()
		if said, well := g.command("apply", file, "--yes"); !well || !strings.Contains(said, "0 to change, 9 as they are.") || g.content() != before {
			t.Fatalf("applying what is there said %s", said)
		}
		changed := strings.Replace(string(data), "max_running: 1\n", "max_running: 2\n", 1) + "---\nname: From a file\npublish: true\nsteps:\n  - {id: a, type: set_values, config: {values: {x: 1}}}\n"
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, flags := range [][]string{{"--dry-run"}, {}} { // without an answer it is no
			if said, well := g.command(append([]string{"apply", file}, flags...)...); !well || !strings.Contains(said, "narrow\n") || !strings.Contains(said, "From a file\n  It is new.\n2 to change, 8 as they are.") || g.content() != before {
				t.Errorf("apply %v said %s", flags, said)
			}
		}
		if said, well := g.command("apply", file, "--yes"); !well || !strings.HasSuffix(said, "Done.\n") {
			t.Fatalf("apply said %s", said)
		}
		narrow := g.api.call("GET", "/workflows/"+g.names["narrow"], nil, 200)
		if narrow["version"] != 2.0 || narrow["status"] != "active" {
			t.Errorf("the changed one is %v", narrow)
		}
		found := g.api.call("GET", "/workflows?q=From+a+file", nil, 200)["data"].([]any)
		if len(found) != 1 || found[0].(object)["status"] != "active" {
			t.Fatalf("the new one is %v", found)
		}
		run := g.api.call("POST", "/workflows/"+found[0].(object)["id"].(string)+"/runs", object{}, 202)["id"].(string)
		if g.api.finished(run)["status"] != "succeeded" {
			t.Error("the new one does not run")
		}
	})
}
