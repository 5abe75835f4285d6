package frame

import (
	"net/url"

	"workflows/models"
)

// Addresses of one area that pages of another link to.
const (
	CalendarsURL = "/schedules/calendars"
	SecretsURL   = "/settings/secrets"
	MailURL      = "/settings/mail"
	RestoredURL  = "/restored"
	BulkURL      = "/bulk"
	// MaintenanceURL is where work is stopped, and goes on.
	MaintenanceURL = "/settings/maintenance"
)

// LaterURL lists the runs that go on by themselves and wait for this.
func LaterURL(reason string) string { return "/queue/later?" + url.Values{"for": {reason}}.Encode() }

// LogoURL is where the logo of the house is, "" where it has none.
func LogoURL(house models.House) string {
	if house.Logo == "" {
		return ""
	}
	return "/logo?v=" + house.Logo
}
