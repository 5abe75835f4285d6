package models

import "time"

// User is a person who signs in.
type User struct {
	ID           string `gorm:"primaryKey"`
	Email        string // lower case, unique
	Name         string
	PasswordHash string // argon2id
	Role         string // viewer operator editor administrator
	TimeZone     string // IANA; "" follows the browser
	Theme        string // "" light dark
	CreatedAt    time.Time
	LastLoginAt  *time.Time
}

// Session is a signed-in browser. The token is stored hashed.
type Session struct {
	Token     string `gorm:"primaryKey"`
	Data      []byte
	ExpiresAt time.Time
	ID        string // by which its owner ends it
	UserID    string
	Address   string // that it was last seen from
	Agent     string // what the browser calls itself
	BeganAt   *time.Time
	SeenAt    *time.Time
}

// Invitation is a link with which somebody makes an account or, with a UserID,
// chooses a new password.
type Invitation struct {
	ID        string `gorm:"primaryKey"`
	Hash      string // hex SHA-256 of the link's secret, unique
	Email     string // lower case, unique
	Role      string
	UserID    *string
	InvitedBy string
	// InvitedByID is the user who made it: with them, or with their right to, it goes.
	InvitedByID string
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// APIToken lets a program use the API. The token itself is never stored.
type APIToken struct {
	ID         string `gorm:"primaryKey"`
	Name       string
	Hash       string // hex SHA-256 of the token, unique
	Scopes     string // space-separated; "*" is every scope
	CreatedBy  string
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	CreatedAt  time.Time
}

// TableName names the table: gorm would write a_p_i_tokens.
func (APIToken) TableName() string { return "api_tokens" }

// Setting is one value that the whole installation shares.
type Setting struct {
	Name      string `gorm:"primaryKey"`
	Value     string
	UpdatedAt time.Time
}
