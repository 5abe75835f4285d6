package machine

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/doctor"
	"workflows/app/frame"
	"workflows/views"
)

// examinedFor is how old findings may be that are shown: an examination calls other servers.
const examinedFor = 10 * time.Second

// DoctorShow examines the installation, and shows what was found.
func (s *Site) DoctorShow(c *gin.Context) (templ.Component, error) {
	found, at := s.examined(c.Request.Context())
	page := views.DoctorPage{Page: s.Page(c, "Doctor", "settings"), At: at}
	for _, f := range found {
		page.Findings = append(page.Findings, views.Finding{Check: strings.ToUpper(f.Check[:1]) + f.Check[1:], Status: f.Status, Message: f.Message})
	}
	page.Verdict = verdict(found)
	return views.Doctor(page), nil
}

// verdict is what was found, in a sentence.
func verdict(found []doctor.Finding) string {
	count := map[string]int64{}
	for _, f := range found {
		count[f.Status]++
	}
	var parts []string
	if n := count[doctor.Problem]; n > 0 {
		parts = append(parts, frame.Count(n, "problem"))
	}
	if n := count[doctor.Warning]; n > 0 {
		parts = append(parts, frame.Count(n, "warning"))
	}
	if len(parts) == 0 {
		return "All is well"
	}
	return strings.Join(parts, " and ")
}

// examined are the findings of a moment ago, or of now: one examination at a time for all who look.
func (s *Site) examined(ctx context.Context) ([]doctor.Finding, time.Time) {
	s.examining.Lock()
	defer s.examining.Unlock()
	if now := time.Now(); s.found == nil || now.Sub(s.foundAt) > examinedFor {
		patient := doctor.Patient{Settings: s.Settings, DB: s.DB, Keys: s.Settings.SecretKeys}
		s.found = doctor.Examine(context.WithoutCancel(ctx), patient) // it is for the next ones too
		s.foundAt = s.Now()
	}
	return s.found, s.foundAt
}
