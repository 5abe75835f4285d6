// Package foreign reads how other systems write when something starts: crontabs, the
// six and seven fields of Quartz and Spring, Amazon's cron() and rate(), Jenkins with its
// H, timers of systemd, CronJobs of Kubernetes and workflows of GitHub.
//
// One and the same line means different times to different systems: weekdays begin with
// 0 or with 1, a sixth field is the seconds or the year, two day fields are joined by
// "and" or by "or". What can be read in one way only is taken, with a word for what it is
// taken for; what can be read in several is asked about, never guessed. Whatever our
// rules cannot say is refused with the reason.
//
// How each system reads its lines was tried on the system, or read in its source, as
// noted beside the rule.
package foreign
