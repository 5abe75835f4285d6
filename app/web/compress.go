package web

import (
	"bytes"
	"compress/gzip"
	"sync"

	"github.com/gin-gonic/gin"

	"workflows/static"
)

// worthCompressing is how long an answer is at least that is compressed: a shorter one goes
// in one packet anyhow.
const worthCompressing = 1 << 10

// Send answers with a text as a whole, compressed for those who take it. What is sent bit by
// bit, and what is no text, does not go through here.
func Send(c *gin.Context, status int, contentType string, body []byte) {
	if len(body) >= worthCompressing {
		c.Writer.Header().Add("Vary", "Accept-Encoding")
		if takesGzip(c) {
			c.Header("Content-Encoding", "gzip")
			body = compressed(body)
		}
	}
	c.Data(status, contentType, body)
}

// takesGzip reports whether the answer to a request may be compressed.
//
// The length of a compressed answer tells whether what stands in the address, and comes back
// in the page, is also somewhere else in it. Whoever can read lengths on the wire, and has a
// browser ask again and again, guesses what a page holds bit by bit (BREACH, 2013). There is
// no token against forged requests to be guessed: SameOrigin asks the browser instead, and
// the session's token stands in no page. But pages hold the addresses of webhooks and forms,
// and what people work on. So what another site has a browser ask for is not compressed:
// only links from there come with the session at all (it is SameSite=Lax), and the browser
// says that they do. One that does not say so is older than 2023, or asks by plain HTTP,
// where everything can be read anyhow; a program that brings a token nobody else can send.
func takesGzip(c *gin.Context) bool {
	switch c.GetHeader("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return false
	}
	return static.TakesGzip(c.GetHeader("Accept-Encoding"))
}

// writers are kept from one answer to the next: each has most of a megabyte of tables. One
// is used only while an answer is compressed and not while it is sent, so there are no more
// than processors.
var writers = sync.Pool{New: func() any {
	writer, _ := gzip.NewWriterLevel(nil, gzip.BestCompression) // its usual makes a twelfth more of a page of a hundred steps, in half the time
	return writer
}}

func compressed(body []byte) []byte {
	var packed bytes.Buffer
	writer := writers.Get().(*gzip.Writer)
	defer writers.Put(writer)
	writer.Reset(&packed)
	_, _ = writer.Write(body) // a bytes.Buffer takes everything
	_ = writer.Close()
	return packed.Bytes()
}
