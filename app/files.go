package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/document"
	"workflows/worker/environment"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

const (
	noSuchCommand = plain("There is no such command. Start the program alone, or with one of: migrate, doctor, doctor --json, export, apply, backup, restore, rotate-keys, forget-keys")
	filesUsage    = plain("Write: export [FILE], or apply PATH [--yes] [--dry-run]")
)

// plain is an error whose text is for the person at the terminal as it is.
type plain string

func (p plain) Error() string { return string(p) }

// files is the commands that name a file: everything in one, or workflows as YAML.
func files(ctx context.Context, settings environment.Settings, arguments []string, in io.Reader, out io.Writer) error {
	switch arguments[0] {
	case "backup":
		return backup(ctx, settings, arguments[1:], out)
	case "restore":
		return restore(ctx, settings, arguments[1:], out)
	}
	return workflowFiles(ctx, settings, arguments, in, out)
}

// workflowFiles is export and apply: workflows as YAML, out and in.
func workflowFiles(ctx context.Context, settings environment.Settings, arguments []string, in io.Reader, out io.Writer) error {
	paths, flags := split(arguments[1:])
	apply := arguments[0] == "apply"
	unknown := slices.ContainsFunc(flags, func(f string) bool { return !apply || f != "--yes" && f != "--dry-run" })
	if !apply && arguments[0] != "export" {
		return noSuchCommand
	}
	if unknown || len(paths) > 1 || apply && len(paths) == 0 {
		return filesUsage
	}
	db, err := openToMigrate(settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	if _, err := models.Migrate(ctx, db); err != nil {
		return err
	}
	types := steps.All(steps.Options{OutboundAllow: settings.OutboundAllow})
	keeper := &catalog.Catalog{DB: db, Checker: workflow.Checker{Types: types, Trigger: schedule.CheckTrigger}}
	if !apply {
		return export(ctx, keeper, paths, out)
	}
	sources, wrong, err := readFiles(paths[0])
	if err != nil {
		return err
	}
	changes, more, err := keeper.Plan(ctx, sources)
	if err != nil {
		return err
	}
	if wrong = append(wrong, more...); len(wrong) > 0 {
		return plain("Nothing was changed. Correct these first:\n  " + strings.Join(wrong, "\n  "))
	}
	remark(out, sources)
	if show(out, changes) == 0 || slices.Contains(flags, "--dry-run") {
		return nil
	}
	if !slices.Contains(flags, "--yes") && !agrees(in, out) {
		fmt.Fprintln(out, "Nothing was changed.")
		return nil
	}
	ctx = models.WithActor(ctx, models.Actor{Kind: models.ActorSystem, Name: "go run ./app apply"})
	if err := keeper.Apply(ctx, changes, "apply"); err != nil {
		return err
	}
	fmt.Fprintln(out, "Done.")
	return nil
}

func export(ctx context.Context, keeper *catalog.Catalog, paths []string, out io.Writer) error {
	documents, err := keeper.Export(ctx)
	if err != nil {
		return err
	}
	var text strings.Builder
	for i, exported := range documents {
		data, err := exported.YAML()
		if err != nil {
			return err
		}
		if i > 0 {
			text.WriteString("---\n")
		}
		text.Write(data)
	}
	if len(paths) == 0 {
		_, err := io.WriteString(out, text.String())
		return err
	}
	if err := os.WriteFile(paths[0], []byte(text.String()), 0o600); err != nil { // #nosec G703 -- the file that whoever runs the command names
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	fmt.Fprintf(out, "%d workflows written to %s.\n", len(documents), paths[0])
	return nil
}

// readFiles reads a file, or every .yaml and .yml file of a folder and those
// below it. What is wrong with any of them is said of all.
func readFiles(path string) (sources []catalog.Source, wrong []string, err error) {
	var names []string
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error { // #nosec G703 -- the folder that whoever runs the command names
		if err != nil {
			return err
		}
		if kind := filepath.Ext(name); entry.Type().IsRegular() && (name == path || kind == ".yaml" || kind == ".yml") {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name) // #nosec G304 -- in the folder that whoever runs the command names
		if err != nil {
			return nil, nil, fmt.Errorf("the file cannot be read: %w", err)
		}
		documents, problems, err := workflow.ParseYAML(data)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %s", name, err)+quoted(data, err))
		}
		for i, read := range documents {
			from := name
			if len(documents) > 1 {
				from = fmt.Sprintf("%s (document %d)", name, i+1)
			}
			source := catalog.Source{From: from, Document: read}
			if len(problems[i]) == 0 {
				sources = append(sources, source)
			}
			for _, problem := range problems[i] {
				wrong = append(wrong, source.Says(problem))
			}
		}
	}
	if len(sources)+len(wrong) == 0 {
		return nil, nil, fmt.Errorf("there is no workflow in %s", path)
	}
	return sources, wrong, nil
}

// quoted is the line of a file that an error names, to stand below it.
func quoted(data []byte, err error) string {
	var malformed *document.MalformedError
	if !errors.As(err, &malformed) || malformed.Line == 0 {
		return ""
	}
	return "\n    " + document.PlaceOf(data, malformed.Line).String()
}

// remark prints what the authors of the files may not have meant.
func remark(out io.Writer, sources []catalog.Source) {
	for _, source := range sources {
		for _, sentence := range source.Document.Remarks {
			fmt.Fprintf(out, "%s: %s\n", source.From, sentence)
		}
	}
}

// show prints what changes and returns how many workflows do.
func show(out io.Writer, changes []catalog.Change) int {
	count := 0
	for _, change := range changes {
		if len(change.Sentences) == 0 {
			continue
		}
		count++
		fmt.Fprintf(out, "%s\n", change.Name)
		for _, sentence := range change.Sentences {
			fmt.Fprintf(out, "  %s\n", sentence)
		}
	}
	fmt.Fprintf(out, "%d to change, %d as they are.\n", count, len(changes)-count)
	return count
}

func agrees(in io.Reader, out io.Writer) bool {
	fmt.Fprint(out, "Apply this? [y/N] ")
	answer, _ := bufio.NewReader(in).ReadString('\n')
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}
