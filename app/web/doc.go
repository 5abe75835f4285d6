// Package web is how the site speaks HTTP: adapters that let handlers return
// values and errors, one place that turns a kind of error into a status and a
// sentence, readers for forms, queries and bodies, and the middleware around
// every route.
//
// *gin.Context stops at the handler: what a handler calls gets
// c.Request.Context(), which ends when the browser goes away.
package web
