package settings

import (
	"net/url"
	"strings"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// profile is what a person says about themselves.
type profile struct{ name, email, zone string }

func readProfile(form url.Values) profile {
	return profile{
		name: strings.TrimSpace(form.Get("name")), email: strings.TrimSpace(form.Get("email")), zone: form.Get("time_zone"),
	}
}

// check says what is wrong; named tells that the person has a name so far. Who was made
// by the configuration has none, and needs none to change the rest.
func (p profile) check(named bool) []ui.FieldMessage {
	var problems []ui.FieldMessage
	if problem := workflow.CheckPersonName(p.name); problem != "" && (named || p.name != "") {
		problems = append(problems, frame.Message("name", problem))
	}
	if problem := auth.CheckEmail(p.email); problem != "" {
		problems = append(problems, frame.Message("email", problem))
	}
	if _, err := workflow.LoadZone(p.zone); err != nil {
		problems = append(problems, frame.Message("time_zone", "Choose one of the time zones."))
	}
	return problems
}
