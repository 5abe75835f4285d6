package secrets

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrUnreadable means that a sealed text cannot be opened: its key is not
// configured, it was made for another place, or it was changed.
var ErrUnreadable = errors.New("the secret cannot be decrypted")

const (
	keyBytes = 32
	format   = "v1" // of sealed texts: v1.<key id>.<nonce and ciphertext in base64>
)

// Keys are those of SECRET_KEYS. The first encrypts, all decrypt.
type Keys struct {
	first string
	byID  map[string]key
}

type key struct {
	seal        cipher.AEAD
	fingerprint string
	signing     []byte
}

// ParseKeys reads "id:base64,…", the form of SECRET_KEYS. Its errors never
// repeat what was read.
func ParseKeys(text string) (*Keys, error) {
	keys := &Keys{byID: map[string]key{}}
	for part := range strings.SplitSeq(text, ",") {
		id, encoded, _ := strings.Cut(strings.TrimSpace(part), ":")
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(raw) != keyBytes || id == "" || strings.Contains(id, ".") {
			return nil, errors.New("SECRET_KEYS is not a list of names and keys of 32 bytes in base64")
		}
		if _, twice := keys.byID[id]; twice {
			return nil, errors.New("SECRET_KEYS has the same name twice")
		}
		keys.byID[id] = newKey(raw)
		if keys.first == "" {
			keys.first = id
		}
	}
	return keys, nil
}

func newKey(raw []byte) key {
	block, err := aes.NewCipher(raw)
	if err != nil { // only for another length
		panic(err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil { // never for AES
		panic(err)
	}
	derived := func(purpose string) []byte {
		mac := hmac.New(sha256.New, raw)
		mac.Write([]byte("workflows: " + purpose))
		return mac.Sum(nil)
	}
	return key{seal: seal, fingerprint: hex.EncodeToString(derived("which key this is")[:16]), signing: derived("signed links")}
}

// First is the id of the key that encrypts.
func (k *Keys) First() string { return k.first }

// Seal encrypts a value for one place, such as "secret/SHOP_KEY". It can be
// opened for the same place only, so rows cannot be exchanged.
func (k *Keys) Seal(place, value string) string {
	with := k.byID[k.first]
	nonce := make([]byte, with.seal.NonceSize())
	rand.Read(nonce) // never fails
	sealed := with.seal.Seal(nonce, nonce, []byte(value), bound(k.first, place))
	return format + "." + k.first + "." + base64.RawStdEncoding.EncodeToString(sealed)
}

// Open decrypts what Seal made for this place.
func (k *Keys) Open(place, sealed string) (string, error) {
	version, rest, _ := strings.Cut(sealed, ".")
	id, encoded, _ := strings.Cut(rest, ".")
	with, known := k.byID[id]
	if version != format || !known {
		return "", fmt.Errorf("%w: its key %q is not in SECRET_KEYS", ErrUnreadable, id)
	}
	data, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || len(data) < with.seal.NonceSize() {
		return "", fmt.Errorf("%w: it is damaged", ErrUnreadable)
	}
	nonce, text := data[:with.seal.NonceSize()], data[with.seal.NonceSize():]
	value, err := with.seal.Open(nil, nonce, text, bound(id, place))
	if err != nil {
		return "", fmt.Errorf("%w: it was changed, or belongs to something else", ErrUnreadable)
	}
	return string(value), nil
}

func bound(id, place string) []byte { return []byte(format + "\x00" + id + "\x00" + place) }

// Sign makes a signature of a text for one purpose, for links that nobody else
// can make. It holds as long as its key is in SECRET_KEYS.
func (k *Keys) Sign(purpose, text string) string { return k.byID[k.first].signature(purpose, text) }

// Signed reports whether one of the keys has signed the text for this purpose.
func (k *Keys) Signed(purpose, text, signature string) bool {
	for _, key := range k.byID {
		if hmac.Equal([]byte(key.signature(purpose, text)), []byte(signature)) {
			return true
		}
	}
	return false
}

func (k key) signature(purpose, text string) string {
	mac := hmac.New(sha256.New, k.signing)
	mac.Write([]byte(purpose + "\x00" + text))
	return hex.EncodeToString(mac.Sum(nil)[:20])
}

// KeyOf is the id of the key that a sealed text was encrypted with.
func KeyOf(sealed string) string {
	_, rest, _ := strings.Cut(sealed, ".")
	id, _, _ := strings.Cut(rest, ".")
	return id
}

// NewKey is a fresh entry for SECRET_KEYS.
func NewKey(id string) string {
	raw := make([]byte, keyBytes)
	rand.Read(raw) // never fails
	return id + ":" + base64.StdEncoding.EncodeToString(raw)
}
