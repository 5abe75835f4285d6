// Package steps holds the step types of this build: one file each, with its
// form, its rules and its execution in one place. The engine is handed them as
// a map and knows none of them by name.
package steps

import (
	"context"
	"net"
	"net/netip"

	"workflows/models/address"
	"workflows/worker/workflow"
)

// Options are what step types need to know of the installation.
type Options struct {
	// OutboundAllow are ranges that steps may call although they are private.
	OutboundAllow []netip.Prefix
	// Resolver looks up the names of addresses; the machine's own when nil.
	Resolver *net.Resolver
	// Mail says by which server an e-mail leaves, asked for each; nil is by none. An
	// address.Problem is why one that is set cannot be used.
	Mail func(context.Context) (address.MailServer, error)
}

// All returns every step type of this build by name.
func All(options Options) workflow.Types {
	types := workflow.Types{}
	out := newOutbound(options.OutboundAllow, options.Resolver)
	for order, stepType := range []workflow.StepType{
		httpRequest(out),
		readFeed(out),
		sendEmail(newMailServer(options, out)),
		chatMessage(out),
		askModel(out),
		queryDatabase(out),
		setValues(),
		condition(),
		forEach(),
		filterList(),
		remember(),
		readData(),
		makeData(),
		wait(),
		approval(),
		runWorkflow(),
		stop(),
	} {
		stepType.Order = order + 1
		types[stepType.Name] = stepType
	}
	return types
}

// textAt reads a text from a config that may hold anything.
func textAt(config map[string]any, name string) string {
	text, _ := config[name].(string)
	return text
}

// permanent is a failure that no further attempt can mend.
func permanent(code, message string) *workflow.StepError {
	return &workflow.StepError{Code: code, Message: message, Permanent: true}
}
