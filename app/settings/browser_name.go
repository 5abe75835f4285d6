package settings

import (
	"strings"

	"workflows/app/frame"
)

// browserName is how people call a browser and its machine, from what it calls
// itself; a guess that only has to tell their own browsers apart.
func browserName(agent string) string {
	return frame.Either(agent == "", "Unknown browser", firstOf(agent, "Browser", "Edg/=Edge", "OPR/=Opera", "Firefox/=Firefox", "Chrome/=Chrome", "Safari/=Safari", "curl/=curl")+
		" on "+firstOf(agent, "another system", "iPhone=iPhone", "iPad=iPad", "Android=Android", "Windows=Windows", "Mac OS X=macOS", "Linux=Linux"))
}

func firstOf(text, otherwise string, names ...string) string {
	for _, pair := range names {
		if mark, name, _ := strings.Cut(pair, "="); strings.Contains(text, mark) {
			return name
		}
	}
	return otherwise
}
