package doctor

import (
	"net"
	"strings"
	"testing"

	"workflows/worker/steps/smtptest"
)

func TestDoctorSeesWhetherAMailServerOffersEncryption(t *testing.T) {
	for greeting, offered := range map[string]bool{"": false, "250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN": true} {
		server := smtptest.Start(t)
		server.Answer = func(command string) string {
			if strings.HasPrefix(command, "EHLO") {
				return greeting
			}
			return ""
		}
		connection, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "smtp://"))
		if err != nil {
			t.Fatal(err)
		}
		if offersTLS(connection, "mail.test") != offered {
			t.Errorf("%q: %v", greeting, !offered)
		}
		_ = connection.Close()
	}
}
