package entry

import (
	"encoding/base64"
	"encoding/json"
	"strconv"

	"workflows/models/columns"
	"workflows/worker/document"
)

// Limits of the files of a form, in bytes before they are written in base64.
const (
	MaxFile  = 1 << 20 // of one
	MaxFiles = 1 << 20 // of all together
	// MostFiles is how many may answer one question.
	MostFiles = 10
)

// NewFile is a file as a value: {name, type, size, data} with data in base64, as the
// files of a form that was sent to a webhook are.
func NewFile(name, contentType string, data []byte) map[string]any {
	return map[string]any{
		"name": columns.Fit(name), "type": columns.Fit(contentType), "size": json.Number(strconv.Itoa(len(data))), "data": base64.StdEncoding.EncodeToString(data),
	}
}

// File reports whether a value is a file: it has a name, and data in base64 or null,
// where it was too large to be kept.
func File(value any) bool {
	file, isObject := value.(map[string]any)
	if name, isText := file["name"].(string); !isObject || !isText || name == "" {
		return false
	}
	for part, value := range file {
		_, isText := value.(string)
		switch part {
		case "name":
		case "type":
			if !isText && value != nil {
				return false
			}
		case "size":
			if _, isNumber := document.Number(value, false); !isNumber {
				return false
			}
		case "data":
			if !isText && value != nil {
				return false
			}
		default:
			return false
		}
	}
	data, _ := file["data"].(string)
	if base64.StdEncoding.DecodedLen(len(data)) > MaxFile+2 {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(data)
	return err == nil
}
