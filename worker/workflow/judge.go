package workflow

// Judge decides whether conditions hold together.
type Judge struct {
	// Holds decides one that is no group.
	Holds func(Condition) (bool, error)
	// Patient has one that cannot be decided matter only where none holds that would be
	// enough.
	Patient bool
}

// Decide reports whether all of the conditions hold or, where match is "any", one of
// them; and which, from 1, decides that or cannot be decided. What comes after that one
// is not looked at.
func (j Judge) Decide(match string, conditions []Condition) (holds bool, number int, err error) {
	oneIsEnough := match == "any"
	undecided := 0
	for i, condition := range conditions {
		holds, one := j.one(condition)
		switch {
		case one == nil && holds == oneIsEnough:
			return oneIsEnough, i + 1, nil
		case one == nil || err != nil:
			continue
		}
		if err, undecided = one, i+1; !oneIsEnough || !j.Patient {
			return false, undecided, err
		}
	}
	if err != nil {
		return false, undecided, err
	}
	return !oneIsEnough, len(conditions), nil
}

func (j Judge) one(condition Condition) (bool, error) {
	if !condition.Grouped() {
		return j.Holds(condition)
	}
	holds, _, err := j.group(condition)
	return holds, err
}

// group says in a sentence which of the group's conditions cannot be decided; what is
// no sentence stays as it is.
func (j Judge) group(condition Condition) (bool, int, error) {
	holds, number, err := j.Decide(condition.Match, condition.Conditions)
	if _, plain := err.(sentenceError); plain {
		err = sentence("In this group, condition %d: %s", number, err)
	}
	return holds, number, err
}

// ConditionsOf reads the conditions of a step's config, groups and all; what is none is
// left out.
func ConditionsOf(value any) []Condition {
	list, _ := value.([]any)
	var conditions []Condition
	for _, item := range list {
		parts, ok := item.(map[string]any)
		if !ok {
			continue
		}
		operator, _ := parts["operator"].(string)
		match, _ := parts["match"].(string)
		condition := Condition{Value: parts["value"], Operator: operator, Other: parts["other"], Match: match, Conditions: ConditionsOf(parts["conditions"])}
		if isGroup(parts) && match == "" {
			condition.Match = "all"
		}
		conditions = append(conditions, condition)
	}
	return conditions
}

// isGroup reports whether an entry of a list of conditions is a group of others.
func isGroup(parts map[string]any) bool {
	_, matched := parts["match"]
	_, listed := parts["conditions"]
	return matched || listed
}
