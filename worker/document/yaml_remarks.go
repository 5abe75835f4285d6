package document

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"workflows/worker/pattern"
)

// Remarked is a value of a YAML file, with what its author may not have meant, and where
// its parts stand.
type Remarked struct {
	Value any
	// Remarks are sentences about words and numbers that are something else than a person
	// sees, such as 01234; at most 20.
	Remarks []string
	Lines   Lines
}

const maxRemarks = 20

// ReadYAMLWithRemarks is ReadYAML for files that people write.
func ReadYAMLWithRemarks(data []byte) ([]Remarked, error) {
	var values []Remarked
	lines := linesIn(data)
	err := eachYAML(data, func(value any, from *yaml.Node) {
		values = append(values, Remarked{Value: value, Remarks: remarksOn(from, nil), Lines: lines(len(values))})
	})
	return values, err
}

func remarksOn(node *yaml.Node, remarks []string) []string {
	if node.Kind == yaml.ScalarNode && len(remarks) < maxRemarks {
		if remark := remarkOn(node); remark != "" {
			remarks = append(remarks, fmt.Sprintf("Line %d: %s", node.Line, remark))
		}
	}
	for i, child := range node.Content {
		if node.Kind != yaml.MappingNode || i%2 == 1 { // names are texts
			remarks = remarksOn(child, remarks)
		}
	}
	return remarks
}

// timeOfDay is what readers of YAML 1.1 count in sixties.
var timeOfDay = pattern.Of(`^[-+]?[1-9][0-9]*(:[0-5]?[0-9])+$`)

// switches are true or false for readers of YAML 1.1, and texts for all others.
var switches = []string{"yes", "no", "on", "off", "y", "n"}

// remarkOn says of something without quotes what it is read as, where that is not what
// it looks like; "" is what it looks like.
func remarkOn(node *yaml.Node) string {
	text := Shorten(node.Value, 40)
	switch {
	case node.Style != 0:
		return ""
	case slices.Contains(switches, strings.ToLower(node.Value)):
		return fmt.Sprintf("“%s” is read as this text. For yes or no write true or false; if it is a text, write it in quotes.", text)
	case node.Tag == "!!str" && timeOfDay().MatchString(node.Value):
		return fmt.Sprintf("“%s” is read as this text, but other programs read it as a number. Write it in quotes.", text)
	case node.Tag != "!!int" && node.Tag != "!!float", json.Valid([]byte(node.Value)):
		return ""
	}
	value, err := scalarOf(node)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("“%s” is read as the number %s. If it is a text, such as a postcode or a phone number, write it in quotes.", text, Text(value))
}
