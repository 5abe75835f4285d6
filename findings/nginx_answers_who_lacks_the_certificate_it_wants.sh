#!/usr/bin/env bash
# nginx with "ssl_verify_client on" takes a TLS connection without a client's certificate
# and then answers 400 with a page; Go's and Apache's servers end the handshake with an
# alert. Whoever looks at errors of the connection only does not see what is wrong
# (worker/steps/tls_errors.go).
. "$(dirname "$0")/lib.bash"
needs openssl openssl
needs curl curl
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 2>/dev/null
nginx=$(command -v nginx || true)
if [ -z "$nginx" ]; then # unpacked: installed it would listen on port 80
  apt-get download nginx >/dev/null 2>&1
  dpkg -x nginx_*.deb .
  nginx=$work/usr/sbin/nginx
fi
port=$(port)
cat >nginx.conf <<CONF
daemon off; pid $work/pid; error_log $work/log;
events {}
http {
  access_log off;
  client_body_temp_path $work/1; proxy_temp_path $work/2; fastcgi_temp_path $work/3; uwsgi_temp_path $work/4; scgi_temp_path $work/5;
  server {
    listen 127.0.0.1:$port ssl;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    ssl_client_certificate $work/cert.pem; ssl_verify_client on;
    location / { return 200 welcome; }
  }
}
CONF
"$nginx" -c "$work/nginx.conf" 2>/dev/null &
started+=($!)
listening "$port"
status=$(curl -s --cacert cert.pem -o page -w '%{http_code}' "https://127.0.0.1:$port/")
seen="$status, $(grep -o 'No required SSL certificate was sent' page | head -n 1)"
"$nginx" -v 2>&1
echo "expected: without a certificate the handshake fails, as with openssl, Go or Apache"
holds "the connection stands, and a page says it: $seen" [ "$seen" = "400, No required SSL certificate was sent" ]
