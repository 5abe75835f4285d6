package routes_test

import (
	"slices"
	"strings"
	"testing"

	"workflows/models"
)

func TestWhatIsAskedOfManyRunsMustBeClear(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		id := models.NewID()
		for body, want := range map[string]struct {
			status int
			path   string
		}{
			``:                                   {400, ""},
			`[]`:                                 {400, ""},
			`{"action":"delete"}`:                {422, "filter"},
			`{"action":"delete","filter":{}}`:    {422, "filter"},
			`{"action":"delete","filter":null}`:  {422, "filter"},
			`{"action":"delete","filter":"all"}`: {422, "filter"},
			`{"action":"delete","filter":null,"failure_id":"` + id + `"}`:                                    {422, "filter"},
			`{"action":"delete","failure_id":null}`:                                                          {422, "failure_id"},
			`{"action":"delete","failure_id":""}`:                                                            {422, "failure_id"},
			`{"action":"delete","failure_id":"x"}`:                                                           {422, "failure_id"},
			`{"action":"delete","filter":{"status":"failed"},"failure_id":""}`:                               {422, "failure_id"},
			`{"action":"delete","filter":{"status":"failed","workflow_id":null}}`:                            {422, "filter.workflow_id"},
			`{"action":"delete","filter":{"status":"failed","workflow_id":""}}`:                              {422, "filter.workflow_id"},
			`{"action":"delete","filter":{"workflow_id":7}}`:                                                 {422, "filter.workflow_id"},
			`{"action":"delete","filter":{"workflow":"` + id + `"}}`:                                         {422, "filter.workflow"},
			`{"action":"delete","filter":{"limit":5}}`:                                                       {422, "filter.limit"},
			`{"action":"delete","filter":{"status":"done"}}`:                                                 {422, "filter.status"},
			`{"action":"delete","filter":{"status":""}}`:                                                     {422, "filter.status"},
			`{"action":"delete","filter":{"status":[]}}`:                                                     {422, "filter.status"},
			`{"action":"delete","filter":{"status":["failed",7]}}`:                                           {422, "filter.status"},
			`{"action":"delete","filter":{"status":{"a":1}}}`:                                                {422, "filter.status"},
			`{"action":"delete","filter":{"open":false}}`:                                                    {422, "filter.open"},
			`{"action":"delete","filter":{"open":"yes"}}`:                                                    {422, "filter.open"},
			`{"action":"delete","filter":{"waiting_for":"luck"}}`:                                            {422, "filter.waiting_for"},
			`{"action":"delete","filter":{"trigger":"try"}}`:                                                 {422, "filter.trigger"},
			`{"action":"delete","filter":{"q":" "}}`:                                                         {422, "filter.q"},
			`{"action":"delete","filter":{"q":"` + strings.Repeat("x", 201) + `"}}`:                          {422, "filter.q"},
			`{"action":"delete","filter":{"from":"yesterday"}}`:                                              {422, "filter.from"},
			`{"action":"delete","filter":{"to":""}}`:                                                         {422, "filter.to"},
			`{"action":"delete","filter":{"ids":[]}}`:                                                        {422, "filter.ids"},
			`{"action":"delete","filter":{"ids":null}}`:                                                      {422, "filter.ids"},
			`{"action":"delete","filter":{"ids":"` + id + `"}}`:                                              {422, "filter.ids"},
			`{"action":"delete","filter":{"ids":["` + id + `",""]}}`:                                         {422, "filter.ids[1]"},
			`{"action":"delete","filter":{"ids":["` + id + `",null]}}`:                                       {422, "filter.ids[1]"},
			`{"action":"delete","filter":{"ids":[` + named(1001) + `]}}`:                                     {422, "filter.ids"},
			`{"action":"delete","filter":{"failure_id":"x"}}`:                                                {422, "filter.failure_id"},
			`{"action":"delete","filter":{"failure_id":"` + models.NewID() + `"},"failure_id":"` + id + `"}`: {422, "failure_id"},
			`{"filter":{"status":"failed"}}`:                                                                 {422, "action"},
			`{"action":"","filter":{"status":"failed"}}`:                                                     {422, "action"},
			`{"action":"erase","filter":{"status":"failed"}}`:                                                {422, "action"},
			`{"action":"retry","filter":{"status":"failed"},"from":"middle"}`:                                {422, "from"},
			`{"action":"retry","filter":{"status":"failed"},"version":"2"}`:                                  {422, "version"},
			`{"action":"cancel","filter":{"status":"queued"},"from":"start"}`:                                {422, "from"},
			`{"action":"delete","filter":{"status":"failed"},"version":"same"}`:                              {422, "version"},
			`{"action":"retry","filter":{"status":"failed"},"per_second":0}`:                                 {422, "per_second"},
			`{"action":"retry","filter":{"status":"failed"},"per_second":1001}`:                              {422, "per_second"},
			`{"action":"retry","filter":{"status":"failed"},"per_second":"fast"}`:                            {422, "per_second"},
			`{"action":"retry","filter":{"status":"failed"},"speed":5}`:                                      {422, "speed"},
			`{"action":"retry","filter":{"status":"failed"},"filter":{"q":"words"}}`:                         {400, ""},
			`{"action":"retry","filter":{"q":"\u0000"}}`:                                                     {422, "filter.q"},
			`{"action":"retry","filter":{"q":"` + strings.Repeat("x", 1<<20) + `"}}`:                         {413, ""},
		} {
			a := s.api("POST", "/bulk", body, "Content-Type", "application/json")
			if a.StatusCode != want.status || want.path != "" && !slices.Contains(a.paths(t), want.path) {
				t.Errorf("%.90s answered %d %.300s", body, a.StatusCode, a.body)
				continue
			}
			expectPlainError(t, body[:min(len(body), 80)], a)
		}
		for path, status := range map[string]int{"/bulk/7": 404, "/bulk/" + id: 404, "/bulk?state=lost": 422, "/bulk?action=erase": 422, "/bulk?failure_id=x": 422, "/bulk?cursor=x": 422} {
			if a := s.api("GET", path, nil); a.StatusCode != status {
				t.Errorf("GET %s answered %d", path, a.StatusCode)
			}
		}
		if a := s.api("POST", "/bulk/"+id+"/stop", nil); a.StatusCode != 404 {
			t.Errorf("to stop nothing answered %d", a.StatusCode)
		}
		if rows := s.api("GET", "/bulk", nil).decoded(t)["data"].([]any); len(rows) != 0 {
			t.Errorf("what was refused left %v", rows)
		}
	})
}

// named are so many ids of runs in JSON.
func named(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = `"` + models.NewID() + `"`
	}
	return strings.Join(ids, ",")
}
