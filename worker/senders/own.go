package senders

import (
	"crypto/sha1" // #nosec G505 -- the sender signs with it, as HMAC
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scheme is how a sender signs that is not in the table.
type Scheme struct {
	Header    string `json:"header"`
	Before    string `json:"before,omitempty"`      // what stands in the header before the signature: sha256=
	Encoding  string `json:"encoding,omitempty"`    // hex (default) base64
	Algorithm string `json:"algorithm,omitempty"`   // sha256 (default) sha1 sha512
	Text      string `json:"text,omitempty"`        // what is signed: {body} (default), {time}.{body}
	TimeIn    string `json:"time_header,omitempty"` // the header that holds the time; in the signature's one as t= where it is ""
	// Tolerance is by how much the time may differ from now; 5m when "".
	Tolerance string `json:"tolerance,omitempty"`
}

// What a scheme's text is made of.
const (
	bodyPart = "{body}"
	timePart = "{time}"
	urlPart  = "{url}"
)

// Algorithms and Encodings are what a scheme may choose from, the first by itself.
func Algorithms() []string { return []string{"sha256", "sha1", "sha512"} }

// Encodings lists those of signatures.
func Encodings() []string { return []string{"hex", "base64"} }

// Timed reports whether a scheme's signatures cover the time.
func (s Scheme) Timed() bool { return strings.Contains(s.Text, timePart) }

// WrongText says in a sentence what is wrong with the text that is signed; "" is
// nothing.
func (s Scheme) WrongText() string {
	switch left := strings.NewReplacer(bodyPart, "", timePart, "", urlPart, "").Replace(s.Text); {
	case s.Text == "":
		return ""
	case strings.Count(s.Text, bodyPart) != 1:
		return "Write {body} where the content stands, once: what is not signed could be changed by others."
	case strings.Count(s.Text, timePart) > 1:
		return "Write {time} once."
	case strings.ContainsAny(left, "{}"):
		return "In braces may stand {body}, {time} and {url}."
	}
	return ""
}

func own() Sender {
	return Sender{
		Name: Own, Label: "Signature of one’s own", Choice: "Another signature (HMAC), which you describe", Secret: "the secret",
		Enter: []string{
			"Enter the address above at the sender, and the same secret on both sides. What its documentation says about signatures (HMAC) belongs into the form: the header, how the signature is written, and what is signed.",
		},
		Verify:  verifyOwn,
		Example: exampleOwn,
	}
}

func verifyOwn(call Call) error {
	scheme := call.Scheme
	sent := call.Header.Get(scheme.Header)
	if scheme.Header == "" || sent == "" {
		return refuse("missing", "Sign the request, with the signature in the header "+http.CanonicalHeaderKey(scheme.Header)+".")
	}
	var given []string
	stamp := call.Header.Get(scheme.TimeIn)
	for part := range strings.FieldsFuncSeq(sent, func(r rune) bool { return r == ',' || r == ' ' }) {
		if at, is := strings.CutPrefix(part, "t="); is && scheme.TimeIn == "" {
			stamp = at
		}
		if signature, is := strings.CutPrefix(part, scheme.Before); is {
			given = append(given, signature)
		}
	}
	if scheme.Timed() {
		if err := scheme.fresh(stamp, call.Now); err != nil {
			return err
		}
	}
	signatures := inHex(given...)
	if scheme.Encoding == "base64" {
		signatures = inBase64(given...)
	}
	return signed(scheme.hash(), keysOf(call.Secrets), scheme.content(stamp, call), signatures...)
}

func (s Scheme) hash() func() hash.Hash {
	switch s.Algorithm {
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// content is the text that is signed. It is put together in one go: what stands in the
// content is not read as one of its parts.
func (s Scheme) content(stamp string, call Call) string {
	if s.Text == "" {
		return string(call.Content)
	}
	return strings.NewReplacer(bodyPart, string(call.Content), timePart, stamp, urlPart, call.URL).Replace(s.Text)
}

// fresh takes the time in seconds or, where it is that large, in milliseconds.
func (s Scheme) fresh(stamp string, now time.Time) error {
	most := tolerance
	if d, err := time.ParseDuration(s.Tolerance); err == nil && d > 0 {
		most = d
	}
	if n, err := strconv.ParseInt(stamp, 10, 64); err == nil && n > 1e11 && n < 1e15 {
		return near(time.UnixMilli(n), now, most)
	}
	return fresh(stamp, now, most)
}

func exampleOwn(s Scheme) Example {
	if s.Header == "" {
		return Example{}
	}
	text, algorithm := s.Text, s.Algorithm
	if text == "" {
		text = bodyPart
	}
	if !slices.Contains(Algorithms(), algorithm) {
		algorithm = Algorithms()[0]
	}
	shell := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`", bodyPart, "$BODY", timePart, "$TIME", urlPart, "$URL")
	e := Example{Before: []string{macIn(algorithm, s.Encoding, shell.Replace(text))}}
	value := shell.Replace(s.Before) + "$SIGNATURE"
	if s.Timed() {
		e.Before = append([]string{timeNow}, e.Before...)
		if s.TimeIn != "" {
			e.Headers = append(e.Headers, s.TimeIn+": $TIME")
		} else {
			value = "t=$TIME," + value
		}
	}
	e.Headers = append(e.Headers, s.Header+": "+value)
	return e
}
