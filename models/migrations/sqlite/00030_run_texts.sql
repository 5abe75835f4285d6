-- +goose Up
-- The words by which runs are found, as a worker makes them of what runs were given and
-- gave: with what has ended once the run has. Words stand by place, which sorts as ids do.
CREATE TABLE run_texts (
  place integer PRIMARY KEY,
  run_id text NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  ended boolean NOT NULL
);
CREATE UNIQUE INDEX run_texts_run ON run_texts (run_id);
CREATE INDEX run_texts_open ON run_texts (run_id) WHERE NOT ended;
CREATE VIRTUAL TABLE run_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '='");
-- +goose StatementBegin
CREATE TRIGGER run_texts_deleted AFTER DELETE ON run_texts BEGIN
  DELETE FROM run_words WHERE rowid = OLD.place;
END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER run_texts_deleted;
DROP TABLE run_words;
DROP TABLE run_texts;
