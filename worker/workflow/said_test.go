package workflow

import "testing"

func TestAQuestionAsksForWhatItsWordsSay(t *testing.T) {
	for question, want := range map[string]string{
		"Name": "text", "E-mail": "email", "Your e-mail address": "email", "Phone": "phone", "Phone number": "phone", "Mobile": "phone", "Website": "url",
		"How many": "number", "How much does it cost?": "number", "Price": "number", "Quantity": "number", "Number of guests": "number",
		"Date": "date", "Date of birth": "date", "Which day?": "date", "Start time": "time", "Date and time": "date_time",
		"CV": "file", "Photos": "files", "Your message": "long_text", "Why?": "long_text", "I agree to the terms": "boolean",
		"Order number": "text", "Phone number of your office": "phone", "Serial number of the device": "text", "Document number": "text", "File name": "text", "Postal code": "text", "Time zone": "text", "E-mail or phone": "text", "": "text", "姓名": "text", "Update": "text", "Photography": "text",
	} {
		if got := TypeAsked(question); got != want {
			t.Errorf("%q asks for %s, not for %s", question, got, want)
		}
	}
}
