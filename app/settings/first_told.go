package settings

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models/told"
	"workflows/views"
	"workflows/worker/notify"
)

// FirstToldSave keeps who is told of new workflows, which stands on the page of e-mails.
func (s *Site) FirstToldSave(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	typed := form.Get("first.email")
	first := told.First{Maker: form.Get("first.maker") != "", Email: frame.Addresses(typed)}
	if problem := addressProblem(first.Email); problem != "" {
		page, err := s.mailPageNow(c)
		if err != nil {
			return nil, err
		}
		page.First = views.FirstTold{Maker: first.Maker, Email: typed}
		page.Errors = append(page.Errors, frame.Message("first-email", problem))
		return nil, web.Status(http.StatusUnprocessableEntity, views.Mail(page))
	}
	if err := told.ChangeFirst(ctx, s.DB, first, s.Now()); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.MailURL, "Saved. Workflows that are made from now on begin with it.")
}

func addressProblem(addresses []string) string {
	andMaker := append(slices.Clone(addresses), "maker@example.com")
	for _, problem := range notify.Check([]notify.Rule{{On: []string{notify.Failed}, Email: andMaker}}) {
		return problem.Message
	}
	return ""
}

func firstTold(f told.First) views.FirstTold {
	return views.FirstTold{Maker: f.Maker, Email: strings.Join(f.Email, ", ")}
}
