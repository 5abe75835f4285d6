package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
)

// List is the form of every list.
type List[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Pass it as cursor to get the next page; null on the last one."`
}

func list[T any](rows []T, next string) List[T] {
	if rows == nil {
		rows = []T{}
	}
	answer := List[T]{Data: rows}
	if next != "" {
		answer.NextCursor = &next
	}
	return answer
}

// listed answers with a page of a list: choose reads the filter from the address,
// find looks, and show makes each row. Lists that are not chosen by a filter alone
// use list.
func listed[Filter, Found, Row any](
	c *gin.Context, db *gorm.DB, known []Parameter, choose func(p *parameters) Filter,
	find func(ctx context.Context, db *gorm.DB, filter Filter) ([]Found, string, error), show func(Found) Row,
) (any, error) {
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	filter := choose(p)
	if err := p.err(); err != nil {
		return nil, err
	}
	found, next, err := find(c.Request.Context(), db, filter)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(found))
	for i, one := range found {
		rows[i] = show(one)
	}
	return list(rows, next), nil
}

// itself is the show of rows that are found as they are shown.
func itself[Row any](row Row) Row { return row }

// parameters reads the address, or what has the same names elsewhere, and collects what is
// wrong with it.
type parameters struct {
	given  func(name string) (string, bool)
	in     string // what stands before the names in paths
	fields []models.FieldError
}

// read starts reading; err is about parameters that the operation does not have.
func read(c *gin.Context, known []Parameter) (*parameters, error) {
	var names []string
	for _, p := range known {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	if err := web.Query(c, names...); err != nil {
		return nil, err
	}
	return &parameters{given: c.GetQuery}, nil
}

func (p *parameters) wrong(name, code, message string) {
	p.fields = append(p.fields, models.FieldError{Path: p.in + name, Code: code, Message: message})
}

func (p *parameters) err() error {
	if len(p.fields) == 0 {
		return nil
	}
	return &models.InvalidError{Code: "invalid_parameter", Message: "A parameter of the address cannot be used.", Fields: p.fields}
}

// number is a whole number between low and high.
func (p *parameters) number(name string, otherwise, low, high int) int {
	text, given := p.given(name)
	if !given {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		p.wrong(name, "out_of_range", "Give a whole number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high)+".")
		return otherwise
	}
	return n
}

func (p *parameters) limit() int { return p.number("limit", 25, 1, 100) }

// cursor is the id with which the page before ended.
func (p *parameters) cursor() string {
	return p.id("cursor", "Pass next_cursor of the page before as it was.")
}

// id is an id of ours, or "".
func (p *parameters) id(name, message string) string {
	text, given := p.given(name)
	if given && !models.ValidID(text) {
		p.wrong(name, "invalid_id", message)
		return ""
	}
	return text
}

// choice is one of the options, or "".
func (p *parameters) choice(name string, options ...string) string {
	text, given := p.given(name)
	if given && !slices.Contains(options, text) {
		p.wrong(name, "unknown_value", "Choose one of: "+strings.Join(options, ", ")+".")
		return ""
	}
	return text
}

// choices are some of the options, separated by commas.
func (p *parameters) choices(name string, options ...string) []string {
	text, given := p.given(name)
	if !given {
		return nil
	}
	chosen := strings.Split(text, ",")
	for _, one := range chosen {
		if !slices.Contains(options, one) {
			p.wrong(name, "unknown_value", "Choose among: "+strings.Join(options, ", ")+".")
			return nil
		}
	}
	return chosen
}

// time is a moment, or nil.
func (p *parameters) time(name string) *time.Time {
	text, given := p.given(name)
	if !given {
		return nil
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil || moment.Year() < 1 || moment.Year() > 9999 {
		p.wrong(name, "invalid_time", "Give a time such as 2026-01-31T09:00:00Z.")
		return nil
	}
	moment = moment.UTC().Truncate(time.Microsecond)
	return &moment
}

// search is a text to look for.
func (p *parameters) search(name string) string {
	text, _ := p.given(name)
	if text = strings.TrimSpace(text); len(text) > 200 {
		p.wrong(name, "too_long", "Search for at most 200 characters.")
		return ""
	}
	return text
}
