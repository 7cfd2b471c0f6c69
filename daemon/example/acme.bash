# Read by `try --acme`: the same example, whose certificates come from an ACME CA. That is Debian's pebble, which is
# made for tests, with a DNS server that finds every name here.

# shellcheck disable=SC2154
ca_ports=()    # of the CA, its management, DNS and DNS's management
answers_port=  # where the CA asks for answers by http-01

need_ca() {
  command -v pebble >/dev/null || "$root/tests/packages" acme || fail "pebble is missing"
}

free_ports() {
  python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in held))' "$1"
}

# What is signed by hand here is only for the CA's own address.
make_tree() {
  mkdir domains
  make_ca
  issue pebble "DNS:localhost,IP:127.0.0.1"
  read -r -a ca_ports <<<"$(free_ports 5)"
  answers_port=${ca_ports[4]}
}

configure() {
  cat >arbortls.yaml <<END
master_domain: softphone.example
state_dir: state
control_socket: control.sock
domains_dir: domains
drain_timeout: 1s
listeners:
  - { name: wss, address: "$address", backend: softphones }
  - { name: web, kind: http_redirect, address: "127.0.0.1:$answers_port" }
domains:
  - name: softphone.example
    acme_account_email: operator@softphone.example
    acme_enabled: true
    acme_subdomains: true
    acme_directory: https://127.0.0.1:${ca_ports[0]}/dir
    acme_ca_file: ca.pem
  - name: acme.example
  - name: hotline.test
backends:
  - { name: softphones, servers: ["unix:$dir/backend.sock"], send_proxy: v1 }
END
  cat >pebble.json <<END
{ "pebble": {
  "listenAddress": "127.0.0.1:${ca_ports[0]}", "managementListenAddress": "127.0.0.1:${ca_ports[1]}",
  "certificate": "$dir/pebble.crt", "privateKey": "$dir/pebble.key",
  "httpPort": $answers_port, "tlsPort": ${address##*:}, "ocspResponderURL": "", "externalAccountBindingRequired": false
} }
END
}

start_ca() {
  local nothing=(-http01 "" -https01 "" -tlsalpn01 "")
  pebble-challtestsrv -defaultIPv4 127.0.0.1 -defaultIPv6 "" "${nothing[@]}" -dns01 "127.0.0.1:${ca_ports[2]}" \
    -management "127.0.0.1:${ca_ports[3]}" >pebble.log 2>&1 &
  children+=($!)
  PEBBLE_VA_NOSLEEP=1 pebble -config pebble.json -dnsserver "127.0.0.1:${ca_ports[2]}" >>pebble.log 2>&1 &
  children+=($!)
  until_true curl -sf --cacert ca.pem "https://127.0.0.1:${ca_ports[1]}/roots/0" -o root.pem
}

all_made() {
  [ "$("$ARBORTLS" acme status -c arbortls.yaml | grep -c ' valid ')" = 3 ]
}

await_served() {
  until_true test -S control.sock
  until_true all_made
  until_true curl -sf --max-time 2 --cacert root.pem --connect-to "::$address" https://acme.example/ -o /dev/null
}

tell_all() {
  local port=${address##*:}
  tell "each domain has got its certificate: openssl believes it, with the CA's root" \
    "openssl s_client -connect $address -servername acme.example -CAfile $dir/root.pem -verify_hostname acme.example -verify_return_error </dev/null 2>/dev/null | grep -E '^issuer|Verify return'" \
    "Verify return code: 0"
  tell "so does curl; the page shows your address" \
    "curl -s --cacert $dir/root.pem --connect-to ::$address https://hotline.test:$port/ | grep 'You asked'" \
    "hotline.test.*127.0.0.1 port"
  tell "it stands where you would have put it; the first line says that it is looked after" \
    "head -5 $dir/domains/acme.example.pem; ls -l $dir/domains" "automatic=acme"
  tell "what was asked for is this and no more" "grep acme_ $dir/arbortls.yaml" "acme_enabled: true"
  tell "how it goes" "$ARBORTLS acme status -c $dir/arbortls.yaml" "hotline.test"
  tell "another one now, without a reload" "$ARBORTLS acme renew -c $dir/arbortls.yaml hotline.test" "hotline.test.pem"
  tell "a WebSocket over it; without the last word it sends what you type" \
    "python3 $example/talk.py --ca $dir/root.pem $address acme.example hello" "echo: hello"
}
