// Package subscription has calendars follow the calendar files (.ics) at addresses: each is
// fetched once a day, and a changed one replaces the days that came from it. What a person
// has typed beside it, or left out, stays. While the address is away, or sends what is no
// calendar or has no day to come, the days stay as they are, with the reason.
//
// Which days those are is decided by pure functions (days.go, choice.go, address.go), which
// the pages ask too; Settle (settle.go) decides what a fetch came to. Only a worker fetches.
package subscription
