package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workflows/worker/environment"
)

func TestApplySaysWhatIsReadAsSomethingElse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flows.yaml")
	text := "name: Zips\nsteps:\n  - {id: a, type: set_values, config: {values: {zip: 01234, open: no}}}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir()}
	if err := files(t.Context(), settings, []string{"apply", file, "--dry-run"}, strings.NewReader(""), &said); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		file + ": Line 3: “01234” is read as the number 668. If it is a text, such as a postcode or a phone number, write it in quotes.\n",
		file + ": Line 3: “no” is read as this text. For yes or no write true or false; if it is a text, write it in quotes.\n",
		"Zips\n  It is new.\n1 to change, 0 as they are.\n",
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("not said: %s\nbut:\n%s", want, said.String())
		}
	}
}

func TestApplyNamesTheLinesOfWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml": "name: A\nsteps:\n  - {id: end, type: stop, nmae: x}\n---\nname: B\nsteps:\n  - id: call\n    type: http_request\n    config:\n      url: ftp://example.com\n",
		"b.yaml": "name: B\nsteps: []\n",
		"c.yaml": "name: C\nsteps: &x []\ninputs: *x\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir()}
	err := files(t.Context(), settings, []string{"apply", folder, "--yes"}, strings.NewReader(""), &strings.Builder{})
	if err == nil {
		t.Fatal("it is applied")
	}
	for _, want := range []string{
		"a.yaml (document 1): steps[0].nmae: ", "\n    line 3: - {id: end, type: stop, nmae: x}\n",
		"a.yaml (document 2): steps[0].config.url: ", "\n    line 10: url: ftp://example.com\n",
		"b.yaml: name: “B” stands in ", "\n    line 1: name: B",
		"c.yaml: Line 3: YAML aliases", "\n    line 3: inputs: *x\n",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not said: %s\nbut:\n%s", want, err)
		}
	}
}
