package moment

// Writing is one way in which Read reads a date or a time.
type Writing struct {
	Example string
	Name    string // where it comes from, for people
}

// Writings are the ways in which dates and times are read, for the documentation. The
// examples are all of 28 November 2026, those with a time at 10:00 UTC.
func Writings() []Writing {
	return []Writing{
		{"2026-11-28", "a date (ISO 8601)"},
		{"2026-11-28T10:00:00Z", "a time (RFC 3339), also with parts of a second"},
		{"2026-11-28T11:00:00+01:00", "with the difference to UTC; +0100 and +01 are read too"},
		{"2026-11-28T10:00", "without seconds, without a zone: UTC"},
		{"2026-11-28 10:00:00", "as databases write it"},
		{"2026-11-28T11:00:00+01:00[Europe/Berlin]", "as Java writes it"},
		{"2026/11/28", "the year first, with strokes"},
		{"20261128T100000Z", "as calendars write it"},
		{"2026-332", "the day of the year"},
		{"2026-W48-6", "the day of the week of the year"},
		{"28.11.2026", "the day first, with points"},
		{"28.11.2026 10:00", "with the time"},
		{"28 Nov 2026", "the month as an English word, short or whole"},
		{"November 28, 2026", "the month first"},
		{"Nov 28, 2026, 10:00 AM", "with AM or PM"},
		{"Sat, 28 Nov 2026 10:00:00 GMT", "as web servers write it (RFC 1123)"},
		{"Saturday, 28-Nov-26 10:00:00 GMT", "as old web servers write it (RFC 850)"},
		{"Sat Nov 28 10:00:00 2026", "as the language C writes it (asctime)"},
		{"Sat, 28 Nov 2026 05:00:00 -0500", "as e-mail and feeds write it (RFC 2822)"},
		{"28 Nov 26 05:00 EST", "as old e-mail writes it (RFC 822): EST, EDT, CST, CDT, MST, MDT, PST, PDT, GMT, UT; also CET, CEST, BST and others that mean one zone"},
		{"Sat Nov 28 2026 11:00:00 GMT+0100 (Central European Standard Time)", "as browsers write it"},
	}
}
