package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	maxModelData   = 1 << 20 // bytes that a model is sent
	maxModelAnswer = 1 << 20 // bytes of its answer
)

type askModelConfig struct {
	URL          string       `json:"url" label:"Address" kind:"address" required:"true" ref:"true" example:"https://models.example.com/v1" missing:"Enter the address of the model's server." help:"Of a server that speaks like OpenAI's “chat completions”, also one of your own: as far as /v1 or with /chat/completions."`
	KeySecret    string       `json:"key_secret" label:"Key" kind:"secret" help:"The secret that holds the server's key. A server of your own may need none."`
	Model        string       `json:"model" label:"Model" required:"true" ref:"true" example:"small-model" missing:"Enter the name of the model."`
	Instructions string       `json:"instructions" label:"Instructions" kind:"multiline" required:"true" ref:"true" example:"Read the e-mail of a customer." missing:"Enter what the model is to do." help:"What the model is to do with the data."`
	Data         any          `json:"data" label:"Data" kind:"multiline" ref:"true" help:"What it is to look at. Only this and the instructions are sent."`
	Fields       []askedField `json:"fields" label:"What you want to know" kind:"asked" help:"Each becomes a value for later steps, empty where the data does not say it. Without any, the answer is one text."`
}

// askModel has a language model answer with fields of the types that were asked for.
func askModel(o *outbound) workflow.StepType {
	usage := workflow.Output{Name: "usage", Type: "object", Help: "The tokens that it took: input, output and total, as the server counts them.", Example: map[string]any{"input": 320, "output": 24, "total": 344}}
	return workflow.WithTry(workflow.NewStepType(workflow.StepType{
		Name:    "ask_model",
		Title:   "Ask a language model",
		Summary: "Has a language model read data and answer with fields of the types that you choose.",
		Said:    "ai gpt chatgpt llm prompt summarise summarize classify translate extract",
		Icon:    "bot",
		Kinds:   []workflow.Kind{askedKind()},
		Outputs: []workflow.Output{usage},
		OutputsOf: func(config map[string]any) []workflow.Output {
			fields := askedFields(config["fields"])
			if len(fields) == 0 {
				return []workflow.Output{{Name: "text", Type: "text", Help: "What the model answered.", Example: "The customer asks for an invoice."}, usage}
			}
			var outputs []workflow.Output
			for _, field := range fields {
				outputs = append(outputs, field.output())
			}
			return append(outputs, usage)
		},
		Check: func(config map[string]any) []workflow.Problem {
			if address := strings.TrimSpace(textAt(config, "url")); address != "" {
				if code, message := o.checkTemplate(address); code != "" {
					return []workflow.Problem{{Path: "url", Code: code, Message: message}}
				}
			}
			return nil
		},
		Sentence: func(config map[string]any) string {
			model := textAt(config, "model")
			if model == "" {
				return "Asks no model yet"
			}
			var names []string
			for _, field := range askedFields(config["fields"]) {
				names = append(names, field.Name)
			}
			if len(names) == 0 {
				return "Asks " + short(model) + ": " + short(textAt(config, "instructions"))
			}
			return "Asks " + short(model) + " for " + short(strings.Join(names, ", "))
		},
	}, o.ask), tryAskModel)
}

// askedFields reads a config that may hold anything.
func askedFields(value any) []askedField {
	list, _ := value.([]any)
	var fields []askedField
	for _, item := range list {
		parts, _ := item.(map[string]any)
		if name := textAt(parts, "name"); name != "" {
			fields = append(fields, askedField{Name: name, Type: textAt(parts, "type"), Description: textAt(parts, "description")})
		}
	}
	return fields
}

// ask is one attempt: one call when all goes well, one more for each thing that the server
// does not take, and one more where the answer does not fit.
func (o *outbound) ask(ctx context.Context, call workflow.Call, config askModelConfig) (workflow.Outcome, error) {
	question, err := config.question()
	if err != nil {
		return workflow.Outcome{}, err
	}
	address, err := o.modelAddress(config.URL)
	if err != nil {
		return workflow.Outcome{}, err
	}
	line := &modelLine{outbound: o, call: call, address: address, key: strings.TrimSpace(config.KeySecret), usage: map[string]any{}}
	said, err := line.say(ctx, question)
	for range 2 { // what a server turns down is left out
		if !withoutRefused(question, err) {
			break
		}
		said, err = line.say(ctx, question)
	}
	if err != nil {
		return workflow.Outcome{}, err
	}
	output, problem := config.read(said)
	if problem != "" {
		messages := question["messages"].([]any)
		question["messages"] = append(messages, saidBy("assistant", document.Shorten(said, 20_000)), saidBy("user", "This does not fit: "+problem+" Answer again with the JSON object and nothing else."))
		if said, err = line.say(ctx, question); err != nil {
			return workflow.Outcome{}, err
		}
		if output, problem = config.read(said); problem != "" {
			return workflow.Outcome{}, &workflow.StepError{
				Code: "answer_does_not_fit", Message: "The model answered twice with what does not fit. " + problem + " Say in the instructions more exactly what you want, or choose another model.",
				Output: map[string]any{"text": document.Shorten(said, 2000), "usage": line.usage},
			}
		}
	}
	output["usage"] = line.usage
	return workflow.Outcome{Output: output}, nil
}

// withoutRefused takes out of a question what a server has turned down, and reports
// whether that was something that can be left out: the schema of the answer, and the
// place of the instructions, which models without one get with the data.
func withoutRefused(question map[string]any, err error) bool {
	var failed *workflow.StepError
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Code {
	case codeSchema:
		delete(question, "response_format")
		return true
	case codeSystem:
		messages := question["messages"].([]any)
		first, second := messages[0].(map[string]any), messages[1].(map[string]any)
		question["messages"] = []any{saidBy("user", textAt(first, "content")+"\n\n"+textAt(second, "content"))}
		return true
	}
	return false
}

// question is what a server is sent.
func (c askModelConfig) question() (map[string]any, error) {
	data := document.Text(c.Data)
	switch {
	case strings.TrimSpace(c.Instructions) == "" || strings.TrimSpace(c.Model) == "":
		return nil, permanent("missing_value", "The model or the instructions are empty once the data is inserted.")
	case len(data)+len(c.Instructions) > maxModelData:
		return nil, permanent("too_large", "The data is larger than 1 MB. Insert only what the model needs.")
	}
	instructions := c.Instructions
	if len(c.Fields) > 0 {
		instructions += "\n\nAnswer with one JSON object and nothing else. It follows this JSON Schema; what the data does not say is null:\n" + string(document.JSON(c.schema()))
	}
	messages := []any{saidBy("system", instructions), saidBy("user", data)}
	if strings.TrimSpace(data) == "" {
		messages = []any{saidBy("user", instructions)}
	}
	question := map[string]any{"model": strings.TrimSpace(c.Model), "messages": messages}
	if len(c.Fields) > 0 {
		question["response_format"] = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "answer", "strict": true, "schema": c.schema()}}
	}
	return question, nil
}

func saidBy(role, content string) map[string]any {
	return map[string]any{"role": role, "content": content}
}

func (c askModelConfig) schema() map[string]any {
	properties, names := map[string]any{}, []string{}
	for _, field := range c.Fields {
		properties[field.Name] = field.schema()
		names = append(names, field.Name)
	}
	return map[string]any{"type": "object", "properties": properties, "required": names, "additionalProperties": false}
}

// read makes the step's output of what a model said, or says what is wrong with that.
func (c askModelConfig) read(said string) (output map[string]any, problem string) {
	if len(c.Fields) == 0 {
		if said == "" {
			return nil, "The answer is empty."
		}
		return map[string]any{"text": said}, ""
	}
	object, ok := objectIn(said)
	if !ok {
		return nil, "The answer is not a JSON object."
	}
	output = map[string]any{}
	for _, field := range c.Fields {
		given, exists := object[field.Name]
		if !exists {
			return nil, fmt.Sprintf("“%s” is missing.", field.Name)
		}
		if output[field.Name], problem = field.read(given); problem != "" {
			return nil, fmt.Sprintf("“%s” %s.", field.Name, problem)
		}
	}
	return output, ""
}

// objectIn finds the object in an answer that may have words or a fence around it.
func objectIn(said string) (map[string]any, bool) {
	from, to := strings.Index(said, "{"), strings.LastIndex(said, "}")
	if from < 0 || to < from {
		return nil, false
	}
	value, err := document.Value([]byte(said[from : to+1]))
	object, isObject := value.(map[string]any)
	return object, err == nil && isObject
}

// tryAskModel shows the first call of an attempt.
func tryAskModel(_ workflow.Call, config askModelConfig) (workflow.Part, error) {
	question, err := config.question()
	if err != nil {
		return workflow.Part{}, err
	}
	text := "POST " + completions(config.URL) + "\nContent-Type: application/json\n"
	if config.KeySecret != "" {
		text += "Authorization: Bearer " + config.KeySecret + "\n"
	}
	body := string(document.Indented(question))
	if len(body) > maxTriedBody {
		body = strings.ToValidUTF8(body[:maxTriedBody], "") + "…"
	}
	return workflow.Part{Title: "What would be sent", Text: text + "\n" + body}, nil
}

// completions is the address for questions of a server whose address was given as far as
// its version.
func completions(address string) string {
	address = strings.TrimSpace(address)
	before, query, asked := strings.Cut(address, "?")
	before = strings.TrimSuffix(before, "/")
	if !strings.HasSuffix(before, "/completions") {
		before += "/chat/completions"
	}
	if asked {
		return before + "?" + query
	}
	return before
}
