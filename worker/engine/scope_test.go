package engine

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

func TestReferencesKnowThePartsOfATrigger(t *testing.T) {
	var parts []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Trigger]()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		parts = append(parts, name)
	}
	if known := workflow.TriggerParts(); !slices.Equal(slices.Sorted(slices.Values(known)), slices.Sorted(slices.Values(parts))) {
		t.Errorf("they know %v, a trigger has %v", known, parts)
	}
}
