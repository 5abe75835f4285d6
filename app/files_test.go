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
