-- +goose Up
-- E-mails to those whom a question names: stored with the question, sent by a worker.
CREATE TABLE asked_mails (
  approval_id text NOT NULL REFERENCES approvals (id) ON DELETE CASCADE,
  address text NOT NULL,
  due_at datetime,
  tries integer NOT NULL DEFAULT 0,
  begun boolean NOT NULL DEFAULT 0,
  unsure boolean NOT NULL DEFAULT 0,
  sent_at datetime,
  problem text NOT NULL DEFAULT '',
  PRIMARY KEY (approval_id, address)
);
CREATE INDEX asked_mails_due ON asked_mails (due_at) WHERE due_at IS NOT NULL;

-- +goose Down
DROP TABLE asked_mails;
