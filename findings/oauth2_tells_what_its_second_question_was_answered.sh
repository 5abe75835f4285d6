#!/usr/bin/env bash
# golang.org/x/oauth2 tries out how a server wants a client's secret: in a header, then in
# the content. It does so after every refusal, also one that has nothing to do with the
# secret, and returns the second answer. worker/steps/http_tokens.go therefore tries itself.
. "$(dirname "$0")/lib.bash"
module golang.org/x/oauth2@v0.38.0
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	questions := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		questions++
		w.Header().Set("Content-Type", "application/json")
		if _, _, inHeader := r.BasicAuth(); inHeader {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_scope"}`)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client"}`)
	}))
	defer server.Close()
	config := clientcredentials.Config{ClientID: "a", ClientSecret: "b", TokenURL: server.URL, Scopes: []string{"unknown"}}
	_, err := config.Token(context.Background())
	var refused *oauth2.RetrieveError
	errors.As(err, &refused)
	fmt.Println(questions, refused.ErrorCode)
}
GO
go mod tidy >/dev/null 2>&1
seen=$(go run .)
go version
go list -m golang.org/x/oauth2
echo "expected: a server that has seen the secret and does not know the scope is asked once, and the error is invalid_scope"
holds "it is asked twice, and the error is the second one: $seen" [ "$seen" = "2 invalid_client" ]
