-- +goose Up
-- What a filter has stopped keeps no id: sent again it is judged anew.
UPDATE deliveries SET delivery_key = NULL WHERE outcome = 'filtered';

-- +goose Down
SELECT 1;
