package archive_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/archive"
	"workflows/models/modelstest"
)

// small is a backup of which every byte can be tried.
func small(t *testing.T) []byte {
	t.Helper()
	db := modelstest.SQLite(t)
	now := models.Now()
	for _, row := range []any{
		&models.Workflow{ID: models.NewID(), Name: "A", Status: "draft", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: now, UpdatedAt: now},
		&models.User{ID: models.NewID(), Email: "a@example.com", Name: "A", Role: "viewer", CreatedAt: now},
	} {
		if err := db.Create(row).Error; err != nil {
			t.Fatal(err)
		}
	}
	return write(t, db)
}

func refusal(t *testing.T, file []byte) string {
	t.Helper()
	_, err := archive.Read(t.Context(), bytes.NewReader(file))
	if wrong := (*archive.FileError)(nil); errors.As(err, &wrong) {
		return wrong.Message
	}
	if err != nil {
		t.Errorf("an error that says nothing: %v", err)
	}
	return ""
}

func TestAFileThatIsCutOffAnywhereIsRefused(t *testing.T) {
	whole := small(t)
	if said := refusal(t, whole); said != "" {
		t.Fatal(said)
	}
	for n := range whole {
		said := refusal(t, whole[:n])
		if !strings.Contains(said, "cut off") && !strings.Contains(said, "no backup") {
			t.Errorf("of %d of %d bytes it says %q", n, len(whole), said)
		}
	}
	if said := refusal(t, whole[:len(whole)-1]); !strings.Contains(said, "cut off") {
		t.Errorf("without its last byte: %q", said)
	}
}

// A few bits mean nothing: gzip can write the same in several ways.
func TestAFileOfWhichABitHasFlippedIsRefusedOrTheSame(t *testing.T) {
	whole := small(t)
	want, same := lines(t, whole), 0
	for n := range whole {
		file := bytes.Clone(whole)
		file[n] ^= 1 << (n % 8)
		if refusal(t, file) != "" {
			continue
		}
		if same++; !slices.Equal(lines(t, file), want) {
			t.Errorf("bit %d of byte %d of %d changes what is read", n%8, n, len(whole))
		}
	}
	if same > len(whole)/80 {
		t.Errorf("%d of %d flipped bits are not noticed", same, len(whole))
	}
}

// changed is a backup whose lines somebody has changed, and packed again.
func changed(t *testing.T, backup []byte, from, to string) []byte {
	t.Helper()
	packed, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(from)) {
		t.Fatalf("there is no %q in it", from)
	}
	return pack(t, strings.Replace(string(text), from, to, 1))
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAFileThatIsSomethingElseIsRefusedInWords(t *testing.T) {
	whole := small(t)
	for name, test := range map[string]struct {
		file []byte
		says string
	}{
		"empty":              {nil, "no backup"},
		"a text":             {[]byte("format: 1\nname: Large order alert\n"), "no backup"},
		"another gzip":       {pack(t, "PGDMP and so on\n"), "no backup"},
		"other JSON":         {pack(t, `{"hello": 1}`+"\n"), "no backup"},
		"one long line":      {pack(t, strings.Repeat("x", 1<<20)), "no backup"},
		"a newer schema":     {changed(t, whole, `"schema":`, `"schema":9`), "newer than this program"},
		"a newer form":       {changed(t, whole, `"workflow_system_backup":1`, `"workflow_system_backup":2`), "newer than this program"},
		"another row":        {changed(t, whole, "a@example.com", "b@example.com"), "damaged"},
		"an unknown table":   {changed(t, whole, `{"table":"users"`, `{"table":"pg_user"`), "damaged"},
		"more behind it":     {append(bytes.Clone(whole), "more"...), "damaged"},
		"twice":              {append(bytes.Clone(whole), whole...), "damaged"},
		"a row less":         {changed(t, whole, `"rows":{`, `"rows":{"none":1,`), "damaged"},
		"a row without home": {changed(t, whole, `{"table":"workflows"`, `[1]`+"\n"+`{"table":"workflows"`), "damaged"},
	} {
		if said := refusal(t, test.file); !strings.Contains(said, test.says) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func TestADamagedFileChangesNothing(t *testing.T) {
	whole, other := small(t), small(t)
	read, err := archive.Read(t.Context(), bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	// It was whole when somebody looked at it first.
	for name, now := range map[string][]byte{"cut off": whole[:len(whole)-1], "another backup": other} {
		for kind, db := range both(t) {
			err := archive.Restore(t.Context(), db, bytes.NewReader(now), read)
			if wrong := (*archive.FileError)(nil); !errors.As(err, &wrong) || rowsIn(t, db) != 0 {
				t.Errorf("%s, %s: %v, %d rows", name, kind, err, rowsIn(t, db))
			}
		}
	}
}
