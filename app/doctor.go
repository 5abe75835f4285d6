package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"workflows/app/doctor"
	"workflows/app/standalone"
	"workflows/models/sqlite"
	"workflows/worker/environment"
)

// errUnwell says that the doctor found a problem: the findings have said which.
var errUnwell = errors.New("the doctor has found a problem")

// examine prints a line for each thing that the doctor has looked at, and returns errUnwell when
// there is a problem.
func examine(ctx context.Context, settings environment.Settings, asJSON bool, out io.Writer) error {
	patient := doctor.Patient{Settings: settings, Open: openDatabase}
	if settings.Standalone {
		_, err := os.Stat(filepath.Join(settings.DataDir, sqlite.File))
		patient.Fresh = err != nil
	}
	patient.Keys, _ = standalone.KeptKeys(settings) // without them it cannot be said which mail server was entered, which is told
	found := doctor.Examine(ctx, patient)
	unwell := doctor.Unwell(found)
	if asJSON {
		text, err := json.MarshalIndent(map[string]any{"ok": !unwell, "checks": found}, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(out, string(text))
	} else {
		for _, f := range found {
			fmt.Fprintf(out, "%-8s  %-10s  %s\n", f.Status, f.Check, f.Message)
		}
	}
	if unwell {
		return errUnwell
	}
	return nil
}
