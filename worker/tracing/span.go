package tracing

import (
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

// What stands in a request: opentelemetry-proto 1.10, trace/v1, in its JSON form, in which
// times are texts and ids hexadecimal.
type (
	payload struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resource     `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID    string      `json:"traceId"`
		SpanID     string      `json:"spanId"`
		ParentID   string      `json:"parentSpanId,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes"`
		Events     []event     `json:"events,omitempty"`
		Links      []link      `json:"links,omitempty"`
		Status     status      `json:"status"`
	}
	event struct {
		Name string `json:"name"`
		At   string `json:"timeUnixNano"`
	}
	link struct {
		TraceID string `json:"traceId"`
		SpanID  string `json:"spanId"`
	}
	status struct {
		Code int `json:"code,omitempty"`
	}
	attribute struct {
		Key   string    `json:"key"`
		Value attrValue `json:"value"`
	}
	attrValue struct {
		Text   *string `json:"stringValue,omitempty"`
		Number *string `json:"intValue,omitempty"` // 64 bits are texts
	}
)

// internal is the kind of a span that is neither a call nor its answer; failed the status of
// what has failed.
const internal, failed = 1, 2

// judge says of a failure only its code: what was said may hold what others have sent.
func (s *span) judge(state string, failure models.JSON) {
	if state != workflow.RunFailed {
		return
	}
	s.Status.Code = failed
	if code := workflow.ReadFailure(failure).Code; code != "" {
		s.Attributes = append(s.Attributes, text("error.type", code))
	}
}

func text(key, value string) attribute { return attribute{Key: key, Value: attrValue{Text: &value}} }

func number(key string, value int) attribute {
	written := strconv.Itoa(value)
	return attribute{Key: key, Value: attrValue{Number: &written}}
}

// traceID of a run is its id, spanID the random half of one.
func traceID(id string) string { return strings.ReplaceAll(id, "-", "") }

func spanID(id string) string { return traceID(id)[16:] }

func nanos(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }
