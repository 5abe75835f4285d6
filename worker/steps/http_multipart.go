package steps

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// callParts are the parts of a call's content that is a form with files.
type callParts struct {
	Parts map[string]any `json:"parts" label:"Parts" kind:"values" ref:"true" secret:"true" required:"true" showif:"body_type=multipart" fold:"Send data" missing:"Enter at least one part." help:"Fields by their names. A file is inserted data, or an object: {\"name\": \"orders.csv\", \"type\": \"text/csv\", \"text\": \"…\"}, with data instead of text for content in base64. A list sends a field several times."`
}

// formFile is a file of a form. What is known of it stands in an object with these
// names, as a webhook gives one.
type formFile struct {
	name, mediaType string
	content         []byte
}

// multipartBody writes a form with files: fields first, then files, as servers want it
// that read one part after the other.
func multipartBody(parts map[string]any) (body []byte, contentType string, err error) {
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	type entry struct {
		name, text string
		file       *formFile
	}
	var entries []entry
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		values, isList := parts[name].([]any)
		if !isList {
			values = []any{parts[name]}
		}
		for _, value := range values {
			file, err := fileIn(name, value)
			if err != nil {
				return nil, "", err
			}
			entries = append(entries, entry{name, document.Text(value), file})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(order(a.file), order(b.file)) })
	for _, e := range entries {
		if e.file == nil {
			err = writer.WriteField(e.name, e.text)
		} else {
			err = e.file.write(writer, e.name)
		}
		if err != nil {
			return nil, "", permanent("invalid_body", "The parts cannot be written. Check their names.")
		}
	}
	if err := writer.Close(); err != nil {
		return nil, "", permanent("invalid_body", "The parts cannot be written. Check their names.")
	}
	return buffer.Bytes(), writer.FormDataContentType(), nil
}

func order(file *formFile) int {
	if file == nil {
		return 0
	}
	return 1
}

func (f *formFile) write(to *multipart.Writer, field string) error {
	part, err := to.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(field, f.name)},
		"Content-Type":        {f.mediaType},
	})
	if err == nil {
		_, err = part.Write(f.content)
	}
	return err
}

// fileIn reads a value that is a file: an object with a name and a data or a text. nil is
// another value.
func fileIn(field string, value any) (*formFile, error) {
	object, _ := value.(map[string]any)
	data, hasData := object["data"]
	text, hasText := object["text"]
	if _, named := object["name"]; !named || !hasData && !hasText {
		return nil, nil
	}
	file := &formFile{name: document.Text(object["name"]), mediaType: document.Text(object["type"]), content: []byte(document.Text(text))}
	file.name = file.name[strings.LastIndexAny(file.name, `/\`)+1:]
	if file.name == "" {
		file.name = "file"
	}
	if _, _, err := mime.ParseMediaType(file.mediaType); err != nil || strings.ContainsAny(file.mediaType, "\r\n") {
		file.mediaType = "application/octet-stream"
	}
	if !hasData {
		return file, nil
	}
	content, isText := data.(string)
	if data == nil {
		return nil, invalidFile(field, "is not there: it was too large to be kept.")
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(content))
	if err != nil {
		decoded, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(content), "="))
	}
	if err != nil || !isText {
		return nil, invalidFile(field, "is not in base64. Give a text that is not in base64 as “text”, not as “data”.")
	}
	file.content = decoded
	return file, nil
}

func invalidFile(field, problem string) *workflow.StepError {
	return permanent("invalid_body", "The content of the file “"+short(field)+"” "+problem)
}
