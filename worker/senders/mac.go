package senders

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"
)

// tolerance is by how much the time in a signature may differ from now, as all
// senders that have one recommend.
const tolerance = 5 * time.Minute

// keysOf are the keys that secrets stand for. One that holds nothing stands for
// none: anybody can sign with an empty key.
func keysOf(secrets []string) [][]byte {
	var keys [][]byte
	for _, secret := range secrets {
		if key := strings.TrimSpace(secret); key != "" {
			keys = append(keys, []byte(key))
		}
	}
	return keys
}

// signed accepts any of the decoded signatures under any of the keys.
func signed(newHash func() hash.Hash, keys [][]byte, content string, given ...[]byte) error {
	for _, key := range keys {
		mac := hmac.New(newHash, key)
		mac.Write([]byte(content))
		wanted := mac.Sum(nil)
		for _, signature := range given {
			if hmac.Equal(signature, wanted) {
				return nil
			}
		}
	}
	return wrong()
}

// inHex and inBase64 are signatures decoded; what cannot be is left out.
func inHex(texts ...string) [][]byte { return decoded(hex.DecodeString, texts) }

func inBase64(texts ...string) [][]byte { return decoded(base64.StdEncoding.DecodeString, texts) }

func decoded(decode func(string) ([]byte, error), texts []string) [][]byte {
	var found [][]byte
	for _, text := range texts {
		if bytes, err := decode(text); err == nil && len(bytes) > 0 {
			found = append(found, bytes)
		}
	}
	return found
}

// same reports whether a text is one of those known, without telling by the time it
// takes how much of it is right.
func same(sent string, known [][]byte) bool {
	given := sha256.Sum256([]byte(strings.TrimSpace(sent)))
	found := false
	for _, key := range known {
		wanted := sha256.Sum256(key)
		found = hmac.Equal(given[:], wanted[:]) || found
	}
	return found
}

// fresh refuses a time in seconds that is more than most from now: an old request
// could be one that somebody has copied.
func fresh(stamp string, now time.Time, most time.Duration) error {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || seconds < 0 || seconds > 1<<40 {
		return refuse("missing", "The signature holds no time in seconds since 1970.")
	}
	return near(time.Unix(seconds, 0), now, most)
}

func near(at, now time.Time, most time.Duration) error {
	if apart := now.Sub(at); apart > most || apart < -most {
		return refuse("stale", "The signature is more than "+inWords(most)+" from this server's clock. Send the request when it is signed, and set both clocks.")
	}
	return nil
}

func inWords(d time.Duration) string {
	switch {
	case d == tolerance:
		return "five minutes"
	case d%time.Minute == 0 && d != time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + " minutes"
	}
	return strconv.Itoa(int(d/time.Second)) + " seconds"
}

// signedBy is for senders who sign the content alone, with SHA-256: how their header is
// called, and what stands in it before the signature, which decode reads.
func signedBy(header, before, label string, decode func(...string) [][]byte) func(Call) error {
	return func(call Call) error {
		sent := call.Header.Get(header)
		if sent == "" {
			return missing(label, header)
		}
		return signed(sha256.New, keysOf(call.Secrets), string(call.Content), decode(strings.TrimPrefix(sent, before))...)
	}
}

func missing(label, header string) error {
	return refuse("missing", "Sign the request as "+label+" does: with the header "+header+".")
}
