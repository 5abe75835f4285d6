package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// AuditEvent says who did what, and from where. Rows are only ever added: the
// database refuses anything else.
type AuditEvent struct {
	ID         string    `gorm:"primaryKey"`
	HappenedAt time.Time // by the database's client
	ActorKind  string    // person, token, outsider, system
	ActorID    string
	ActorName  string
	Address    string // the IP address that the request came from
	RequestID  string
	Action     string // secret.changed
	ObjectKind string // secret
	ObjectID   string
	ObjectName string
	Before     JSON // what was, without secrets; nil when there is nothing to say
	After      JSON
}

// Kinds of actors.
const (
	ActorPerson = "person"
	ActorToken  = "token"
	ActorSystem = "system"
	// ActorOutsider has no account, but a link; the name is what they typed.
	ActorOutsider = "outsider"
)

// Actor is who asks for something, as the audit log names them.
type Actor struct{ Kind, ID, Name, Address, RequestID string }

type actorKey struct{}

// WithActor has everything that is recorded below ctx name this actor.
func WithActor(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// ActorOf is who acts; the system itself when nobody was named.
func ActorOf(ctx context.Context) Actor {
	if actor, ok := ctx.Value(actorKey{}).(Actor); ok {
		return actor
	}
	return Actor{Kind: ActorSystem, Name: "the system"}
}

// Act is what somebody did. Before and After are written as JSON and must not
// hold secrets; nil says nothing.
type Act struct {
	Action                           string
	ObjectKind, ObjectID, ObjectName string
	Before, After                    any
}

// Record adds an act of the context's actor to the audit log. In a transaction it
// stands there if and only if the act itself does.
func Record(ctx context.Context, tx *gorm.DB, act Act) error {
	actor := ActorOf(ctx)
	event := AuditEvent{
		ID: NewID(), HappenedAt: Now(), ActorKind: actor.Kind, ActorID: actor.ID, ActorName: actor.Name, Address: actor.Address, RequestID: actor.RequestID,
		Action: act.Action, ObjectKind: act.ObjectKind, ObjectID: act.ObjectID, ObjectName: act.ObjectName,
	}
	var err error
	if event.Before, err = recorded(act.Before); err != nil {
		return err
	}
	if event.After, err = recorded(act.After); err != nil {
		return err
	}
	if err := plain.Create(ctx, tx, &event); err != nil {
		return fmt.Errorf("record it in the audit log: %w", Kind(err))
	}
	return nil
}

func recorded(value any) (JSON, error) {
	if value == nil {
		return nil, nil
	}
	return ToJSON(value)
}
