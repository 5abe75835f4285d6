package entry

import "testing"

func TestNumbersAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"42": "42", "0.5": "0.5", "-3": "-3", "1e3": "1e3", " 7 ": "7", "0": "0", // as JSON has them
		"49,90": "49.90", "-49,90": "-49.90", "−49,90": "-49.90", "+5": "5", ",5": "0.5", ".5": "0.5", "0,125": "0.125", "1234,567": "1234.567", "12,3456": "12.3456",
		"1.234,50": "1234.50", "1,234.50": "1234.50", "1 234,50": "1234.50", "1\u202f234,50": "1234.50", "1\u00a0234": "1234", "1'234.50": "1234.50", "1’234’567": "1234567",
		"1.234.567": "1234567", "1,234,567": "1234567", "1.234.567,89": "1234567.89", "1 234,567": "1234.567",
		"1.234": "1.234", // as JSON has it, and as forms write it
	} {
		if got, either, ok := Number(text); !ok || got != want || either != "" {
			t.Errorf("%q is %q, %q, %v", text, got, either, ok)
		}
	}
	for text, want := range map[string]string{"1,234": "1234 or 1.234", "-12,345": "-12345 or -12.345", "999,000": "999000 or 999.000"} {
		if got, either, ok := Number(text); ok || got != "" || either != want {
			t.Errorf("%q is %q, %q, %v", text, got, either, ok)
		}
	}
	for _, text := range []string{
		"", "-", ",", ".", "5,", "a", "1a", "0x10", "12,34,567", "1.23.456", "1,2,3", "1 23", "1  234", "1.234 567", "1,234.5.6", "007", "00,5", "--5", "- 5", "1e3,5", "1,5e3",
		"true", "null", `"5"`, "[]", "1.234,567.89", "1234,567.8", "٣", "1'234,567'8", "50 €", " , ",
	} {
		if got, either, ok := Number(text); ok || got+either != "" {
			t.Errorf("%q is %q, %q, %v", text, got, either, ok)
		}
	}
}
