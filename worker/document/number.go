package document

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// minExponent and maxExponent bound, with MaxDigits, what a number costs to store and
// compare. Every number that other programs hold in 64 bits is within them.
const (
	minExponent = -324
	maxExponent = 308
)

// SensibleNumber reports whether a JSON number is of a size that every part of
// the system can store and compare.
func SensibleNumber(text string) bool {
	if len(text) > MaxDigits {
		return false
	}
	at := strings.IndexAny(text, "eE")
	if at < 0 {
		return true
	}
	exponent, err := strconv.Atoi(text[at+1:])
	if err != nil || exponent < minExponent || exponent > maxExponent {
		return false
	}
	_, err = strconv.ParseFloat(text, 64)
	return err == nil
}

// exactNumber reads a decimal number without rounding.
func exactNumber(text string) (*big.Rat, bool) {
	if text == "" || strings.Trim(text, "0123456789+-.eE") != "" || !SensibleNumber(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// Number reads numbers, and texts that are numbers when texts is set.
func Number(value any, texts bool) (*big.Rat, bool) {
	switch v := value.(type) {
	case json.Number:
		return exactNumber(v.String())
	case string:
		if texts {
			return exactNumber(strings.TrimSpace(v))
		}
	case int:
		return new(big.Rat).SetInt64(int64(v)), true
	case int64:
		return new(big.Rat).SetInt64(v), true
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	}
	return nil, false
}
