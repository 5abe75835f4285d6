package api

import (
	"testing"

	"workflows/worker/steps"
)

func TestDocumentDescribesTheConfigOfEveryStepType(t *testing.T) {
	document := (&API{Types: steps.All(steps.Options{})}).Document()
	named := document["components"].(object)["schemas"].(object)
	for _, stepType := range steps.All(steps.Options{}).List() {
		described, found := named[configName(stepType.Name)].(object)
		if !found || len(described["properties"].(object)) != len(stepType.Fields) {
			t.Errorf("%s is described as %v", stepType.Name, described)
		}
	}
	list := named["ForEachConfig"].(object)["properties"].(object)["list"].(object)
	if list["type"] != nil || named["ForEachConfig"].(object)["required"].([]string)[0] != "list" {
		t.Errorf("the list is described as %v", list)
	}
}
