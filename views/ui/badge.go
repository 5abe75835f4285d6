package ui

// A look is how a state is shown: never by colour alone.
type look struct {
	word string
	icon string
	tint string // good running retry failed neutral
}

// lookOf gives every state its word, icon and tint. Words are the ones people
// use; a state that is not known is shown as it is.
func lookOf(status string) look {
	switch status {
	case "queued":
		return look{"Waiting", "clock", "neutral"}
	case "waiting", "waiting_time", "time":
		return look{"Waiting", "hourglass", "neutral"}
	case "running", "in_progress":
		return look{"Running", "loader-circle", "running"}
	case "waiting_retry", "retry", "retrying":
		return look{"Will retry", "rotate-cw", "retry"}
	case "waiting_approval", "approval":
		return look{"Needs approval", "user-check", "retry"}
	case "waiting_decision", "decision":
		return look{"Needs a decision", "hand", "retry"}
	case "waiting_workflow":
		return look{"Waiting for a workflow", "workflow", "neutral"}
	case "succeeded":
		return look{"Succeeded", "circle-check", "good"}
	case "failed":
		return look{"Failed", "circle-x", "failed"}
	case "cancelled":
		return look{"Cancelled", "ban", "neutral"}
	case "skipped":
		return look{"Skipped", "skip-forward", "neutral"}
	case "pending":
		return look{"Not started", "circle-dashed", "neutral"}
	}
	return lookOfThing(status)
}

// lookOfThing holds the states of workflows, schedules, deliveries, queues and
// workers.
func lookOfThing(status string) look {
	switch status {
	case "draft":
		return look{"Draft", "pen-line", "neutral"}
	case "changed":
		return look{"Unpublished changes", "pen-line", "retry"}
	case "active":
		return look{"Active", "circle-check", "good"}
	case "paused":
		return look{"Paused", "circle-pause", "retry"}
	case "off", "disabled":
		return look{"Switched off", "circle-slash", "neutral"}
	case "scheduled":
		return look{"Scheduled", "calendar-clock", "neutral"}
	case "dead", "set_aside":
		return look{"Set aside", "circle-x", "failed"}
	case "approved":
		return look{"Approved", "circle-check", "good"}
	case "expired":
		return look{"Expired", "clock", "neutral"}
	case "not_asked":
		return look{"Not asked any more", "circle-slash", "neutral"}
	case "accepted":
		return look{"Accepted", "circle-check", "good"}
	case "filtered":
		return look{"Filtered out", "funnel", "neutral"}
	case "rejected":
		return look{"Rejected", "circle-x", "failed"}
	case "checked":
		return look{"Address checked", "circle-check", "neutral"}
	case "ran":
		return look{"Ran", "circle-check", "good"}
	case "ran_failed":
		return look{"Started, failed", "circle-x", "failed"}
	case "ran_cancelled":
		return look{"Started, cancelled", "ban", "neutral"}
	case "caught_up":
		return look{"Caught up", "history", "good"}
	case "unreadable":
		return look{"Not understood", "circle-alert", "failed"}
	case "waiting_worker":
		return look{"Waits for a worker", "circle-alert", "retry"}
	case "missed":
		return look{"Missed", "circle-x", "failed"}
	case "late":
		return look{"Late", "triangle-alert", "retry"}
	case "overdue":
		return look{"Overdue", "circle-alert", "failed"}
	case "slow":
		return look{"Takes too long", "hourglass", "retry"}
	case "moved":
		return look{"Moved", "calendar-clock", "retry"}
	case "calendar":
		return look{"Calendar not fetched", "calendar-clock", "retry"}
	case "open":
		return look{"Open", "bell", "retry"}
	case "new":
		return look{"New", "circle-x", "failed"}
	case "came_back":
		return look{"Came back", "rotate-ccw", "failed"}
	case "seen":
		return look{"Seen", "eye", "neutral"}
	case "snoozed":
		return look{"Snoozed", "clock", "neutral"}
	case "solved":
		return look{"Solved", "circle-check", "good"}
	case "acknowledged":
		return look{"Seen", "eye", "neutral"}
	case "closed":
		return look{"Over", "circle-check", "good"}
	case "finished":
		return look{"Done", "circle-check", "good"}
	case "stopped":
		return look{"Stopped", "circle-slash", "neutral"}
	case "ended":
		return look{"Ended", "check", "neutral"}
	case "ok", "online":
		return look{"All well", "circle-check", "good"}
	case "idle":
		return look{"Idle", "circle", "neutral"}
	case "warning":
		return look{"Warning", "triangle-alert", "retry"}
	case "problem":
		return look{"Problem", "circle-alert", "failed"}
	case "gone", "offline":
		return look{"Not connected", "circle-x", "failed"}
	}
	return look{status, "circle", "neutral"}
}

// StatusWord is the word that people read for a state, such as "Will retry" for
// waiting_retry: for titles and sentences where no badge fits.
func StatusWord(status string) string { return lookOf(status).word }
