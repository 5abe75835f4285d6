package editor_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
)

const grouped = `{"format":1,"name":"Orders","inputs":[{"name":"a","type":"text"}],
"triggers":[{"id":"shop","type":"webhook","filter":{"conditions":[{"value":"{{ trigger.body.a }}","operator":"equals","other":"x"},{"match":"any","conditions":[{"value":"{{ trigger.body.b }}","operator":"is_true"},{"value":"{{ trigger.body.c }}","operator":"is_empty"}]}]}}],
"steps":[{"id":"large","type":"condition","config":{"conditions":[{"value":"{{ input.a }}","operator":"is_empty"},{"match":"any","conditions":[{"value":"{{ input.a }}","operator":"equals","other":"x"},{"match":"all","conditions":[{"value":"{{ input.a }}","operator":"matches","other":"^y"}]}]}]}}]}`

func TestGroupsOfConditionsStayTheSameThroughTheirForms(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(grouped), s.As(auth.Editor)
	before, _ := s.Stored(address)
	for _, page := range []string{"/edit/steps/large", "/edit/webhooks/shop"} {
		b.Submit(address+page, nil, http.StatusSeeOther)
		if after, _ := s.Stored(address); string(after.Draft) != string(before.Draft) {
			t.Fatalf("saving %s as it was changed the draft from\n%s\nto\n%s", page, before.Draft, after.Draft)
		}
	}
	sitetest.Shows(t, b.Get(address+"/edit", http.StatusOK), "If [a] is empty and ([a] is x or ([a] matches the pattern ^y))")
}

func TestGroupsOfConditionsAreMadeWithoutJavaScript(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(grouped), s.As(auth.Editor)
	page := address + "/edit/steps/large"
	press := func(form url.Values, command string) url.Values {
		form.Set("row", command)
		return sitetest.FormOf(t, b.Post(page, form, http.StatusOK).Body, page)
	}
	expect := func(form url.Values, want string) {
		t.Helper()
		var rows []string
		for i, kind := range form["config.conditions.kind"] {
			rows = append(rows, kind+form["config.conditions.operator"][i])
		}
		if got := strings.Join(rows, " "); got != want {
			t.Fatalf("the rows are %s, not %s", got, want)
		}
	}
	form := b.Fill(page, page, nil)
	expect(form, "is_empty any equals all matches end end")
	form = press(form, "add config.conditions 5") // into the inner group
	expect(form, "is_empty any equals all matches  end end")
	form = press(form, "group config.conditions 7") // at the end of the outer one
	expect(form, "is_empty any equals all matches  end any  end end")
	form = press(form, "remove config.conditions 3") // the inner group
	expect(form, "is_empty any equals any  end end")
	form = press(form, "group config.conditions")
	expect(form, "is_empty any equals any  end end any  end")
	form["config.conditions.value"][4], form["config.conditions.operator"][4] = "{{ input.a }}", "is_not_empty"
	form.Del("row")
	b.Post(page, form, http.StatusSeeOther)
	_, d := s.Stored(address)
	want := `"conditions":[{"operator":"is_empty","value":"{{ input.a }}"},{"conditions":[{"operator":"equals","other":"x","value":"{{ input.a }}"},{"conditions":[{"operator":"is_not_empty","value":"{{ input.a }}"}],"match":"any"}],"match":"any"}]`
	if got := string(d.Marshal()); !strings.Contains(got, want) {
		t.Errorf("the form made %s", got)
	}
}

func TestAProblemInAGroupStandsAtItsCondition(t *testing.T) {
	s := sitetest.OnSQLite(t)
	address, b := s.Keep(grouped), s.As(auth.Editor)
	page := address + "/edit/steps/large"
	form := b.Fill(page, page, nil)
	form["config.conditions.other"] = slices.Clone(form["config.conditions.other"])
	form["config.conditions.other"][4] = "("
	a := b.Post(page, form, http.StatusUnprocessableEntity)
	sitetest.Shows(t, a.Body, "cannot be read", `href="#config-conditions-4-other"`, `id="config-conditions-4-other"`)
}
