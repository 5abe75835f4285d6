package frame

import (
	"context"

	"workflows/app/auth"
	"workflows/models/runs"
	"workflows/views"
)

// RunLinks are the links that show a run to people without an account, as the viewer sees them.
func (f Frame) RunLinks(ctx context.Context, runID string) (views.RunLinks, error) {
	at := "/runs/" + runID + "/links"
	links := views.RunLinks{URL: at}
	off, err := runs.RunLinksOff(ctx, f.DB)
	if links.Off = off; err != nil {
		return links, err
	}
	found, err := runs.RunLinks(ctx, f.DB, runID, f.Now())
	for _, link := range found {
		row := views.RunLinkRow{By: link.MadeBy, Until: link.ExpiresAt, Opened: link.Opened, OpenedAt: TimeOf(link.OpenedAt)}
		if MayEndRunLink(ctx, link) {
			row.EndURL = at + "/" + link.ID + "/end"
		}
		links.Rows = append(links.Rows, row)
	}
	return links, err
}

// MayEndRunLink reports whether the viewer may take a link back: whoever made it, and operators.
func MayEndRunLink(ctx context.Context, link runs.RunLink) bool {
	user := auth.User(ctx)
	return user != nil && user.ID == link.MadeByID || auth.May(ctx, auth.Operator)
}
