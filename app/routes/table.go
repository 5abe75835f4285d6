// Package routes is the site as one table: method, path, who may, handler. What
// is not in the table does not exist, and what is in it says who may.
package routes

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/api"
	"workflows/app/documents"
	"workflows/app/editor"
	"workflows/app/explained"
	"workflows/app/machine"
	"workflows/app/many"
	"workflows/app/pages"
	"workflows/app/settings"
	"workflows/app/web"
)

// Route is one line of the site.
type Route struct {
	Method, Path string
	Who          Who
	Handler      gin.HandlerFunc
	// Secret: what is sent holds a password or a key. It is not kept for somebody
	// whose session has ended meanwhile.
	Secret bool
}

// Table returns every route that needs the database. Health, metrics and static
// files are in Engine.
func Table(p Pages, a *api.API) []Route {
	parts := &liveParts{}
	table := outside(p.Runs)
	table = append(table, account(p.Settings, parts)...)
	table = append(table, editorPages(p.Editor, parts)...)
	table = append(table, documentPages(p.Documents)...)
	table = append(table, runPages(p.Runs, parts)...)
	table = append(table, explainedPages(p.Explained, parts)...)
	table = append(table, manyPages(p.Many, parts)...)
	table = append(table, machinePages(p.Machine)...)
	return append(table, programs(a)...)
}

// Pages are the areas of the site for people.
type Pages struct {
	Settings  *settings.Site
	Editor    *editor.Site
	Documents *documents.Site
	Runs      *pages.Site
	Many      *many.Site
	Machine   *machine.Site
	Explained *explained.Site
}

// machinePages are those behind the queue's.
func machinePages(s *machine.Site) []Route {
	return []Route{
		get("/queue/history", Viewer(), s.HistoryShow),
		get("/queue/later", Viewer(), s.LaterShow),
		get("/settings/doctor", Administrator(), s.DoctorShow),
	}
}

// explainedPages explain one run.
func explainedPages(s *explained.Site, parts *liveParts) []Route {
	return []Route{
		get("/runs/:id/timeline", Viewer(), s.Timeline),
		parts.live("/live/runs/:id/timeline", Viewer(), s.TimelineLive),
		get("/runs/:id/differences", Viewer(), s.Differences),
		get("/runs/:id/links", Viewer(), s.LinksShow),
		post("/runs/:id/links", Viewer(), s.LinkMake),
		post("/runs/:id/links/:link/end", Viewer(), s.LinkEnd),
		get("/shared/:token", Holder(), s.Shared),
		file("/shared/:token/values/:value", Holder(), s.SharedValue),
	}
}

// manyPages are what is done with many runs at once; what each deed needs of whoever does it
// is asked there.
func manyPages(s *many.Site, parts *liveParts) []Route {
	return []Route{
		get("/bulk", Viewer(), s.List),
		get("/bulk/new", Operator(), s.Ask),
		post("/bulk", Operator(), s.Begin),
		get("/bulk/:id", Viewer(), s.Show),
		parts.liveByRole("/live/bulk/:id", Viewer(), s.Live),
		post("/bulk/:id/stop", Operator(), s.Stop),
		get("/failures/:id/rule", Operator(), s.RuleShow),
		post("/failures/:id/rule", Operator(), s.RuleSet),
		post("/failures/:id/rule/remove", Operator(), s.RuleRemove),
	}
}

// documentPages compare workflows, give them out as files and take them in.
func documentPages(s *documents.Site) []Route {
	return []Route{
		get("/workflows/import", Editor(), s.ImportShow),
		post("/workflows/import", Editor(), s.Import),
		get("/workflows/:id/compare", Viewer(), s.Compare),
		file("/workflows/:id/export/:kind", Viewer(), s.Export),
	}
}

// outside is for people without an account, and what is about the site itself.
func outside(s *pages.Site) []Route {
	return []Route{
		get("/forms/:token", Holder(), s.FormOutside),
		post("/forms/:token", Holder(), s.FormOutsideSend),
		file("/logo", Anyone(), s.Logo),
		get("/approvals/:token", Holder(), s.ApprovalOutside),
		post("/approvals/:token", Holder(), s.ApprovalOutsideDecide),
		get("/styleguide", Viewer(), s.Styleguide),
		get("/api/docs", Anyone(), s.Docs),
	}
}

// account is getting in, and what is one's own.
func account(s *settings.Site, parts *liveParts) []Route {
	return []Route{
		get("/invitations/:token", Holder(), s.InvitationShow),
		post("/invitations/:token", Holder(), s.InvitationAccept),
		get("/setup", Anyone(), s.SetupForm),
		post("/setup", Anyone(), s.Setup),
		get("/login", Anyone(), s.LoginForm),
		post("/login", Anyone(), s.Login),
		post("/logout", Viewer(), s.Logout),
		post("/theme", Viewer(), s.Theme),
		get("/settings", Viewer(), s.SettingsShow),
		post("/settings/profile", Viewer(), s.SettingsProfile),
		secret(post("/settings/password", Viewer(), s.SettingsPassword)),
		post("/settings/tokens", Administrator(), s.TokenCreate),
		get("/settings/tokens/:id/revoke", Administrator(), s.TokenRevokeAsk),
		post("/settings/tokens/:id/revoke", Administrator(), s.TokenRevoke),
		get("/settings/secrets", Editor(), s.SecretsShow),
		secret(post("/settings/secrets", Editor(), s.SecretPut)),
		get("/settings/secrets/:name/delete", Editor(), s.SecretDeleteAsk),
		post("/settings/secrets/:name/delete", Editor(), s.SecretDelete),
		post("/settings/secrets/:name/end-previous", Editor(), s.SecretEndPrevious),
		post("/settings/sessions/:id/end", Viewer(), s.SessionEnd),
		post("/settings/sessions/end-others", Viewer(), s.SessionsEnd),
		get("/settings/people", Administrator(), s.PeopleShow),
		post("/settings/people", Administrator(), s.Invite),
		get("/settings/people/:id", Administrator(), s.PersonShow),
		post("/settings/people/:id/role", Administrator(), s.PersonRole),
		post("/settings/people/:id/email", Administrator(), s.PersonEmail),
		post("/settings/people/:id/password", Administrator(), s.PersonPassword),
		post("/settings/people/:id/sign-out", Administrator(), s.PersonSignOut),
		get("/settings/people/:id/remove", Administrator(), s.PersonRemoveAsk),
		post("/settings/people/:id/remove", Administrator(), s.PersonRemove),
		post("/settings/invitations/:id/withdraw", Administrator(), s.InvitationWithdraw),
		get("/settings/mail", Administrator(), s.MailShow),
		secret(post("/settings/mail", Administrator(), s.MailSave)),
		post("/settings/mail/first-told", Administrator(), s.FirstToldSave),
		post("/settings/mail/test", Administrator(), s.MailTest),
		parts.live("/live/settings/mail", Administrator(), s.MailLive),
		get("/settings/house", Administrator(), s.HouseShow),
		post("/settings/house", Administrator(), s.HouseSave),
		post("/settings/house/links", Administrator(), s.RunLinksSave),
		get("/settings/maintenance", Viewer(), s.MaintenanceShow),
		post("/settings/maintenance", Administrator(), s.MaintenanceBegin),
		post("/settings/maintenance/end", Administrator(), s.MaintenanceEnd),
		get("/settings/audit", Administrator(), s.AuditShow),
		file("/settings/audit.csv", Administrator(), s.AuditFile),
		post("/settings/secret-keys", Administrator(), s.SecretsRotate),
	}
}

func editorPages(s *editor.Site, parts *liveParts) []Route {
	return []Route{
		// editor pages
		get("/workflows", Viewer(), s.WorkflowsShow),
		get("/workflows/new", Editor(), s.WorkflowNewShow),
		get("/words", Viewer(), s.WordsShow),
		post("/workflows", Editor(), s.WorkflowNew),
		get("/workflows/new/:template", Editor(), s.TemplateShow),
		secret(post("/workflows/new/:template", Editor(), s.TemplateMake)),
		get("/workflows/:id", Viewer(), s.WorkflowShow),
		get("/workflows/:id/pause", Operator(), s.WorkflowPauseShow),
		post("/workflows/:id/pause", Operator(), s.WorkflowPause),
		post("/workflows/:id/resume", Operator(), s.WorkflowResume),
		post("/workflows/:id/duplicate", Editor(), s.WorkflowDuplicate),
		post("/workflows/:id/favourite", Viewer(), s.WorkflowFavourite),
		post("/workflows/:id/tags", Editor(), s.WorkflowTag),
		get("/workflows/:id/delete", Editor(), s.WorkflowDeleteAsk),
		post("/workflows/:id/delete", Editor(), s.WorkflowDelete),
		get("/workflows/:id/publish", Editor(), s.PublishShow),
		post("/workflows/:id/publish", Editor(), s.Publish),
		get("/workflows/:id/versions", Viewer(), s.VersionsShow),
		get("/workflows/:id/versions/:number", Viewer(), s.VersionShow),
		file("/workflows/:id/versions/:number/definition", Viewer(), s.VersionFile),
		get("/workflows/:id/versions/:number/restore", Editor(), s.VersionRestoreAsk),
		post("/workflows/:id/versions/:number/restore", Editor(), s.VersionRestore),
		get("/workflows/:id/edit", Editor(), s.EditorShow),
		post("/workflows/:id/edit", Editor(), s.EditorDo),
		get("/workflows/:id/edit/details", Editor(), s.DetailsShow),
		post("/workflows/:id/edit/details", Editor(), s.DetailsSave),
		get("/workflows/:id/edit/notify", Editor(), s.NotifyShow),
		post("/workflows/:id/edit/notify", Editor(), s.NotifySave),
		get("/workflows/:id/edit/inputs", Editor(), s.InputsShow),
		post("/workflows/:id/edit/inputs", Editor(), s.InputsSave),
		post("/workflows/:id/edit/inputs/preview", Editor(), s.InputsPreview),
		get("/workflows/:id/edit/new-step", Editor(), s.StepNewShow),
		get("/workflows/:id/edit/steps-for", Editor(), s.StepsFor),
		get("/workflows/:id/edit/steps/:step", Editor(), s.EditorShow),
		post("/workflows/:id/edit/steps/:step", Editor(), s.EditorDo),
		get("/workflows/:id/edit/steps/:step/tried", Editor(), s.StepTried),
		get("/workflows/:id/edit/steps/:step/move", Editor(), s.StepMoveShow),
		post("/workflows/:id/edit/steps/:step/move", Editor(), s.StepMove),
		get("/workflows/:id/edit/steps/:step/delete", Editor(), s.StepDeleteAsk),
		post("/workflows/:id/edit/steps/:step/delete", Editor(), s.StepDelete),
		get("/workflows/:id/edit/try", Editor(), s.TryOnShow),
		post("/workflows/:id/edit/try", Editor(), s.TryOn),
		get("/workflows/:id/edit/data", Editor(), s.DataShow),
		post("/workflows/:id/edit/data", Editor(), s.DataShow),
		get("/workflows/:id/edit/new-trigger", Editor(), s.TriggerNewShow),
		post("/workflows/:id/edit/new-trigger", Editor(), s.TriggerSave),
		get("/workflows/:id/edit/new-form", Editor(), s.PublicFormNewShow),
		post("/workflows/:id/edit/new-form", Editor(), s.PublicFormNew),
		get("/workflows/:id/edit/forms/:trigger", Editor(), s.PublicFormEditShow),
		post("/workflows/:id/edit/forms/:trigger", Editor(), s.PublicFormSave),
		get("/workflows/:id/edit/new-webhook", Editor(), s.WebhookNewShow),
		post("/workflows/:id/edit/new-webhook", Editor(), s.WebhookSave),
		get("/workflows/:id/edit/webhooks/:trigger", Editor(), s.WebhookFormShow),
		post("/workflows/:id/edit/webhooks/:trigger", Editor(), s.WebhookSave),
		post("/workflows/:id/edit/preview", Editor(), s.TriggerPreview),
		get("/workflows/:id/edit/triggers/:trigger", Editor(), s.TriggerShow),
		post("/workflows/:id/edit/triggers/:trigger", Editor(), s.TriggerSave),
		get("/workflows/:id/edit/triggers/:trigger/delete", Editor(), s.TriggerDeleteAsk),
		post("/workflows/:id/edit/triggers/:trigger/delete", Editor(), s.TriggerDelete),
		get("/workflows/:id/forms/:trigger", Viewer(), s.PublicFormShow),
		get("/workflows/:id/forms/:trigger/address", Editor(), s.NewAddressAsk),
		post("/workflows/:id/forms/:trigger/address", Editor(), s.NewAddress),
		get("/workflows/:id/webhooks/:trigger", Viewer(), s.WebhookShow),
		get("/workflows/:id/webhooks/:trigger/address", Editor(), s.NewAddressAsk),
		post("/workflows/:id/webhooks/:trigger/address", Editor(), s.NewAddress),
		parts.live("/live/workflows/:id/webhooks/:trigger", Viewer(), s.WebhookLive),
		get("/deliveries/:id", Viewer(), s.DeliveryShow),
		post("/deliveries/:id/replay", Operator(), s.DeliveryReplay),
	}
}

func runPages(s *pages.Site, parts *liveParts) []Route {
	return []Route{
		// run pages
		get("/", Viewer(), s.OverviewShow),
		parts.liveByRole("/live/overview", Viewer(), s.OverviewLive),
		post("/workflows/:id/failures/acknowledge", Operator(), s.FailuresAcknowledge),
		get("/workflows/:id/run", Operator(), s.RunForm),
		post("/workflows/:id/run", Operator(), s.RunStart),
		get("/runs", Viewer(), s.RunsShow),
		get("/runs/:id", Viewer(), s.RunShow),
		parts.liveByRole("/live/runs", Viewer(), s.RunsLive, "ids", "q"),
		parts.liveByRole("/live/runs/:id", Viewer(), s.RunLive, pages.RunLooks()...),
		parts.live("/live/runs/:id/detail", Viewer(), s.RunDetailLive, pages.RunLooks()...),
		file("/runs/:id/values/:value", Viewer(), s.RunValue),
		file("/runs/:id/files/:input/:number", Viewer(), s.RunFile),
		get("/runs/:id/items", Viewer(), s.RunItems),
		post("/runs/:id/decisions", Operator(), s.RunDecide),
		get("/runs/:id/cancel", Operator(), s.RunCancelAsk),
		post("/runs/:id/cancel", Operator(), s.RunCancel),
		post("/runs/:id/continue", Operator(), s.RunGoOn),
		get("/runs/:id/retry", Operator(), s.RunAgainAsk),
		post("/runs/:id/retry", Operator(), s.RunAgain),
		get("/inbox", Viewer(), s.InboxShow),
		get("/inbox/:id", Viewer(), s.ApprovalShow),
		post("/inbox/:id", Viewer(), s.ApprovalDecide),
		get("/failures", Viewer(), s.FailuresShow),
		get("/failures/:id", Viewer(), s.FailureShow),
		post("/failures/:id/acknowledge", Operator(), s.FailureAcknowledge),
		post("/failures/:id/snooze", Operator(), s.FailureSnooze),
		post("/failures/:id/solve", Operator(), s.FailureSolve),
		post("/failures/:id/owner", Operator(), s.FailureAssign),
		get("/alerts", Viewer(), s.AlertsShow),
		post("/alerts/:id/acknowledge", Operator(), s.AlertAcknowledge),
		get("/schedules", Viewer(), s.SchedulesShow),
		get("/schedules/ledger", Viewer(), s.LedgerShow),
		file("/schedules/ledger.csv", Viewer(), s.LedgerFile),
		get("/schedules/week", Viewer(), s.ScheduleWeek),
		get("/schedules/hour", Viewer(), s.ScheduleHour),
		get("/schedules/import", Editor(), s.CrontabShow),
		post("/schedules/import", Editor(), s.Crontab),
		get("/schedules/spread", Editor(), s.SpreadShow),
		post("/schedules/spread", Editor(), s.Spread),
		get("/schedules/calendars", Viewer(), s.CalendarsShow),
		post("/schedules/calendars", Editor(), s.CalendarNew),
		get("/schedules/calendars/new", Editor(), s.CalendarNewShow),
		get("/schedules/calendars/:id", Viewer(), s.CalendarShow),
		post("/schedules/calendars/:id", Editor(), s.CalendarSave),
		post("/schedules/calendars/:id/fetch", Editor(), s.CalendarFetch),
		get("/schedules/calendars/:id/subscription/end", Editor(), s.CalendarUnfollowAsk),
		post("/schedules/calendars/:id/subscription/end", Editor(), s.CalendarUnfollow),
		get("/schedules/calendars/:id/delete", Editor(), s.CalendarDeleteAsk),
		post("/schedules/calendars/:id/delete", Editor(), s.CalendarDelete),
		get("/schedules/:id", Viewer(), s.ScheduleShow),
		get("/schedules/:id/pause", Operator(), s.SchedulePauseShow),
		post("/schedules/:id/pause", Operator(), s.SchedulePause),
		post("/schedules/:id/resume", Operator(), s.ScheduleResume),
		get("/restored", Viewer(), s.RestoredShow),
		post("/restored", Administrator(), s.RestoredGoOn),
		get("/queue", Viewer(), s.QueueShow),
		parts.liveByZone("/live/queue", Viewer(), s.QueueLive),
		post("/queue/aside/clear", Operator(), s.AsideClear),
		post("/workers/:id/drain", Operator(), s.WorkerDrain),
		post("/workers/:id/release", Operator(), s.WorkerRelease),
		post("/queues/:name/pause", Operator(), s.QueuePause),
		post("/queues/:name/resume", Operator(), s.QueueResume),
	}
}

func get(path string, who Who, f func(c *gin.Context) (templ.Component, error)) Route {
	return Route{Method: http.MethodGet, Path: path, Who: who, Handler: web.Page(f)}
}

// file is something that is saved, or read by a program.
func file(path string, who Who, f gin.HandlerFunc) Route {
	return Route{Method: http.MethodGet, Path: path, Who: who, Handler: f}
}

func post(path string, who Who, f func(c *gin.Context) (templ.Component, error)) Route {
	return Route{Method: http.MethodPost, Path: path, Who: who, Handler: web.Page(f)}
}

func secret(r Route) Route {
	r.Secret = true
	return r
}

// liveParts are the parts of pages that poll; they share what is kept of them.
type liveParts struct{ rendered web.Fragments }

type liveFunc = func(ctx context.Context, c *gin.Context) (templ.Component, error)

// live is the same for all viewers: one rendering for each address, of whose
// parameters it reads no others than these.
func (p *liveParts) live(path string, who Who, f liveFunc, reads ...string) Route {
	return file(path, who, p.rendered.Serve(web.Live{Build: f, Reads: reads}))
}

// liveByRole draws actions for those who may take them.
func (p *liveParts) liveByRole(path string, who Who, f liveFunc, reads ...string) Route {
	return file(path, who, p.rendered.Serve(web.Live{Build: f, Reads: reads, Key: pages.KeyByRole}))
}

// liveByZone is liveByRole for what is drawn on the viewer's clock.
func (p *liveParts) liveByZone(path string, who Who, f liveFunc) Route {
	return file(path, who, p.rendered.Serve(web.Live{Build: f, Key: pages.KeyByRoleAndZone}))
}

// programs is the API, under /api/v1, and what webhooks are called at.
func programs(a *api.API) []Route {
	table := []Route{
		{Method: http.MethodPost, Path: "/hooks/:token", Who: Caller(), Handler: web.JSON(http.StatusAccepted, a.Hook)},
		{Method: http.MethodGet, Path: "/hooks/:token", Who: Caller(), Handler: web.JSON(http.StatusOK, a.HookLook)},
		{Method: http.MethodOptions, Path: "/hooks/:token", Who: Caller(), Handler: web.JSON(http.StatusNoContent, a.HookPreflight)},
	}
	for _, operation := range a.Operations() {
		who := Token(operation.Scope)
		if operation.Scope == "" {
			who = OpenAPI()
		}
		table = append(table, Route{Method: operation.Method, Path: "/api/v1" + operation.Path, Who: who, Handler: web.JSON(operation.Status, operation.Handle)})
	}
	return table
}
