package editor

import (
	"context"

	"workflows/worker/workflow/offer"
)

// samples are what is known of the data of a draft.
func (s *Site) samples(ctx context.Context, d draft) (offer.Samples, error) {
	samples, err := s.Engine.Samples(ctx, d.workflow.ID, d.definition)
	if err != nil {
		return samples, err
	}
	trigger, at, err := s.Hooks.LastSent(ctx, d.workflow.ID)
	if err == nil && trigger != nil && at.After(samples.TriggerFrom.At) {
		samples.Trigger, samples.TriggerFrom = trigger, offer.Origin{Kind: offer.FromDelivery, At: at}
	}
	return samples, err
}
