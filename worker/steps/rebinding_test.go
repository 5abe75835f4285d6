package steps

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a resolver of our own: each lookup of a name gets the next of the
// addresses, the last one again and again.
func names(t *testing.T, answers ...string) (*net.Resolver, func() int) {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	var mu sync.Mutex
	asked := 0
	go func() {
		data := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(data)
			if err != nil {
				return
			}
			var message dnsmessage.Message
			if message.Unpack(data[:n]) != nil || len(message.Questions) != 1 {
				continue
			}
			question := message.Questions[0]
			message.Response, message.Authoritative, message.Additionals = true, true, nil
			if question.Type == dnsmessage.TypeA {
				mu.Lock()
				address := netip.MustParseAddr(answers[min(asked, len(answers)-1)])
				asked++
				mu.Unlock()
				message.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class}, Body: &dnsmessage.AResource{A: address.As4()}}}
			}
			if packed, err := message.Pack(); err == nil {
				_, _ = socket.WriteTo(packed, from)
			}
		}
	}()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
	return resolver, func() int { mu.Lock(); defer mu.Unlock(); return asked }
}

// A name that is harmless when it is first looked up and leads inside when it is
// looked up again: what counts is the address that is connected to.
func TestNameThatChangesItsAddressDoesNotLeadInside(t *testing.T) {
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	var reached []string
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached = append(reached, r.Context().Value(http.LocalAddrContextKey).(net.Addr).String())
		http.Redirect(w, r, "/again", http.StatusFound)
	})}}
	server.Start()
	t.Cleanup(server.Close)
	resolver, asked := names(t, "127.0.0.2", "127.0.0.1")
	options := Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Resolver: resolver}
	_, err = execute(t, options, "http_request", map[string]any{"url": "http://changes.example:" + port + "/"})
	assertFails(t, err, "blocked_address", true)
	if len(reached) != 1 || reached[0] != "127.0.0.2:"+port || asked() < 2 {
		t.Errorf("reached %v after %d lookups", reached, asked())
	}
}
