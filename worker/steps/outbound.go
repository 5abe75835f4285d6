package steps

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

const maxRedirects = 5

// errRedirects ends a chain of redirects that does not end by itself.
var errRedirects = errors.New("too many redirects")

// outbound is the one way in which steps reach others, over HTTP and by mail. Addresses of
// the own network are refused at the moment of connecting, after the name was
// looked up, so neither a name nor a redirect leads around the rule.
type outbound struct {
	allow  []netip.Prefix
	guard  *ssrf.Guardian
	dialer *net.Dialer
	client *http.Client
	tokens *tokens
}

func newOutbound(allow []netip.Prefix, resolver *net.Resolver) *outbound {
	o := &outbound{allow: allow, guard: guardian(allow), tokens: newTokens()}
	o.dialer = &net.Dialer{Timeout: 30 * time.Second, Control: o.guard.Safe, Resolver: resolver}
	o.client = &http.Client{
		CheckRedirect: o.checkRedirect,
		Transport: &http.Transport{
			DialContext:            o.dialer.DialContext, // and no Proxy: it would connect past the guard
			TLSHandshakeTimeout:    15 * time.Second,
			MaxResponseHeaderBytes: 256 << 10,
			// On a kept connection net/http may send a request again by itself;
			// one attempt must be one call.
			DisableKeepAlives: true,
		},
	}
	return o
}

// Blocked reports whether steps may not connect to an address, with these ranges
// (OUTBOUND_ALLOW) allowed.
func Blocked(address netip.Addr, allow []netip.Prefix) bool {
	return guardian(allow).SafeAddr(address.WithZone("").Unmap()) != nil
}

// trusted reports whether an address was allowed by name of its range.
func (o *outbound) trusted(address net.Addr) bool {
	remote, err := netip.ParseAddrPort(address.String())
	return err == nil && slices.ContainsFunc(o.allow, func(p netip.Prefix) bool { return p.Contains(remote.Addr().WithZone("").Unmap()) })
}

func guardian(allow []netip.Prefix) *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, prefix := range allow {
		if prefix.Addr().Is4() {
			v4 = append(v4, prefix)
		} else {
			v6 = append(v6, prefix)
		}
	}
	return ssrf.New(
		ssrf.WithAnyPort(),
		ssrf.WithAllowedV4Prefixes(v4...),
		ssrf.WithAllowedV6Prefixes(v6...),
		// The address at which Azure answers with a machine's credentials is public.
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")),
	)
}

// blocked reports whether an error of a call came from the guard.
func blocked(err error) bool {
	return errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork) || errors.Is(err, ssrf.ErrInvalidHostPort)
}

// checkRedirect lets a call follow a few redirects, without taking credentials
// to another host.
func (o *outbound) checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if code, message := o.checkURL(request.URL.String()); code != "" {
		return permanent(code, "The address redirects to another one. "+message)
	}
	if request.ContentLength != 0 { // the content goes along: 307 or 308
		if err := contentStays(via[len(via)-1].URL, request.URL); err != nil {
			return err
		}
	}
	first := via[0].URL
	elsewhere := func(r *http.Request) bool { return r.URL.Host != first.Host || r.URL.Scheme != first.Scheme }
	if elsewhere(request) || slices.ContainsFunc(via, elsewhere) {
		for name := range request.Header {
			if !slices.Contains([]string{"Accept", "Accept-Language", "Content-Type", "Idempotency-Key", "User-Agent"}, name) {
				request.Header.Del(name)
			}
		}
	}
	return nil
}

// contentStays refuses to take content, which may hold secrets, to another server or
// past the protection that it was sent with. The same host may ask for https.
func contentStays(from, to *url.URL) error {
	sameHost := strings.EqualFold(from.Hostname(), to.Hostname())
	switch {
	case sameHost && from.Scheme == "https" && to.Scheme == "http":
		return permanent("content_redirected", "The address redirects to http://, where the content would go unprotected. Enter an address that begins with https://.")
	case sameHost && (from.Scheme == "http" && to.Scheme == "https" || portOf(from) == portOf(to)):
		return nil
	}
	return permanent("content_redirected", "The address redirects to another host, which does not get the content. Enter that address.")
}

func portOf(address *url.URL) string {
	if port := address.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[address.Scheme]
}

// checkURL says in a sentence what is wrong with an address, with its code.
// Names are not looked up: the guard does that when connecting.
func (o *outbound) checkURL(address string) (code, message string) {
	parsed, err := url.Parse(address)
	switch {
	case strings.ContainsAny(address, "\r\n\t\x00"):
		return "invalid_url", "The address contains a line break or an invisible character. Remove it."
	case err != nil || parsed.Opaque != "":
		return "invalid_url", "This is not a web address. Write it like https://shop.example.com/orders."
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return "invalid_url", "The address must begin with https:// or http://."
	case parsed.Hostname() == "":
		return "invalid_url", "The address has no host. Write it like https://shop.example.com/orders."
	case parsed.User != nil:
		return "credentials_in_url", "The address contains a user name or password. Put them under “Sign in” instead."
	case !validPort(parsed.Port()):
		return "invalid_url", "The port of the address must be a number from 1 to 65535."
	}
	if ip, literal := literalAddress(parsed.Hostname()); literal && o.guard.SafeAddr(ip) != nil {
		return "blocked_address", "The address belongs to a private network, which steps may not call. Use a public address, or ask the administrator to allow it (OUTBOUND_ALLOW)."
	}
	return "", ""
}

func validPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 65536
}

// literalAddress reads a host that is an IP address in any of the ways in which
// some resolver would: 127.0.0.1, [::1], ::ffff:127.0.0.1, 2130706433, 0x7f.1.
func literalAddress(host string) (netip.Addr, bool) {
	host = strings.TrimSuffix(host, ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii // full-width digits become digits
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.WithZone("").Unmap(), true
	}
	return oldAddress(host)
}

// oldAddress reads the forms of inet_aton: one to four parts, each decimal,
// octal or hexadecimal, the last one filling what is left.
func oldAddress(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var value uint64
	for i, part := range parts {
		if part == "" || strings.Contains(part, "_") {
			return netip.Addr{}, false
		}
		n, err := strconv.ParseUint(part, 0, 32)
		if err != nil {
			return netip.Addr{}, false
		}
		width := 1
		if i == len(parts)-1 {
			width = 5 - len(parts)
		}
		if n >= 1<<(8*width) {
			return netip.Addr{}, false
		}
		value = value<<(8*width) | n
	}
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}), true
}

// once sends a request and follows no redirect; the context ends it at any point.
func (o *outbound) once(ctx context.Context, request *http.Request) (*http.Response, error) {
	client := *o.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client.Do(request.WithContext(ctx))
}
