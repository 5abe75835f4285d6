package ui

// Viewer is the person who looks at the page. Theme is "" (as the device has
// it), light or dark.
type Viewer struct {
	Name, Email, Role, Theme, TimeZone string
	// ProfileURL leads to the page with the person's own settings, if there is one.
	ProfileURL string
}

// Notice is a message above a page. Kind is info, good, warning or problem; the
// first two disappear after a while, unless it Stays; the others stay until closed.
type Notice struct {
	Kind, Text, ActionLabel, ActionURL string
	Stays                              bool
}

func (n Notice) tint() string {
	switch n.Kind {
	case "good":
		return "good"
	case "warning":
		return "retry"
	case "problem":
		return "failed"
	}
	return "running"
}

func (n Notice) icon() string {
	switch n.Kind {
	case "good":
		return "circle-check"
	case "warning":
		return "triangle-alert"
	case "problem":
		return "circle-alert"
	}
	return "info"
}

// passing reports whether the notice may disappear by itself.
func (n Notice) passing() bool {
	return (n.Kind == "good" || n.Kind == "info") && n.ActionURL == "" && !n.Stays
}

// Page is what every page has around its content.
type Page struct {
	Title  string
	Active string // the NavItem's key: overview, workflows, runs, failures, schedules, queue, settings
	// Viewer nil gives the bare layout of login, set-up and errors.
	Viewer      *Viewer
	Environment string // "Production", "Test"; empty shows none
	Notices     []Notice
	Crumbs      []Link // the pages above this one
	Live        bool   // there are live regions: shows the pause button
	Wide        bool   // uses the whole width: the editor, calendars
	House       House  // shown instead of ours to people without an account
}

// House is whose installation this is; empty parts are not shown.
type House struct{ Name, LogoURL string }

func (p Page) theme() string {
	if p.Viewer == nil {
		return ""
	}
	return p.Viewer.Theme
}

func (p Page) timeZone() string {
	if p.Viewer == nil {
		return ""
	}
	return p.Viewer.TimeZone
}

func (p Page) documentTitle() string {
	house := p.House.Name
	switch {
	case house == "" && p.House.LogoURL != "":
		return p.Title // the logo says it
	case house == "":
		house = "Workflow System"
	}
	if p.Title == "" {
		return house
	}
	return p.Title + " · " + house
}

// navItem is one entry of the side bar; pressing g and then its shortcut opens it.
type navItem struct{ key, label, url, icon, shortcut string }

// navigation is the site's map in the order of the side bar.
func navigation() []navItem {
	return []navItem{
		{"overview", "Overview", "/", "layout-dashboard", "o"},
		{"workflows", "Workflows", "/workflows", "workflow", "w"},
		{"runs", "Runs", "/runs", "list-checks", "r"},
		{"failures", "Failures", "/failures", "octagon-x", "f"},
		{"schedules", "Schedules", "/schedules", "calendar-clock", "s"},
		{"queue", "Queue", "/queue", "layers", "q"},
		{"settings", "Settings", "/settings", "settings", "e"},
	}
}
