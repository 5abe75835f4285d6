package workflow

import "testing"

func TestReferencesAreReadAsWords(t *testing.T) {
	types := testTypes()
	call := types["call"]
	call.Outputs = []Output{{Name: "body", Type: "any"}, {Name: "status", Title: "answer code", Type: "number"}}
	types["call"] = call
	titles := TitlesOf([]Step{{ID: "shop", Type: "call", Name: "Ask the shop"}}, types)
	for text, want := range map[string]string{
		"If {{ steps.shop.status }} is 200":                    "If [answer code of Ask the shop] is 200",
		"{{ steps.shop.body.status }}":                         "[status of Ask the shop]",
		"{{ steps.shop.body }}":                                "[body of Ask the shop]",
		"{{steps.shop.body.order.total | round 2}} €":          "[order › total of Ask the shop, rounded] €",
		"{{ steps.shop }} {{ steps.gone.body.due_date }}":      "[Ask the shop] [due date of gone]",
		"{{ steps.shop.body.items[0] }}":                       "[items › entry 1 of Ask the shop]",
		"GET https://a.example/{{ input.order_id }}?x":         "GET https://a.example/[order id]?x",
		"{{ input.order.customer }}":                           "[customer of order]",
		"{{ trigger.body.kind }} {{ trigger.type }}":           "[kind of what was sent] [type of the start]",
		"{{ item }}, {{ item.name }}, {{ index }}":             "[the item], [name of the item], [the item’s number]",
		"{{ secrets.SHOP }} {{ run.id }} {{ now }}":            "[the secret SHOP] [id of the run] [now]",
		`{{ steps.shop.body.orders | pick "id" | join ", " }}`: "[id of each of orders of Ask the shop, joined with “, ”]",
		`{{ steps.shop.body.orders | last | pick "id" }}`:      "[id of the last of orders of Ask the shop]",
		"{{ steps.shop.body.orders | count }}":                 "[number of orders of Ask the shop]",
		`{{ "{{" }}name}}`:                                     "{{name}}",
		"cut off {{ steps.sh…":                                 "cut off …",
		"{{ }} stays":                                          "{{ }} stays",
		"nothing":                                              "nothing",
	} {
		if got := InWords(text, titles); got != want {
			t.Errorf("%q is read as %q instead of %q", text, got, want)
		}
	}
}
