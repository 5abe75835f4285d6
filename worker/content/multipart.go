package content

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"strconv"

	"workflows/models/columns"
	"workflows/worker/document"
)

const (
	// maxParts bounds a form that is sent in parts.
	maxParts = 1000
	// maxFile is the largest file of a form that is kept, in bytes; maxFiles is for all
	// of them together.
	maxFile  = 256 << 10
	maxFiles = 1 << 20
)

// multipart reads a form with files. A file is {name, type, size, data}: data is
// base64, and null where the file is too large to be kept.
func (k kind) multipart(data []byte) Content {
	f, c := fields{}, Content{}
	boundary := k.parameters["boundary"]
	if boundary == "" || !bytes.Contains(data, []byte("--"+boundary+"--")) {
		return notMultipart(data) // it is cut off
	}
	reader := multipart.NewReader(bytes.NewReader(data), boundary)
	kept := 0
	for range maxParts + 1 { // the last one finds the end
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return f.content(c)
		}
		if err != nil {
			return notMultipart(data)
		}
		body, err := io.ReadAll(part)
		if err != nil {
			return notMultipart(data)
		}
		name := columns.Fit(part.FormName())
		if file := part.FileName(); file != "" {
			keep := len(body) <= maxFile && kept+len(body) <= maxFiles
			if keep {
				kept += len(body)
			}
			f.add(name, fileOf(file, part.Header.Get("Content-Type"), body, keep))
			continue
		}
		f.add(name, partValue(body, part.Header.Get("Content-Type"), &c))
	}
	return notMultipart(data)
}

func fileOf(name, contentType string, body []byte, keep bool) map[string]any {
	file := map[string]any{"name": columns.Fit(name), "type": columns.Fit(contentType), "size": json.Number(strconv.Itoa(len(body))), "data": nil}
	if keep {
		file["data"] = base64.StdEncoding.EncodeToString(body)
	}
	return file
}

// partValue is a field that is no file: a text, or what it says where it is called JSON.
func partValue(body []byte, contentType string, c *Content) any {
	k := kindOf(contentType)
	if k.media == "" {
		k.media = "text/plain"
	}
	text, guessed, ok := k.text(body)
	if !ok {
		return base64.StdEncoding.EncodeToString(body)
	}
	if c.Guessed = c.Guessed || guessed; guessed {
		c.Note = noteGuessed
	}
	if k.isJSON() {
		value, err := anyJSON(text)
		if err == nil {
			return value
		}
		c.fieldNotStorable(err)
	}
	return columns.Fit(text)
}

func notMultipart(data []byte) Content {
	text, _, _ := kind{media: "text/plain"}.text(data)
	return Content{Value: columns.Fit(text), Note: noteNotForm, Err: document.Malformed("The form could not be read. Send it the way a browser does, with at most %d fields.", maxParts)}
}
