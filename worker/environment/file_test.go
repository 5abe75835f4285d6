package environment_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workflows/worker/environment"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBadLineOfTheFileIsNamedAndNothingOfTheFileIsRepeated(t *testing.T) {
	const secret = "SECRET_KEYS=k1:canary\nADMIN_PASSWORD=canary\n"
	for text, says := range map[string]string{
		"PORT=1\n\n# note\nsome words canary\n" + secret: ".env, line 4: It is not of the form NAME=value",
		"words\n" + secret:                              ".env, line 1: It is not of the form",
		secret + "canary":                               ".env, line 3: It is not of the form",
		secret + "canary words":                         ".env, line 3: It is not of the form",
		"PORT=1\r\nca nary!\r\n" + secret:               ".env, line 2: It is not of the form",
		"A=1\nADMIN_PASSWORD=\"canary\n" + secret:       ".env, line 2: A quotation mark begins there",
		"A=1\nADMIN_PASSWORD='canary\n" + secret:        ".env, line 2: A quotation mark begins there",
		"A=1\nADMIN-PASSWORD=canary\n" + secret:         ".env, line 2: It cannot be read. Write NAME=value",
		"\ufeffPORT=canary\n" + secret:                  ".env, line 1: It cannot be read",
		secret + "B=\"two\nlines\"\n\n  \n canary; x\n": ".env, line 7: It is not of the form",
	} {
		_, err := environment.File(file(t, text), from(nil))
		var problem *environment.FileError
		if !errors.As(err, &problem) || !strings.HasPrefix(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFileThatMayNotBeReadIsExplained(t *testing.T) {
	if _, err := environment.File(t.TempDir(), from(nil)); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Error(err)
	}
}

func TestValueThatForemanReadsDifferentlyIsRefused(t *testing.T) {
	for _, line := range []string{
		"ADMIN_PASSWORD=correct$HORSE-battery", `ADMIN_PASSWORD="correct${HORSE}canary"`, "ADMIN_PASSWORD=canary # a note", `ADMIN_PASSWORD='canary' # note`,
		`ADMIN_PASSWORD="say \"canary\""`, `ADMIN_PASSWORD=canary\$x`, "OTHER='\nADMIN_PASSWORD=canary\n'", `ADMIN_PASSWORD="two
canary lines"`,
	} {
		_, err := environment.File(file(t, "PORT=1\n"+line+"\n"), from(nil))
		if err == nil || !strings.HasPrefix(err.Error(), ".env, line ") || !strings.Contains(err.Error(), "single quotes") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", line, err)
		}
	}
	for line, value := range map[string]string{
		"ADMIN_PASSWORD='correct$HORSE # \\ battery'": `correct$HORSE # \ battery`, "ADMIN_PASSWORD=pa#w$x": "pa#w$x", "ADMIN_PASSWORD=$(x)": "$(x)", "ADMIN_PASSWORD=x y=z": "x y=z",
		`ADMIN_PASSWORD="x y"`: "x y", "export ADMIN_PASSWORD=x": "x", "ADMIN_PASSWORD = x": "x", "ADMIN_PASSWORD=$OLD\nADMIN_PASSWORD=new": "new",
		"OTHER=$HOME # note\nADMIN_PASSWORD=x  \r\n": "x", "ADMIN_PASSWORD=": "",
	} {
		lookup, err := environment.File(file(t, line), from(nil))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got, _ := lookup("ADMIN_PASSWORD"); got != value {
			t.Errorf("%s gives %q", line, got)
		}
	}
}
