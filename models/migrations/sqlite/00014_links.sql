-- +goose Up
-- Links for accounts are void once their maker may not make any.
ALTER TABLE invitations ADD COLUMN invited_by_id text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE invitations DROP COLUMN invited_by_id;
