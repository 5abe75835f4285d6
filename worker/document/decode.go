package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

var (
	errTrailing = errors.New("there is text after the end of the JSON")
	// errCutOff stands for io.EOF, which says elsewhere that a server has gone away.
	errCutOff = errors.New("the end of the JSON is missing")
)

// Decode reads one JSON value that is not to be checked: stored ones, and what
// other programs answer. Unknown fields are passed over, as encoding/json does.
func Decode(data []byte, into any) error {
	if text, ok := into.(*string); ok { // it holds no number, and redacting reads many
		return json.Unmarshal(data, text)
	}
	decoder := Tokens(data)
	if err := decoder.Decode(into); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutOff
	} else if err != nil {
		return err
	}
	if len(bytes.TrimLeft(data[decoder.InputOffset():], " \t\r\n")) > 0 {
		return errTrailing
	}
	return nil
}

// DecodeKnown is Decode for what must be understood whole: a field that into does
// not have is an error, whose text is a sentence.
func DecodeKnown(data []byte, into any) error {
	decoder := Tokens(data)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return Malformed("It has a field that this program does not know: %s.", Shorten(strings.Trim(field, `"`), 60))
	}
	return Malformed("It is written in a way that this program does not know.")
}

// Value is what the JSON stands for: nil, a bool, a string, a json.Number, a
// []any or a map[string]any. Nothing at all is nil.
func Value(data []byte) (value any, err error) {
	if len(data) == 0 {
		return nil, nil
	}
	err = Decode(data, &value)
	return value, err
}

// Tokens goes through JSON piece by piece, for those who stop early.
func Tokens(data []byte) *json.Decoder {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder
}
