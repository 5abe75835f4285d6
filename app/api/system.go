package api

import (
	"cmp"
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/gin-gonic/gin"
)

// Health says what runs and how it is.
type Health struct {
	Status     string `json:"status" enum:"ok,degraded"`
	Version    string `json:"version" doc:"Of this program."`
	Go         string `json:"go"`
	Standalone bool   `json:"standalone" doc:"Everything runs in one process."`
	Database   string `json:"database" doc:"ok, or a sentence that says what is wrong."`
	Redis      string `json:"redis" doc:"ok, or a sentence that says what is wrong."`
	Workers    int    `json:"workers" doc:"Worker processes with a fresh heartbeat."`
	Time       Time   `json:"time"`
}

func (a *API) systemOperations() []Operation {
	const group = "System"
	return []Operation{
		{Method: http.MethodGet, Path: "/health", Name: "getHealth", Group: group, Summary: "Read versions and states; always 200.", Status: 200, Answer: Health{}, Handle: a.getHealth},
		{Method: http.MethodGet, Path: "/openapi.json", Name: "getOpenAPI", Group: group, Summary: "This document.", Status: 200, Answer: map[string]any{}, Handle: a.getOpenAPI},
	}
}

func (a *API) getHealth(c *gin.Context) (any, error) {
	if _, err := read(c, nil); err != nil {
		return nil, err
	}
	s := a.Board.Snapshot(c.Request.Context())
	health := Health{
		Status: "ok", Version: ProgramVersion(), Go: runtime.Version(), Standalone: a.Settings.Standalone,
		Database: okOr(cmp.Or(s.DatabaseError, s.StorageError)), Redis: okOr(s.RedisError), Workers: len(s.Workers), Time: Time(a.Now()),
	}
	if s.DatabaseError != "" || s.StorageError != "" || s.RedisError != "" || len(s.Workers) == 0 {
		health.Status = "degraded"
	}
	return health, nil
}

func okOr(problem string) string {
	if problem == "" {
		return "ok"
	}
	return problem
}

// ProgramVersion is what the build knows of itself: a release's version, or the commit.
func ProgramVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return setting.Value[:12]
		}
	}
	return info.Main.Version
}

func (a *API) getOpenAPI(c *gin.Context) (any, error) {
	if _, err := read(c, nil); err != nil {
		return nil, err
	}
	return a.Document(), nil
}
