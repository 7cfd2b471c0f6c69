#include "config/reference_text.hpp"

namespace arbortls::config {

const std::string_view reference_opening = R"(# arbortls: reference

Made from the table of keys in `lib/config` by the unit test of this file; change it there. A commented
example stands beside this file: [arbortls.yaml](arbortls.yaml).

## Configuration

`/etc/arbortls/arbortls.yaml`, or what `-c FILE` says. YAML, and so JSON too, in UTF-8. Problems are reported
all at once, each as `FILE:LINE:COLUMN: key.path: what is wrong, and what would be right`. An unknown or
repeated key is an error, never ignored.

- **Times** take `ms`, `s`, `m`, `h`, `d`: `500ms`, `10s`, `5m`, `1h`, `3d`. `0` needs no unit, other numbers do.
- **Sizes** take `kB`, `MB`, `GB`, which count by 1024: `1kB` is 1024 bytes.
- **Booleans** are `true` and `false` only; `yes` and `on` are refused.
- **Paths** that are relative are relative to the file they stand in. `alias://paths/NAME` is the path that
  `aliases` gives that name.
- **Secrets** (`key_passphrase`) never stand in the file itself: `file:PATH`, or `cred:NAME` for what systemd's
  `LoadCredential=` passes.
- **Anchors and aliases** of YAML work, within bounds; nesting is bounded too.

SIGHUP applies everything but the keys that say "needs a restart".
)";

const std::string_view reference_closing = R"(
## Which certificate a connection gets

1. The SNI name, in lower case and without one trailing dot. No SNI, an IP address or a name that is no legal
   host name: step 4.
2. **The name is in the tree:** its own `certificate_pem`, else its parent's, and so on up to the master. None:
   step 4. The parent is what `parent` says, else the longest suffix of the name that is in the tree, else the
   master.
3. **The name is not in the tree:** the leftmost label is dropped, again and again; the first such name that is
   in the tree and has its own `certificate_pem` applies. The master is looked at last in any case. None: step 4.
4. The listener's `certdir`, if it is set and holds a usable pair.
5. The default certificate: self-signed, made in `state_dir` at the first start.

A domain's certificate applies even if it is expired or does not cover the name; that is said in the log, in
`status`, in metrics and by `explain`. With `certificate_choice: valid` such ones are passed over while a better
one stands further along. Text that cannot be used at all keeps that domain's last good certificate.
`arbortls explain NAME` shows every step.

## What a `certificate_pem` may look like

Private key, certificate and chain, in any order. Text outside the BEGIN/END pairs is ignored; CRLF, and the
whole PEM folded onto one line, are accepted. More than one pair is one of each key type (RSA and ECDSA).

A file (`file:PATH`, `NAME.pem`, those of a `certdir`) is told by what it holds, not by its name: PEM, DER,
PKCS#12 (with a passphrase by `key_passphrase`, or without) and PKCS#7 beside a key. A PKCS#12 with RC2 or 3DES is
read through OpenSSL's legacy provider, with a warning; `arbortls cert convert OLD.p12 --to p12 --out NEW.p12` writes
it anew. Java keystores are refused with the `keytool` command that converts them. In a `certdir`, `server.key` and
`server.crt` win over `server.p12`, and that over `server.pfx`. In `domains_dir` a PKCS#12 needs a `NAME.yaml` with
`certificate_pem: file:NAME.p12`.

Chains are put in order, the root is left out, and of two ways up the one that is valid throughout is taken. An
intermediate that is missing is looked for among those that other certificates have, and told with its subject and
where it stands; it is served only with `complete_chains: true`.

## Commands

`--help` and `--version` everywhere, `--json` wherever something is printed. Commands that speak to the running
daemon find it by `--socket PATH`, else by the `control_socket` of `-c FILE`.

| command | what it does | exit code |
| --- | --- | --- |
| `serve [-c FILE]` | runs in the foreground; tells systemd when ready; logs to standard error | 0 orderly end, 1 cannot start, 2 usage |
| `check [-c FILE]` | loads all that `serve` would, prints every problem and warning | 0 sound, 1 problems, 2 usage |
| `explain [-c FILE \| --live] [--listener NAME] (NAME \| --no-sni)` | each step of the selection, the applied certificate, the inherited settings and where each came from | 0, 1 bad name or listener, 2 usage |
| `tree`, `status`, `certs`, `connections` | the running daemon's tree, health, certificates by expiry, live connections | 0, 1 not running |
| `expiring [--within 14d]` | domains whose applied certificate ends within that time, and certdirs, chain members and CAs that do | 0 none, 3 some |
| `reload` | as SIGHUP | 0, 1 refused: the old configuration is still serving |
| `drain` | as SIGTERM, but waits | 0, 1 refused |
| `cert inspect FILE [-c FILE \| --live]` | looks into any PEM, DER, PKCS#7 or PKCS#12: names, chain and what it lacks, whether the key matches, the pin; with `-c` or `--live` what it covers in the tree | 0, 1, 2 |
| `cert self-signed NAME... --out DIR` | makes `server.key` and `server.crt` | 0, 1, 2 |
| `cert bundle KEY CRT [CA...]` | makes one `certificate_pem` text | 0, 1, 2 |
| `cert convert IN --to pem\|der\|p12 --out FILE` | writes a file anew; `--part key`, `certificate`, `chain` or `fullchain` only that | 0, 1, 2 |

## Signals

| signal | what it does |
| --- | --- |
| SIGHUP | re-reads everything, all or nothing: on any error the running configuration stays, and the error is shown by the log, `status` and systemd's status text |
| SIGTERM, SIGINT | stops accepting, lets connections finish for `drain_timeout`, then closes them and says how many were cut |
)";

}  // namespace arbortls::config
