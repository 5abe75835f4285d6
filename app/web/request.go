package web

import (
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/models/columns"
)

// Limits of what is read from a request.
const (
	MaxForm = 256 << 10
	// MaxFileForm is for the forms into which a file of 1 MB can be put: encoded, it may
	// take three times that.
	MaxFileForm = 3<<20 + MaxForm
	MaxJSON     = 1 << 20
)

const (
	apiKey  = "web.api"  // the route answers in JSON
	formKey = "web.form" // the parsed form: handlers may ask for it more than once
	loanKey = "web.loan" // what the request may hold of a body
)

// IsHX reports whether htmx made the request, so that a fragment is wanted.
func IsHX(c *gin.Context) bool { return c.GetHeader("HX-Request") == "true" }

// Form reads the form in the body: at most 256 kB, URL-encoded, readable as
// UTF-8 and without U+0000. Line ends become \n. Values in the address are not
// part of it. Never use c.PostForm, which hides every one of these failures.
func Form(c *gin.Context) (url.Values, error) { return formWithin(c, MaxForm) }

// FileForm is Form for those into which the text of a file is put, of at most 1 MB.
func FileForm(c *gin.Context) (url.Values, error) { return formWithin(c, MaxFileForm) }

func formWithin(c *gin.Context, limit int) (url.Values, error) {
	if kept, ok := c.Get(formKey); ok {
		return kept.(url.Values), nil
	}
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if kind != "application/x-www-form-urlencoded" && c.Request.ContentLength != 0 {
		return nil, &Failure{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Message: "Send the form the way a browser does."}
	}
	data, err := readBody(c, limit)
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return nil, &Failure{Status: http.StatusBadRequest, Code: "malformed", Message: "The form could not be read. Go back, reload the page and send it again."}
	}
	if err := storable(values); err != nil {
		return nil, err
	}
	oneLineEnd(values)
	c.Set(formKey, values)
	return values, nil
}

// Body reads a JSON body of at most 1 MB. Decode it with document.Read.
func Body(c *gin.Context) ([]byte, error) {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if kind != "application/json" {
		return nil, &Failure{Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Message: "Send JSON with the header Content-Type: application/json."}
	}
	return readBody(c, MaxJSON)
}

// Raw reads a body of at most 1 MB, whatever it is.
func Raw(c *gin.Context) ([]byte, error) {
	return readBody(c, MaxJSON)
}

// Query refuses parameters that the route does not know, or that are given
// twice: a misspelt filter must not silently answer with everything.
func Query(c *gin.Context, allowed ...string) error {
	var fields []models.FieldError
	for name, values := range c.Request.URL.Query() {
		switch {
		case !slices.Contains(allowed, name):
			message := "There is no such parameter here. Known are: " + strings.Join(allowed, ", ") + "."
			if len(allowed) == 0 {
				message = "This address takes no parameters."
			}
			fields = append(fields, models.FieldError{Path: name, Code: "unknown_parameter", Message: message})
		case len(values) > 1:
			fields = append(fields, models.FieldError{Path: name, Code: "repeated_parameter", Message: "Give this parameter once."})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	slices.SortFunc(fields, func(a, b models.FieldError) int { return strings.Compare(a.Path, b.Path) })
	return &models.InvalidError{Code: "invalid_parameter", Message: "A parameter of the address cannot be used.", Fields: fields}
}

// ID returns the id in the path. Anything that is not an id is ErrNotFound:
// nothing can have it.
func ID(c *gin.Context, name string) (string, error) {
	id := c.Param(name)
	if !models.ValidID(id) {
		return "", models.ErrNotFound
	}
	return id, nil
}

// NextCursor is the address of a list's next page: the present one with the
// cursor put in, so that filters stay. Without a cursor it is "".
func NextCursor(c *gin.Context, cursor string) string {
	if cursor == "" {
		return ""
	}
	return WithQuery(c, "cursor", cursor)
}

// WithQuery is the present address with one parameter set, or removed by "".
func WithQuery(c *gin.Context, name, value string) string {
	query := c.Request.URL.Query()
	if value == "" {
		query.Del(name)
	} else {
		query.Set(name, value)
	}
	if len(query) == 0 {
		return c.Request.URL.Path
	}
	return c.Request.URL.Path + "?" + query.Encode()
}

// storable refuses what no database column takes.
func storable(values url.Values) error {
	var fields []models.FieldError
	for name, list := range values {
		for _, text := range append([]string{name}, list...) {
			if !columns.Holds(text) {
				fields = append(fields, models.FieldError{Path: columns.Fit(name), Code: "invalid_character", Message: "The text contains a character that cannot be stored. Type it again without it."})
				break
			}
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &models.InvalidError{Code: "invalid_character", Message: "A text contains a character that cannot be stored. Type it again without it.", Fields: fields}
}

// Network is whom an IP address counts for in limits: itself, or the network of an
// IPv6 address, of which its owner has all.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
