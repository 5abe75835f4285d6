package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// redisConn speaks just enough to ask a server what it did, past the program
// that is measured.
type redisConn struct {
	net.Conn
	in *bufio.Reader
}

func dialRedis(address string) (*redisConn, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read REDIS_URL: %w", err)
	}
	host := parsed.Host
	if parsed.Port() == "" {
		host = net.JoinHostPort(parsed.Hostname(), "6379")
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	var conn net.Conn
	if parsed.Scheme == "rediss" {
		conn, err = tls.DialWithDialer(dialer, "tcp", host, &tls.Config{InsecureSkipVerify: true}) // only asked for numbers
	} else {
		conn, err = dialer.Dial("tcp", host)
	}
	if err != nil {
		return nil, fmt.Errorf("reach Redis: %w", err)
	}
	r := &redisConn{Conn: conn, in: bufio.NewReader(conn)}
	if password, ok := parsed.User.Password(); ok {
		words := []string{"AUTH", password}
		if user := parsed.User.Username(); user != "" {
			words = []string{"AUTH", user, password}
		}
		if _, err := r.do(words...); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *redisConn) close() { _ = r.Close() }

// do sends one command and reads a line or a text.
func (r *redisConn) do(words ...string) (string, error) {
	command := fmt.Sprintf("*%d\r\n", len(words))
	for _, word := range words {
		command += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	if err := r.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(r, command); err != nil {
		return "", fmt.Errorf("ask Redis: %w", err)
	}
	line, err := r.in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("ask Redis: %w", err)
	}
	line = strings.TrimRight(line, "\r\n")
	switch line[0] {
	case '-':
		return "", fmt.Errorf("ask Redis: %s", line[1:])
	case '$':
		size, _ := strconv.Atoi(line[1:])
		text := make([]byte, size+2)
		_, err := io.ReadFull(r.in, text)
		return string(text[:size]), err
	}
	return line[1:], nil
}

// info reads one field of a section of INFO.
func (r *redisConn) info(section, field string) (string, error) {
	text, err := r.do("INFO", section)
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(line, ":"); found && name == field {
			return strings.TrimSpace(value), nil
		}
	}
	return "", err
}

// commands is how many commands the server has processed.
func (r *redisConn) commands() (float64, error) {
	text, err := r.info("stats", "total_commands_processed")
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(text, 64)
}

// roundTrip is the median time of a PING.
func (r *redisConn) roundTrip() (time.Duration, error) {
	var times []time.Duration
	for range 500 {
		began := time.Now()
		if _, err := r.do("PING"); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began))
	}
	return percentile(times, 0.5), nil
}
