package modelstest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands before a server on this machine and makes the way to it bad.
type Proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	stuck chan struct{} // not nil: nothing passes until it is closed (half-open)
	delay time.Duration // of each piece, each way
	lost  string        // not empty: what the next piece holds that is lost, and its connection with it
}

// StartProxy passes everything to a port until the test ends.
func StartProxy(t testing.TB, port int) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: fmt.Sprintf("127.0.0.1:%d", port), conns: map[net.Conn]struct{}{}}
	go p.accept()
	t.Cleanup(func() { _ = listener.Close(); p.Pass(); p.cut() })
	return p
}

// Port is where the proxy listens.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// HalfOpen leaves all connections as they are, and new ones are taken, but
// nothing passes any more, until Pass.
func (p *Proxy) HalfOpen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck == nil {
		p.stuck = make(chan struct{})
	}
}

// Slow delays each piece, each way, until Pass.
func (p *Proxy) Slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

// Pass makes the way good again; what was held up arrives late.
func (p *Proxy) Pass() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = 0
	if p.stuck != nil {
		close(p.stuck)
		p.stuck = nil
	}
}

// Lose has the next piece that holds a text end its connection instead of arriving.
func (p *Proxy) Lose(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost = text
}

func (p *Proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *Proxy) serve(client net.Conn) {
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

func (p *Proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
	}
}

func (p *Proxy) drop(conns ...net.Conn) {
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
func (p *Proxy) copy(to io.Writer, from io.Reader) {
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
			lost := p.lost != "" && bytes.Contains(buffer[:n], []byte(p.lost))
			if lost {
				p.lost = ""
			}
			p.mu.Unlock()
			if lost {
				return
			}
			pieces <- piece{buffer[:n], due}
		}
		if err != nil {
			return
		}
	}
}
