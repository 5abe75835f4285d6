package ui

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

type subPathKey struct{}

// Under has the site's own addresses below ctx begin with a sub-path, such as /flows.
func Under(ctx context.Context, subPath string) context.Context {
	return context.WithValue(ctx, subPathKey{}, subPath)
}

// SubPath is what the site's own addresses begin with below ctx; "" where the site has a
// host of its own.
func SubPath(ctx context.Context) string {
	subPath, _ := ctx.Value(subPathKey{}).(string)
	return subPath
}

// At is an address as browsers know it. Handlers and view models write the site's own
// as they stand in its table, "/runs"; every one that is written into a page or a header
// is written through At.
func At(ctx context.Context, address string) templ.SafeURL {
	if strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") {
		address = SubPath(ctx) + address
	}
	return templ.URL(address)
}
