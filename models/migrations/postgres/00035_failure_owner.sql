-- +goose Up
-- Who sees to why runs fail: a person of the installation, or nobody.
ALTER TABLE failures ADD COLUMN owner_id uuid REFERENCES users (id) ON DELETE SET NULL;

-- +goose Down
ALTER TABLE failures DROP COLUMN owner_id;
