package catalog

import (
	"fmt"

	"workflows/models"
	"workflows/worker/workflow"
)

// Invalid turns the problems of a draft into an error, or nil when it may be
// stored: what is only incomplete may stay so until it is published.
func Invalid(problems []workflow.Problem) *models.InvalidError {
	var hard []workflow.Problem
	for _, problem := range problems {
		if !problem.Incomplete {
			hard = append(hard, problem)
		}
	}
	return invalid(hard)
}

func invalid(problems []workflow.Problem) *models.InvalidError {
	if len(problems) == 0 {
		return nil
	}
	err := &models.InvalidError{Code: "invalid_definition", Message: "One thing in the workflow must be corrected."}
	if len(problems) > 1 {
		err.Message = fmt.Sprintf("%d things in the workflow must be corrected.", len(problems))
	}
	for _, problem := range problems {
		err.Fields = append(err.Fields, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
	}
	return err
}

// refused is a plain error, so that nil stays nil.
func refused(problems []workflow.Problem, publish bool) error {
	found := Invalid(problems)
	if publish {
		found = invalid(problems)
	}
	if found == nil {
		return nil
	}
	return found
}

func stale() error {
	return &models.ConflictError{Code: "conflict", Message: "Somebody has changed this workflow since you opened it. Look at the newest draft, then make your change again."}
}

func inUse(runs int) error {
	message := "One run of this workflow is not finished. Wait for it or cancel it, then delete the workflow."
	if runs > 1 {
		message = fmt.Sprintf("%d runs of this workflow are not finished. Wait for them or cancel them, then delete the workflow.", runs)
	}
	if runs >= 1000 {
		message = "At least 1,000 runs of this workflow are not finished. Wait for them or cancel them, then delete the workflow."
	}
	return &models.ConflictError{Code: "in_use", Message: message}
}
