package views

import (
	"slices"
	"strings"

	"workflows/views/ui"
)

// TimeZones are the time zones that a form offers; chosen is among them
// whatever it is.
func TimeZones(chosen string) []ui.Option {
	zones := strings.Fields(timeZones)
	if chosen != "" && !slices.Contains(zones, chosen) {
		zones = append([]string{chosen}, zones...)
	}
	options := make([]ui.Option, len(zones))
	for i, zone := range zones {
		options[i] = ui.Option{Value: zone, Label: strings.ReplaceAll(zone, "_", " ")}
	}
	return options
}

// timeZones names at least one zone for every clock in use; the IANA list has
// 600, most of them the same.
const timeZones = `UTC
Europe/Amsterdam Europe/Athens Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Bucharest Europe/Budapest
Europe/Copenhagen Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/Ljubljana Europe/London
Europe/Luxembourg Europe/Madrid Europe/Minsk Europe/Moscow Europe/Oslo Europe/Paris Europe/Prague Europe/Riga Europe/Rome
Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Vienna Europe/Vilnius Europe/Warsaw Europe/Zagreb Europe/Zurich
Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos Africa/Nairobi Africa/Tunis
America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Caracas America/Chicago America/Denver America/Halifax
America/Havana America/Lima America/Los_Angeles America/Mexico_City America/Montevideo America/New_York America/Nuuk America/Phoenix
America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver Pacific/Honolulu
Asia/Almaty Asia/Baku Asia/Bangkok Asia/Beirut Asia/Colombo Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta
Asia/Jerusalem Asia/Kabul Asia/Karachi Asia/Kathmandu Asia/Kolkata Asia/Manila Asia/Riyadh Asia/Seoul Asia/Shanghai Asia/Singapore
Asia/Taipei Asia/Tashkent Asia/Tbilisi Asia/Tehran Asia/Tokyo Asia/Vladivostok Asia/Yangon Asia/Yekaterinburg
Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Lord_Howe Australia/Perth Australia/Sydney
Atlantic/Azores Atlantic/Reykjavik Pacific/Apia Pacific/Auckland Pacific/Chatham Pacific/Fiji Pacific/Guam Pacific/Kiritimati`
