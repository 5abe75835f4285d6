package steps

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

func TestAFormWithFilesIsSent(t *testing.T) {
	var got string
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		reader, err := r.MultipartReader()
		if err != nil {
			got = err.Error()
			return
		}
		var parts []string
		for {
			part, err := reader.NextPart()
			if err != nil {
				break
			}
			data, _ := io.ReadAll(part)
			parts = append(parts, fmt.Sprintf("%s|%s|%s|%s", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), data))
		}
		got = strings.Join(parts, "\n")
	})
	photo := map[string]any{"name": `C:\photos\Übung "1".png`, "type": "image/png", "size": 4, "data": "iVBORw=="}
	_, err := execute(t, loopback(), "http_request", map[string]any{"method": "POST", "url": address, "body_type": "multipart", "parts": map[string]any{
		"a_photo": photo, "b": "Müller & Söhne\r\n--x", "c": []any{1, true}, "d": map[string]any{"text": "v"}, "e": nil,
		"f": []any{map[string]any{"name": "", "text": "x;y"}, map[string]any{"data": "_-8", "name": "../n\r\nX: y", "type": "a/b\r\nX: y"}},
	}})
	want := strings.Join([]string{
		"b|||Müller & Söhne\r\n--x", "c|||1", "c|||true", `d|||{"text":"v"}`, "e|||",
		"a_photo|Übung \"1\".png|image/png|\x89PNG", "f|file|application/octet-stream|x;y", "f|n%0D%0AX: y|application/octet-stream|\xff\xef",
	}, "\n")
	if err != nil || got != want {
		t.Errorf("it got\n%q\nnot\n%q\n%v", got, want, err)
	}
	for says, file := range map[string]map[string]any{"not in base64": {"name": "a", "data": "<html>"}, "too large to be kept": {"name": "a", "data": nil, "size": 1 << 20}} {
		_, err := execute(t, loopback(), "http_request", map[string]any{"method": "POST", "url": address, "body_type": "multipart", "parts": map[string]any{"a": file}})
		if failed := assertFails(t, err, "invalid_body", true); !strings.Contains(failed.Message, says) {
			t.Error(failed.Message)
		}
	}
	if !hasProblem(problemsOf(Options{}, "http_request", map[string]any{"url": address, "method": "POST", "body_type": "multipart"}), "parts", "required") {
		t.Error("a form without parts passes")
	}
	part, err := All(loopback())["http_request"].Try(workflow.Call{Config: map[string]any{"method": "POST", "url": address, "body_type": "multipart", "parts": map[string]any{"a": photo}}})
	if err != nil || !strings.Contains(part.Text, `form-data; name="a"`) {
		t.Errorf("a try shows %q, %v", part.Text, err)
	}
}
