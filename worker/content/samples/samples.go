// Package samples holds what others send, for the tests of every door that it comes
// through: the same content is the same value at each.
package samples

// Content is what was sent, and the JSON of what it stands for.
type Content struct{ Label, Body, Value string }

// Sent are kinds of content by what is special about them.
func Sent() map[string]Content {
	const form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	return map[string]Content{
		"a form's payload":          {form, "payload=%7B%22action%22%3A%22opened%22%2C%22n%22%3A9007199254740993%7D", `{"action":"opened","n":9007199254740993,"payload":{"action":"opened","n":9007199254740993}}`},
		"a form":                    {form, "a=1&b=%C3%A4&b=3", `{"a":"1","b":["ä","3"]}`},
		"a form with a mark":        {form, "\ufeffa=1", `{"a":"1"}`},
		"a form in Latin-1":         {form + "; charset=ISO-8859-1", "a=%E4", `{"a":"ä"}`},
		"parts":                     {parts, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nä\r\n--x\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n2\r\n--x--\r\n", `{"a":"ä","b":"2"}`},
		"parts with a file":         {parts, "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89P\x00\r\n--x--\r\n", `{"f":{"data":"iVAA","name":"a.png","size":3,"type":"image/png"}}`},
		"JSON with a mark":          {"application/json", "\ufeff{\"a\":1}", `{"a":1}`},
		"JSON in Latin-1":           {"application/json; charset=iso-8859-1", "{\"a\":\"\xe4\"}", `{"a":"ä"}`},
		"JSON called text":          {"text/plain", `{"a":1}`, `{"a":1}`},
		"JSON called HTML":          {"text/html; charset=utf-8", ` [1]`, `[1]`},
		"JSON called a script":      {"text/javascript", `{"a":1}`, `{"a":1}`},
		"JSON called bytes":         {"application/octet-stream", `{"a":1}`, `{"a":1}`},
		"JSON of a vendor":          {"application/vnd.x", `{"a":1}`, `{"a":1}`},
		"JSON called nothing":       {"", `{"a":1}`, `{"a":1}`},
		"JSON called a form":        {form, `{"a": 1}`, `{"a":1}`},
		"XML in Latin-1, by itself": {"application/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>", `"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>ä</a>"`},
		"text in Latin-1":           {"text/plain; charset=iso-8859-1", "\xe4", `"ä"`},
		"exact numbers":             {"application/json", `{"a":12345678901234567890.10}`, `{"a":12345678901234567890.10}`},
	}
}
