// Package smtptest is a mail server for tests: it takes messages on a free port
// of this machine and keeps them.
package smtptest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"workflows/models/address"
)

// Message is one e-mail that the server has taken.
type Message struct {
	From    string
	To      []string
	Content string // headers and body as they came
}

// Server speaks enough of SMTP (RFC 5321) for a client to hand a message over.
type Server struct {
	// URL is what SMTP_URL is set to.
	URL string
	// Answer may give another answer to a command such as "RCPT TO:<a@b.c>", or to
	// the end of a message, "."; "" is the usual one, and "never" is none at all.
	Answer func(command string) string

	listener net.Listener
	mutex    sync.Mutex
	messages []Message
}

// Start runs a server until the test ends. Set Answer before the first message.
func Start(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{URL: "smtp://" + listener.Addr().String(), listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go s.accept()
	return s
}

// Mail is the server as those who send are told of it, with a sender.
func (s *Server) Mail(context.Context) (address.MailServer, error) {
	return address.MailServerAt(s.URL, "Workflows <workflows@example.com>")
}

// Messages are the e-mails taken until now.
func (s *Server) Messages() []Message {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Message(nil), s.messages...)
}

func (s *Server) accept() {
	for {
		connection, err := s.listener.Accept()
		if err != nil {
			return
		}
		go s.serve(connection)
	}
}

func (s *Server) serve(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	lines.Buffer(nil, 1<<20)
	say := func(answer string) { _, _ = fmt.Fprint(connection, answer+"\r\n") }
	say("220 mail.test ready")
	var message Message
	for lines.Scan() {
		command := lines.Text()
		verb := strings.ToUpper(command)
		usual := "250 fine"
		switch {
		case strings.HasPrefix(verb, "EHLO"):
			usual = "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN"
		case strings.HasPrefix(verb, "AUTH"):
			usual = "235 welcome"
		case strings.HasPrefix(verb, "MAIL FROM:"):
			message = Message{From: between(command)}
		case strings.HasPrefix(verb, "RCPT TO:"):
			message.To = append(message.To, between(command))
		case verb == "DATA":
			usual = "354 go on"
		case verb == "QUIT":
			say("221 bye")
			return
		}
		answer := s.answer(command, usual)
		say(answer)
		if verb == "DATA" && answer == usual {
			message.Content = content(lines)
			s.end(say, message)
		}
	}
}

// end answers a whole message, which it keeps unless it is refused.
func (s *Server) end(say func(string), message Message) {
	answer := s.answer(".", "250 taken")
	if !strings.HasPrefix(answer, "4") && !strings.HasPrefix(answer, "5") {
		s.mutex.Lock()
		s.messages = append(s.messages, message)
		s.mutex.Unlock()
	}
	if answer != "never" {
		say(answer)
	}
}

func (s *Server) answer(command, usual string) string {
	if s.Answer != nil {
		if other := s.Answer(command); other != "" {
			return other
		}
	}
	return usual
}

func content(lines *bufio.Scanner) string {
	var text strings.Builder
	for lines.Scan() && lines.Text() != "." {
		text.WriteString(strings.TrimPrefix(lines.Text(), ".") + "\n")
	}
	return text.String()
}

func between(command string) string {
	_, rest, _ := strings.Cut(command, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}
