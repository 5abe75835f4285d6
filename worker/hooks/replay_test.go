package hooks

import (
	"testing"

	"workflows/models"
)

func TestADeliveryThatWasNotReadIsNotCalledTooLarge(t *testing.T) {
	const want = "The content of this delivery did not come whole or could not be read, so it cannot be replayed. Have it sent again."
	if got := WhyNotReplayed(models.Delivery{Kept: models.KeptNone}); got != want {
		t.Errorf("it says %q", got)
	}
}
