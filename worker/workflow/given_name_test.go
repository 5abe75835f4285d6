package workflow_test

import (
	"testing"

	"workflows/worker/workflow"
)

func TestNobodyOutsideReadsANameThatIsAnAddress(t *testing.T) {
	for name, want := range map[string]string{
		"New workflow":                       "",
		"127.0.0.1":                          "",
		"127.0.0.1:18418/crm2/purchase":      "",
		"127.0.0.1:18418/crm2/purchase (12)": "",
		"crm:8080":                           "",
		"localhost:3000/a":                   "",
		"[::1]:8080/a":                       "",
		"shop.example.com":                   "",
		"shop.example.com/status (2)":        "",
		"shop.example.com/a/very/lon…":       "",
		"buero.xn--bcher-kva.xn--p1ai":       "",
		"Order a lamp":                       "Order a lamp",
		"Orders for shop.example.com":        "Orders for shop.example.com",
		"Orders/returns":                     "Orders/returns",
		"Orders: 2026":                       "Orders: 2026",
		"Orders (2)":                         "Orders (2)",
		"v1.2":                               "v1.2",
		"Anträge":                            "Anträge",
		" Leave ":                            "Leave",
	} {
		if got := workflow.GivenName(name); got != want {
			t.Errorf("%q reads %q outside, not %q", name, got, want)
		}
	}
}
