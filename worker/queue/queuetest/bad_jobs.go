package queuetest

import (
	"strings"

	"workflows/models"
)

// BadJobs is the catalogue of jobs that no worker can use.
func BadJobs() map[string]string {
	id := models.NewID()
	return map[string]string{
		"empty":            "",
		"not JSON":         "hello",
		"cut off":          `{"name":"default","id":"` + id,
		"null":             "null",
		"a list":           "[]",
		"binary":           "\x00\xff\xfe",
		"wrong type":       `{"name":"default","id":"1","t":"now","args":{"run_id":"` + id + `"}}`,
		"wrong fails":      `{"name":"default","id":"1","t":1,"fails":"x","args":{"run_id":"` + id + `"}}`,
		"unknown name":     `{"name":"other","id":"1","t":1,"args":{"run_id":"` + id + `"}}`,
		"no name":          `{"id":"1","t":1,"args":{"run_id":"` + id + `"}}`,
		"no arguments":     `{"name":"default","id":"1","t":1}`,
		"no run id":        `{"name":"default","id":"1","t":1,"args":{}}`,
		"run id a number":  `{"name":"default","id":"1","t":1,"args":{"run_id":7}}`,
		"run id malformed": `{"name":"default","id":"1","t":1,"args":{"run_id":"1; drop table runs"}}`,
		"10 MB":            `{"name":"default","id":"1","t":1,"args":{"run_id":"` + id + `","x":"` + strings.Repeat("x", 10<<20) + `"}}`,
	}
}
