package filter

import (
	"fmt"
	"strings"
	"sync"
)

// Word is one of the words, for the editor's menu and the documentation.
type Word struct {
	Name      string
	Title     string // what it is called in the menu
	Group     string // one of Groups
	Arguments []Argument
	Sentence  string // what it does
	Example   string // as it is written: round 2
	In, Out   string // a value and what Example makes of it, in JSON

	takesNull bool
	run       func(c *call, value any) (any, error)
}

// Argument is what a word wants after it.
type Argument struct {
	Label    string
	Kind     string // text, number, whole (number), period, pattern, zone, date or any
	Optional bool

	least, most int // of whole numbers
}

// Groups are the headings under which the words stand, in their order.
func Groups() []string {
	return []string{"Anything", "Texts", "Numbers", "Lists and objects", "Dates", "JSON"}
}

// Words returns all words in the order in which people look for them.
func Words() []Word {
	return []Word{
		{
			Name: "default", Title: "Something in place of nothing", Group: "Anything", Arguments: []Argument{{Label: "Value", Kind: "any"}}, takesNull: true, run: orDefault,
			Sentence: "Puts a value in place of nothing: of null and of an empty text, list or object.", Example: "default 0", In: "null", Out: "0",
		},
		{
			Name: "text", Title: "Make it a text", Group: "Anything", takesNull: true, run: toText,
			Sentence: "Makes a text of the value; lists and objects become JSON, null an empty text.", Example: "text", In: "12.5", Out: `"12.5"`,
		},
		{
			Name: "upper", Title: "Capital letters", Group: "Texts", run: ofText(3, strings.ToUpper),
			Sentence: "Writes the text in capitals.", Example: "upper", In: `"Söhne"`, Out: `"SÖHNE"`,
		},
		{
			Name: "lower", Title: "Small letters", Group: "Texts", run: ofText(3, strings.ToLower),
			Sentence: "Writes the text in small letters.", Example: "lower", In: `"Söhne"`, Out: `"söhne"`,
		},
		{
			Name: "trim", Title: "Without blanks at its ends", Group: "Texts", run: ofText(1, strings.TrimSpace),
			Sentence: "Takes blanks and line breaks off both ends of the text.", Example: "trim", In: `"  Ada \n"`, Out: `"Ada"`,
		},
		{
			Name: "cut", Title: "Only the first characters", Group: "Texts", Arguments: []Argument{{Label: "How many characters", Kind: "whole", most: 1_000_000_000}}, run: cut,
			Sentence: "Keeps only the first characters of the text.", Example: "cut 3", In: `"Zürich"`, Out: `"Zür"`,
		},
		{
			Name: "replace", Title: "Replace a text", Group: "Texts", Arguments: []Argument{{Label: "Look for", Kind: "text"}, {Label: "Write instead", Kind: "text"}}, run: replace,
			Sentence: "Writes another text wherever one stands.", Example: `replace "-" " "`, In: `"a-b-c"`, Out: `"a b c"`,
		},
		{
			Name: "split", Title: "Split into a list", Group: "Texts", Arguments: []Argument{{Label: "Split at", Kind: "text"}}, run: split,
			Sentence: "Makes a list of the parts of the text; an empty text gives an empty list.", Example: `split ","`, In: `"a,b,c"`, Out: `["a","b","c"]`,
		},
		{
			Name: "number", Title: "Read as a number", Group: "Numbers", run: toNumber,
			Sentence: "Reads a text such as 12.5 as a number; an empty text becomes null.", Example: "number", In: `" 12.50 "`, Out: "12.5",
		},
		{
			Name: "round", Title: "Round", Group: "Numbers", Arguments: []Argument{{Label: "Digits after the point", Kind: "whole", least: -maxRound, most: maxRound}}, run: round,
			Sentence: "Rounds to so many digits after the point, half up: 2.345 becomes 2.35, -2.5 becomes -3. With -2 it rounds to hundreds.", Example: "round 2", In: "2.345", Out: "2.35",
		},
		{
			Name: "plus", Title: "Add a number", Group: "Numbers", Arguments: []Argument{{Label: "Number", Kind: "number"}}, run: arithmetic(plus),
			Sentence: "Adds a number, exactly.", Example: "plus 0.2", In: "0.1", Out: "0.3",
		},
		{
			Name: "minus", Title: "Take a number away", Group: "Numbers", Arguments: []Argument{{Label: "Number", Kind: "number"}}, run: arithmetic(minus),
			Sentence: "Takes a number away, exactly.", Example: "minus 1", In: "9007199254740993", Out: "9007199254740992",
		},
		{
			Name: "times", Title: "Multiply", Group: "Numbers", Arguments: []Argument{{Label: "Number", Kind: "number"}}, run: arithmetic(times),
			Sentence: "Multiplies by a number, exactly.", Example: "times 1.19", In: "100", Out: "119",
		},
		{
			Name: "divide", Title: "Divide", Group: "Numbers", Arguments: []Argument{{Label: "Number", Kind: "number"}}, run: arithmetic(divide),
			Sentence: "Divides by a number. The result is exact where it ends within 40 digits; else it is rounded, half up, to 20 digits.", Example: "divide 8", In: "1", Out: "0.125",
		},
		{
			Name: "first", Title: "The first entry", Group: "Lists and objects", run: first,
			Sentence: "Takes the first entry of a list; null where there is none.", Example: "first", In: "[3,1,2]", Out: "3",
		},
		{
			Name: "last", Title: "The last entry", Group: "Lists and objects", run: last,
			Sentence: "Takes the last entry of a list; null where there is none.", Example: "last", In: "[3,1,2]", Out: "2",
		},
		{
			Name: "at", Title: "The entry at a place", Group: "Lists and objects", Arguments: []Argument{{Label: "Place", Kind: "whole", least: -1_000_000_000, most: 1_000_000_000}}, run: at,
			Sentence: "Takes the entry at a place, counted from 0; -1 is the last one. Null where there is none.", Example: "at -2", In: "[3,1,2]", Out: "1",
		},
		{
			Name: "count", Title: "Count", Group: "Lists and objects", takesNull: true, run: count,
			Sentence: "Counts the entries of a list, the fields of an object or the characters of a text; null counts 0.", Example: "count", In: "[3,1,2]", Out: "3",
		},
		{
			Name: "sort", Title: "Sort", Group: "Lists and objects", run: sort,
			Sentence: "Puts a list in order: numbers, then dates, other texts by their letters (capitals first), false, true, lists, objects, null. Texts that are numbers or dates count as such.", Example: "sort", In: `[10,"9",2]`, Out: `[2,"9",10]`,
		},
		{
			Name: "sort_by", Title: "Sort by a field", Group: "Lists and objects", Arguments: []Argument{{Label: "Field", Kind: "text"}}, run: sortBy,
			Sentence: "Puts a list of objects in the order of one of their fields.", Example: `sort_by "n"`, In: `[{"n":2},{"n":1}]`, Out: `[{"n":1},{"n":2}]`,
		},
		{
			Name: "reverse", Title: "Turn round", Group: "Lists and objects", run: reverse,
			Sentence: "Turns a list round.", Example: "reverse", In: "[3,1,2]", Out: "[2,1,3]",
		},
		{
			Name: "unique", Title: "Each only once", Group: "Lists and objects", run: unique,
			Sentence: "Keeps the first of entries that are the same. 1 and 1.0 are the same, and so are two ways to write one moment; the number 1 and the text “1” are not.", Example: "unique", In: "[1,2,1.0]", Out: "[1,2]",
		},
		{
			Name: "pick", Title: "One field", Group: "Lists and objects", Arguments: []Argument{{Label: "Field", Kind: "text"}}, run: pick,
			Sentence: "Takes one field of an object, or of each object of a list; null where it is missing. “customer.name” leads further inside.", Example: `pick "name"`, In: `[{"name":"Ada"},{"name":"Bo"}]`, Out: `["Ada","Bo"]`,
		},
		{
			Name: "sum", Title: "Add up", Group: "Lists and objects", run: sum,
			Sentence: "Adds up a list of numbers, exactly. Null counts for nothing.", Example: "sum", In: "[0.1,0.2,null]", Out: "0.3",
		},
		{
			Name: "min", Title: "The smallest", Group: "Lists and objects", run: extreme(-1),
			Sentence: "Takes the smallest entry of a list of numbers, of dates or of texts. Null counts for nothing; entries of several kinds are refused.", Example: "min", In: "[3,1,2]", Out: "1",
		},
		{
			Name: "max", Title: "The largest", Group: "Lists and objects", run: extreme(1),
			Sentence: "Takes the largest entry of a list of numbers, of dates or of texts. Null counts for nothing; entries of several kinds are refused.", Example: "max", In: "[3,1,2]", Out: "3",
		},
		{
			Name: "join", Title: "Join into a text", Group: "Lists and objects", Arguments: []Argument{{Label: "Between the entries", Kind: "text"}}, run: join,
			Sentence: "Makes one text of the entries of a list.", Example: `join ", "`, In: `["a","b",3]`, Out: `"a, b, 3"`,
		},
		{
			Name: "keys", Title: "Names of the fields", Group: "Lists and objects", run: keys,
			Sentence: "Lists the names of an object's fields, in alphabetical order.", Example: "keys", In: `{"b":1,"a":2}`, Out: `["a","b"]`,
		},
		{
			Name: "values", Title: "Values of the fields", Group: "Lists and objects", run: values,
			Sentence: "Lists the values of an object's fields, in the alphabetical order of their names.", Example: "values", In: `{"b":1,"a":2}`, Out: "[2,1]",
		},
		{
			Name: "date", Title: "Write as a date", Group: "Dates", Arguments: []Argument{{Label: "Format", Kind: "pattern"}, {Label: "Time zone", Kind: "zone", Optional: true}}, run: date,
			Sentence: "Writes a date in a format made of yyyy MM dd HH mm ss, EEE or EEEE (Sat, Saturday) and MMM or MMMM (Nov, November), or iso; in a time zone, else in UTC. A number counts as seconds since 1970.", Example: `date "dd.MM.yyyy HH:mm" "Europe/Berlin"`, In: `"2026-11-28T10:00:00Z"`, Out: `"28.11.2026 11:00"`,
		},
		{
			Name: "add", Title: "Move a date on", Group: "Dates", Arguments: []Argument{{Label: "How long", Kind: "period"}}, run: moved(1),
			Sentence: "Moves a date on by seconds, minutes, hours, days, weeks, months or years. A month on from 31 January is the last day of February.", Example: `add "2 days"`, In: `"2026-11-28T10:00:00Z"`, Out: `"2026-11-30T10:00:00Z"`,
		},
		{
			Name: "subtract", Title: "Move a date back", Group: "Dates", Arguments: []Argument{{Label: "How long", Kind: "period"}}, run: moved(-1),
			Sentence: "Moves a date back.", Example: `subtract "1 hour"`, In: `"2026-11-28T10:00:00Z"`, Out: `"2026-11-28T09:00:00Z"`,
		},
		{
			Name: "since", Title: "Seconds since a date", Group: "Dates", Arguments: []Argument{{Label: "Date", Kind: "date"}}, run: since,
			Sentence: "Counts the seconds from another date to this one.", Example: `since "2026-11-28T10:00:00Z"`, In: `"2026-11-28T11:00:00Z"`, Out: "3600",
		},
		{
			Name: "parse_json", Title: "Read as JSON", Group: "JSON", run: parseJSON,
			Sentence: "Reads a text in JSON, so that its fields can be used. What is no text stays as it is.", Example: "parse_json", In: `"{\"a\": [1]}"`, Out: `{"a":[1]}`,
		},
		{
			Name: "to_json", Title: "Write as JSON", Group: "JSON", takesNull: true, run: toJSON,
			Sentence: "Writes the value as JSON, in one line.", Example: "to_json", In: `{"b":[1,"x"]}`, Out: `"{\"b\":[1,\"x\"]}"`,
		},
	}
}

var byName = sync.OnceValue(func() map[string]Word {
	words := map[string]Word{}
	for _, w := range Words() {
		words[w.Name] = w
	}
	return words
})

func lookup(name string) (Word, bool) {
	w, known := byName()[name]
	return w, known
}

// Names are those of all words.
func Names() []string {
	var names []string
	for _, w := range Words() {
		names = append(names, w.Name)
	}
	return names
}

// least is how many arguments it needs.
func (w Word) least() int {
	least := 0
	for _, a := range w.Arguments {
		if !a.Optional {
			least++
		}
	}
	return least
}

// check says what is wrong with arguments as they are written.
func (w Word) check(args []Arg) error {
	switch most := len(w.Arguments); {
	case len(args) > most && most == 0:
		return sentence(fmt.Sprintf("“%s” stands alone: nothing comes after it but another “|”.", w.Name))
	case len(args) > most, len(args) < w.least():
		return sentence(fmt.Sprintf("“%s” needs %s after it, as in: %s.", w.Name, w.needs(), w.Example))
	}
	for i, arg := range args {
		if arg.Reference != "" {
			continue
		}
		given := &call{word: w, args: []any{nil, nil}, budget: newBudget()}
		given.args[i] = arg.Value
		if err := given.checkArg(i, w.Arguments[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w Word) needs() string {
	var parts []string
	for _, a := range w.Arguments {
		part := map[string]string{
			"text": "a text in quotes", "number": "a number", "whole": "a whole number", "period": "a length of time in quotes",
			"pattern": "a format in quotes", "zone": "a time zone in quotes", "date": "a date in quotes or a reference", "any": "a value",
		}[a.Kind]
		if a.Optional {
			part = "if need be " + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " and ")
}

// checkArg checks a literal as it will be read.
func (c *call) checkArg(i int, a Argument) error {
	var err error
	switch a.Kind {
	case "text":
		_, err = c.textArg(i)
	case "number":
		if _, ok := decimalOf(c.args[i]); !ok {
			return c.wantsArg(i, "a number")
		}
	case "whole":
		_, err = c.wholeArg(i, a.least, a.most)
	case "zone":
		_, err = c.zone(i)
	case "date":
		_, err = c.when(c.args[i], func() error { return c.wantsArg(i, "a date") })
	case "period":
		text, notText := c.textArg(i)
		if notText != nil {
			return notText
		}
		if _, err := periodOf(text); err != nil {
			return c.fails("%s", err)
		}
	case "pattern":
		text, notText := c.textArg(i)
		if notText != nil {
			return notText
		}
		if wrong := checkPattern(text); wrong != "" {
			return c.fails("%s", wrong)
		}
	}
	if text, isText := c.args[i].(string); err == nil && isText && text == "" && i == 0 && (c.word.Name == "replace" || c.word.Name == "split") {
		return c.fails("needs a text to look for, and got an empty one.")
	}
	return err
}
