// Package frame is what pages of every area have around them and between them:
// the layout with its navigation and notices, and the rows, words, days and forms
// that more than one area shows. What one area alone needs stands there; nothing
// here decides, writes to the database, or knows an address that only one area
// answers, but for those in addresses.go that pages of others link to.
package frame

import (
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/views/ui"
	"workflows/worker/queue/board"
)

// LiveEvery is how often the pages of numbers ask for news.
const LiveEvery = 2 * time.Second

// Frame is what every area's pages are made from; their Site holds one.
type Frame struct {
	DB          *gorm.DB
	Board       *board.Board
	Now         func() time.Time
	Environment string // a badge such as "Test"; empty shows none
}

// Page is what the layout of every page shows. active is the entry of the side
// bar: overview, workflows, runs, failures, schedules, queue or settings.
func (f Frame) Page(c *gin.Context, title, active string) ui.Page {
	p := f.bare(c, title, active)
	if p.Viewer != nil && f.Board != nil {
		p.Notices = append(p.Notices, BoardNotices(f.Board.Snapshot(c.Request.Context()))...)
	}
	return p
}

// LivePage is one whose live part shows the board's notices itself.
func (f Frame) LivePage(c *gin.Context, title, active string) ui.Page {
	p := f.bare(c, title, active)
	p.Live = true
	return p
}

func (f Frame) bare(c *gin.Context, title, active string) ui.Page {
	return ui.Page{Title: title, Active: active, Viewer: web.Viewer(c.Request.Context()), Environment: f.Environment, Notices: web.Said(c)}
}
