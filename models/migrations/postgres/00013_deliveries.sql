-- +goose Up
-- How much of a delivery is stored as it was sent: only what is whole is replayed.
ALTER TABLE deliveries ADD COLUMN kept text NOT NULL DEFAULT 'whole';
UPDATE deliveries SET kept = 'cut' WHERE octet_length(body) < body_bytes;
UPDATE deliveries SET kept = 'changed' WHERE octet_length(body) > body_bytes;
UPDATE deliveries SET kept = 'none' WHERE code = 'too_large';
-- What a filter has stopped keeps no id: sent again it is judged anew.
UPDATE deliveries SET delivery_key = NULL WHERE outcome = 'filtered';

-- +goose Down
ALTER TABLE deliveries DROP COLUMN kept;
