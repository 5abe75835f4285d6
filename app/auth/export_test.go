package auth

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
