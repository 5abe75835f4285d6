package pages

import (
	"net/url"
	"reflect"
	"slices"

	"workflows/app/web"
	"workflows/worker/entry"
	"workflows/worker/workflow"
)

// longestPrefill bounds what the address of a form can fill in, in bytes.
const longestPrefill = 10_000

// readInputs reads the typed inputs and says of each what is wrong with it, in the order
// of the fields.
func readInputs(inputs []workflow.Input, sent web.Upload) (map[string]any, []workflow.Problem) {
	values, found := typedInputs(inputs, sent)
	_, more := workflow.CheckInput(inputs, values)
	for _, problem := range more {
		if !slices.ContainsFunc(found, func(known workflow.Problem) bool { return known.Path == problem.Path }) {
			found = append(found, problem)
		}
	}
	place := map[string]int{}
	for i, input := range inputs {
		place["input."+input.Name] = i
	}
	slices.SortStableFunc(found, func(a, b workflow.Problem) int { return place[a.Path] - place[b.Path] })
	return values, found
}

// typedInputs are the values of what was typed, where it can be read. A tick that is
// required has to be ticked: somebody stands before it.
func typedInputs(inputs []workflow.Input, sent web.Upload) (map[string]any, []workflow.Problem) {
	values := map[string]any{}
	var problems []workflow.Problem
	for _, input := range inputs {
		name := "input." + input.Name
		var value any
		var problem *workflow.Problem
		switch {
		case input.Uploaded():
			value, problem = readFiles(input, sent)
		case input.Type == "boolean" && (input.Hidden || !input.Tick()) && sent.Values.Get(name) == "":
		default:
			value, problem = workflow.ParseFormInput(input, sent.Values[name]...)
		}
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case input.Tick() && input.Required && value == false:
			problems = append(problems, workflow.Problem{Path: name, Code: "must_be_true", Message: "Tick “" + title(input) + "”: it cannot go on without."})
		case value != nil:
			values[input.Name] = value
		case sent.Values.Has(name), input.Type == "choices" && !input.Hidden: // boxes of which none is ticked are not sent
			values[input.Name] = workflow.Cleared{}
		}
	}
	return values, problems
}

// blank is the problem of a form that asks people for something and was sent without any of
// it: nobody means to. What stood in it beforehand and was left or taken out is an answer,
// and so is what a form's address says for a hidden question; where there are only boxes to
// tick, none of them is one too.
func blank(inputs []workflow.Input, values map[string]any) []workflow.Problem {
	var asked []workflow.Input
	boxes := true
	for _, input := range inputs {
		value := values[input.Name]
		said := value != nil && value != false && value != (workflow.Cleared{})
		switch {
		case !input.Hidden && !said && input.Default == nil:
			asked, boxes = append(asked, input), boxes && input.Tick()
		case !input.Hidden, said && !reflect.DeepEqual(value, input.Default):
			return nil
		}
	}
	if boxes {
		return nil
	}
	return []workflow.Problem{{Path: "input." + asked[0].Name, Code: "required", Message: "Nothing is filled in yet. Answer at least one question, then send it."}}
}

// readFiles are the files that were chosen for an input.
func readFiles(input workflow.Input, sent web.Upload) (any, *workflow.Problem) {
	refused := func(code, message string) (any, *workflow.Problem) {
		return nil, &workflow.Problem{Path: "input." + input.Name, Code: code, Message: message}
	}
	var files []any
	for _, file := range sent.Files {
		switch {
		case file.Field != "input."+input.Name:
			continue
		case file.TooLarge && file.Size > entry.MaxFile:
			return refused("too_large", "“"+file.Name+"” is larger than 1 MB. Choose a smaller file.")
		case file.TooLarge:
			return refused("too_large", "The files of this form are larger than 1 MB together. Choose smaller ones.")
		case len(files) == entry.MostFiles || len(files) == 1 && input.Type == "file":
			return refused("too_many", "There are too many files for “"+title(input)+"”. Choose fewer.")
		}
		files = append(files, entry.NewFile(file.Name, file.Type, file.Data))
	}
	switch known := sent.Values.Get("input." + input.Name); {
	case files == nil && known != "":
		return refused("required", "Choose “"+known+"” again: files are not kept.")
	case files == nil:
		return nil, nil
	case input.Type == "file":
		return files[0], nil
	}
	return files, nil
}

// prefilled are inputs with what the address of their form gives beforehand: ?name=value,
// as if it had been typed. What does not fit is left out, and nobody is made to agree to
// anything: a tick that is required is never ticked.
func prefilled(inputs []workflow.Input, query url.Values) []workflow.Input {
	inputs = slices.Clone(inputs)
	for i, input := range inputs {
		given := query[input.Name]
		if given == nil || input.Uploaded() || input.Tick() && input.Required || len(given[0]) > longestPrefill || input.Name == sentMark {
			continue
		}
		if value, problem := workflow.ParseFormInput(input, given...); problem == nil && value != nil {
			inputs[i].Default = value
		}
	}
	return inputs
}

func title(input workflow.Input) string {
	if input.Label != "" {
		return input.Label
	}
	return input.Name
}
