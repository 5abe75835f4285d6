package frame

// Addresses of one area that pages of another link to.
const (
	CalendarsURL = "/schedules/calendars"
	SecretsURL   = "/settings/secrets"
)
