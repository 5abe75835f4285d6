//go:build faultlab

package faultlab

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands before a server on one machine and makes the way to it bad.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	stuck chan struct{} // not nil: nothing passes until it is closed (half-open)
	delay time.Duration // of each piece, each way
}

func startProxy(t *testing.T, port int) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, target: fmt.Sprintf("127.0.0.1:%d", port), conns: map[net.Conn]struct{}{}}
	go p.accept()
	t.Cleanup(func() { _ = listener.Close(); p.pass(); p.cut() })
	return p
}

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// halfOpen leaves all connections as they are, and new ones are taken, but
// nothing passes any more, until pass.
func (p *proxy) halfOpen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck == nil {
		p.stuck = make(chan struct{})
	}
}

func (p *proxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// pass makes the way good again; what was held up arrives late.
func (p *proxy) pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = 0
	if p.stuck != nil {
		close(p.stuck)
		p.stuck = nil
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.DialTimeout("tcp", p.target, 2*time.Second)
	if err != nil {
		_ = client.Close()
		return
	}
	p.keep(client, server)
	defer p.drop(client, server)
	var ways sync.WaitGroup
	ways.Go(func() { p.copy(server, client); _ = server.Close(); _ = client.Close() })
	ways.Go(func() { p.copy(client, server); _ = server.Close(); _ = client.Close() })
	ways.Wait()
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
	}
}

func (p *proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
		delete(p.conns, conn)
	}
}

type piece struct {
	data []byte
	due  time.Time
}

// copy passes one way. Pieces overtake nothing, and many may be on their way.
func (p *proxy) copy(to io.Writer, from io.Reader) {
	pieces := make(chan piece, 10_000)
	var written sync.WaitGroup
	written.Go(func() {
		for piece := range pieces {
			time.Sleep(time.Until(piece.due)) // the delay is what this is for
			p.mu.Lock()
			stuck := p.stuck
			p.mu.Unlock()
			if stuck != nil {
				<-stuck
			}
			if _, err := to.Write(piece.data); err != nil {
				for range pieces {
				}
				return
			}
		}
	})
	defer written.Wait()
	defer close(pieces)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			p.mu.Lock()
			due := time.Now().Add(p.delay)
			p.mu.Unlock()
			pieces <- piece{buffer[:n], due}
		}
		if err != nil {
			return
		}
	}
}
