package settings

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif"  // the formats that
	_ "image/jpeg" // a logo can
	_ "image/png"  // have
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/columns"
	"workflows/models/runs"
	"workflows/views"
)

// Limits of the name in characters, and of the logo in bytes and in points each way.
const (
	maxHouseName = 80
	maxLogo      = 64 << 10
	maxLogoSide  = 1000
)

// HouseShow is the page of whose installation this is.
func (s *Site) HouseShow(c *gin.Context) (templ.Component, error) {
	house, err := models.HouseOf(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	page := s.housePage(c, house)
	page.Saved = c.Query("saved") != ""
	if page.LinksOff, err = runs.RunLinksOff(c.Request.Context(), s.DB); err != nil {
		return nil, err
	}
	return views.House(page), nil
}

func (s *Site) housePage(c *gin.Context, house models.House) views.HousePage {
	return views.HousePage{Layout: s.Page(c, "Name and logo", "settings"), Name: house.Name, LogoURL: frame.LogoURL(house)}
}

// HouseSave keeps the name, and the logo if one was chosen.
func (s *Site) HouseSave(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	sent, err := web.FormWithFiles(c, maxLogo)
	if err != nil {
		return nil, err
	}
	house, err := models.HouseOf(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	page := s.housePage(c, house)
	if page.LinksOff, err = runs.RunLinksOff(ctx, s.DB); err != nil {
		return nil, err
	}
	page.Name = strings.TrimSpace(sent.Values.Get("name"))
	if utf8.RuneCountInString(page.Name) > maxHouseName || strings.ContainsFunc(page.Name, columns.Hidden) {
		page.Errors = append(page.Errors, frame.Message("name", "Enter a name of at most 80 visible characters, in one line."))
	}
	logo, problem := chosenLogo(sent)
	if problem != "" {
		page.Errors = append(page.Errors, frame.Message("logo", problem))
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.House(page))
	}
	if err := models.ChangeHouse(ctx, s.DB, page.Name, logo, s.Now()); err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/settings/house?saved=1")
}

// chosenLogo is the picture that was sent, if it can be shown to strangers: what is no
// picture, or holds scripts as SVG may, cannot. Nil changes nothing.
func chosenLogo(sent web.Upload) (logo *models.Logo, problem string) {
	if sent.Values.Get("remove") != "" {
		return &models.Logo{}, ""
	}
	for _, file := range sent.Files {
		if file.Field != "logo" {
			continue
		}
		if file.TooLarge {
			return nil, "The picture is larger than 64 kB. Choose a smaller one."
		}
		kind, err := pictureKind(file.Data)
		if err != nil {
			return nil, "This is no picture that can be shown. Choose a PNG, JPEG or GIF of at most 1000 points each way."
		}
		return &models.Logo{Type: kind, Data: file.Data}, ""
	}
	return nil, ""
}

// pictureKind reads a picture to its end, once it is known to be small.
func pictureKind(data []byte) (string, error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	if size.Width > maxLogoSide || size.Height > maxLogoSide {
		return "", errors.New("the picture is too large")
	}
	if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
		return "", err
	}
	return "image/" + format, nil
}
