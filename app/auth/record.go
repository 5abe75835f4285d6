package auth

import (
	"context"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/models"
)

// recordUser adds to the audit log what was done to, or by, an account.
func recordUser(ctx context.Context, tx *gorm.DB, action string, user models.User, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "user." + action, ObjectKind: "user", ObjectID: user.ID, ObjectName: user.Email, After: after})
}

// as has what is recorded below ctx name this person, who is not signed in yet.
func as(ctx context.Context, user models.User, address, requestID string) context.Context {
	return models.WithActor(ctx, models.Actor{Kind: models.ActorPerson, ID: user.ID, Name: user.Email, Address: address, RequestID: requestID})
}

// Outside has what is recorded below the request name somebody without an account
// by the name they gave, whoever is signed in in that browser.
func Outside(c *gin.Context, name string) {
	act(c, models.Actor{Kind: models.ActorOutsider, Name: name})
}
