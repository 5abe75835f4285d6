package auth

import "context"

// Occupy takes every slot for hashing until the returned function is called.
func (p *Passwords) Occupy() (release func()) {
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	return func() {
		for range cap(p.slots) {
			p.leave()
		}
	}
}

// Try counts tries to sign in to an account from an IP address, without hashing:
// first what one place may, then what one account may take.
func (s *Sessions) Try(ctx context.Context, address, email string) error {
	if err := s.throttle.try(ctx, address, email); err != nil {
		return err
	}
	return s.throttle.everywhere(ctx, email)
}
