package catalog

import (
	"fmt"

	"workflows/models"
	"workflows/worker/workflow"
)

// refused turns the problems of a definition into a *models.InvalidError, or nil when it
// may be published, or stored as a draft: what is only incomplete may stay so until then.
// What is only doubtful is for pages to say, before they publish.
func refused(problems []workflow.Problem, publish bool) error {
	err := &models.InvalidError{Code: "invalid_definition", Message: "One thing in the workflow must be corrected."}
	for _, problem := range problems {
		if !problem.Doubtful && (publish || !problem.Incomplete) {
			err.Fields = append(err.Fields, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
		}
	}
	if len(err.Fields) == 0 {
		return nil
	}
	if len(err.Fields) > 1 {
		err.Message = fmt.Sprintf("%d things in the workflow must be corrected.", len(err.Fields))
	}
	return err
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
