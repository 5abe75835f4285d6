package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/models/columns"
)

const (
	// maxSent is how much of a form with files is read, most of it only to find its end:
	// whoever has chosen a file that is too large keeps what they have typed.
	maxSent = 32 << 20
	// maxParts bounds the fields and files of such a form.
	maxParts = 1000
)

// Upload is what a form with files has sent. The files' names stand among the values: a
// form that comes back says which were chosen, and one that is sent again without them
// does not pass for one that never had any.
type Upload struct {
	Values url.Values
	Files  []File
}

// File is one that was sent for a field. One that is larger than what may be kept has
// no data.
type File struct {
	Field, Name, Type string
	Size              int
	Data              []byte
	TooLarge          bool
}

// FormWithFiles reads the form in the body, with the files that it may hold: maxFiles
// bytes of them are kept. The rest is as in Form.
func FormWithFiles(c *gin.Context, maxFiles int) (Upload, error) {
	kind, parameters, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if kind != "multipart/form-data" {
		values, err := Form(c)
		return Upload{Values: values}, err
	}
	if err := refuseEncoded(c); err != nil {
		return Upload{}, err
	}
	if c.Request.ContentLength > maxSent {
		return Upload{}, &http.MaxBytesError{Limit: maxSent}
	}
	body, ended, err := shared(c, MaxForm+maxFiles)
	if err != nil {
		return Upload{}, err
	}
	r := &uploading{upload: Upload{Values: url.Values{}}, texts: MaxForm, files: maxFiles}
	err = r.read(multipart.NewReader(body, parameters["boundary"]))
	if err == nil {
		_, err = io.Copy(io.Discard, body) // what stands after the end
	}
	switch {
	case ended() != nil:
		return Upload{}, ended()
	case err != nil:
		return Upload{}, err
	}
	c.MustGet(loanKey).(*loan).read = true
	for _, file := range r.upload.Files {
		r.upload.Values.Add(file.Field, file.Name)
	}
	oneLineEnd(r.upload.Values)
	return r.upload, storable(r.upload.Values)
}

// shared is the body as it comes, of which so many bytes will be held. ended says, once it
// was read, why that was not to its end.
func shared(c *gin.Context, held int) (body io.Reader, ended func() error, err error) {
	lent := c.MustGet(loanKey).(*loan)
	connection := http.NewResponseController(c.Writer)
	s := &share{size: held, network: Network(c.ClientIP()), cut: slowCut(connection)}
	if declared := c.Request.ContentLength; declared >= 0 {
		s.size = min(held, int(declared))
	}
	if err := lent.bodies.take(c.Request.Context(), s); err != nil {
		return nil, nil, err
	}
	lent.share = s
	noted := &noting{Reader: counted{io.LimitReader(c.Request.Body, maxSent+1), s}}
	return noted, func() error {
		switch {
		case noted.err == io.EOF && noted.read > maxSent:
			return &http.MaxBytesError{Limit: maxSent}
		case !lent.bodies.whole(s):
			return errCutOff
		case noted.err != nil:
			return sendersFault(noted.err)
		}
		return nil
	}, nil
}

// noting remembers how much was read, and the error that it ended with.
type noting struct {
	io.Reader
	read int
	err  error
}

func (n *noting) Read(p []byte) (int, error) {
	got, err := n.Reader.Read(p)
	n.read += got
	if err != nil {
		n.err = err
	}
	return got, err
}

// uploading is a form with files that is being read, and how many bytes of its texts
// and files may still come.
type uploading struct {
	upload       Upload
	texts, files int
}

func (u *uploading) read(parts *multipart.Reader) error {
	unread := &Failure{Status: http.StatusBadRequest, Code: "malformed", Message: "The form could not be read. Go back, reload the page and send it again."}
	for n := range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return unread
		}
		_, said, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if _, isFile := said["filename"]; isFile {
			err = u.file(part)
		} else {
			err = u.text(part)
		}
		if large := new(http.MaxBytesError); errors.As(err, &large) {
			return err
		} else if err != nil {
			return unread
		}
	}
	return unread
}

func (u *uploading) text(part *multipart.Part) error {
	text, err := io.ReadAll(io.LimitReader(part, int64(u.texts)+1))
	if err != nil {
		return err
	}
	if u.texts -= len(text) + len(part.FormName()); u.texts < 0 {
		return &http.MaxBytesError{Limit: MaxForm}
	}
	u.upload.Values.Add(part.FormName(), string(text))
	return nil
}

// file keeps a file, as far as there is room. A field for which none was chosen is sent
// as a file without a name.
func (u *uploading) file(part *multipart.Part) error {
	kept := &bytes.Buffer{}
	if _, err := io.Copy(kept, io.LimitReader(part, int64(u.files)+1)); err != nil {
		return err
	}
	file := File{Field: part.FormName(), Name: columns.Fit(part.FileName()), Type: columns.Fit(part.Header.Get("Content-Type")), Size: kept.Len(), Data: kept.Bytes()}
	if file.Size > u.files {
		file.Data, file.TooLarge = nil, true
		rest, err := io.Copy(io.Discard, part)
		if err != nil {
			return err
		}
		file.Size += int(rest)
	}
	u.files -= len(file.Data)
	if file.Name != "" {
		u.upload.Files = append(u.upload.Files, file)
	}
	return nil
}

// oneLineEnd makes of the line ends of browsers those of texts.
func oneLineEnd(values url.Values) {
	for _, list := range values {
		for i := range list {
			list[i] = strings.ReplaceAll(list[i], "\r\n", "\n")
		}
	}
}
