#!/bin/sh
# Makes the development PKI that certs/development.cnf declares:
#   make_development_pki.sh DIR [--kind p256|p384|rsa2048|rsa3072]      (the kind of the signers' keys)
# DIR gets root.pem issuing.pem chain.pem issuing.crl root.crl not-trusted-root.pem, the signers employer-seal.p12
# worker.p12 court-seal.p12 expired.p12 revoked.p12 not-trusted.p12, their passphrase, and private/ with the CA keys.
# Nothing is done when DIR is complete; an interrupted run is done anew. All keys are drawn here and stay below DIR.
set -eu
umask 077

usage() { echo "usage: $0 DIR [--kind p256|p384|rsa2048|rsa3072]" >&2; exit 2; }
fail() { echo "$0: $1" >&2; exit 1; }

kind=p256 target=
while [ $# -gt 0 ]; do
  case $1 in
    --kind) [ $# -ge 2 ] || usage; kind=$2; shift 2 ;;
    -*) usage ;;
    *) [ -z "$target" ] || usage; target=$1; shift ;;
  esac
done
[ -n "$target" ] || usage
case $kind in p256|p384|rsa2048|rsa3072) ;; *) usage ;; esac
config=$(cd "$(dirname "$0")" && pwd)/development.cnf

public="root.pem issuing.pem chain.pem issuing.crl root.crl not-trusted-root.pem"
signers="employer-seal worker court-seal expired revoked not-trusted"

mkdir -p "$target"
target=$(cd "$target" && pwd)
exec 9>"$target/.lock"
flock 9

if [ -f "$target/complete" ]; then
  made=$(cat "$target/complete")
  [ "$made" = "$kind" ] || fail "$target holds a $made PKI; remove it to make a $kind one"
  for file in $public passphrase $(printf '%s.p12 ' $signers); do
    [ -s "$target/$file" ] || fail "$target/$file is missing; remove $target to make the PKI anew"
  done
  exit 0
fi

rm -rf "$target"/.new.*
PKI=$(mktemp -d "$target/.new.XXXXXX")
export PKI
log=$PKI/log
trap 'status=$?; if [ $status -ne 0 ]; then cat "$log" >&2; fi; rm -rf "$PKI"; exit $status' EXIT
trap 'exit 1' HUP INT TERM

newKey() {  # kind file
  case $1 in
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2" ;;
    p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$2" ;;
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${1#rsa}" -out "$2" ;;
  esac >>"$log" 2>&1
}

newRoot() {  # section subject file
  mkdir -p "$PKI/private/$1"
  : >"$PKI/private/$1/index.txt"
  newKey p256 "$PKI/private/$1/key.pem"
  openssl req -config "$config" -x509 -new -key "$PKI/private/$1/key.pem" -subj "$2" -sha256 -days 3650 \
    -extensions trust_anchor -out "$PKI/$3" >>"$log" 2>&1
}

issue() {  # CA section, key, subject, certificate, further options of openssl ca
  ca=$1 key=$2 subject=$3 out=$4
  shift 4
  openssl req -config "$config" -new -key "$key" -subj "$subject" -out "$PKI/request.pem" >>"$log" 2>&1
  openssl ca -config "$config" -name "$ca" -batch -notext -preserveDN -utf8 -in "$PKI/request.pem" -out "$out" "$@" >>"$log" 2>&1
  rm "$PKI/request.pem"
}

newSigner() {  # CA section, file name, subject, further options of openssl ca
  ca=$1 name=$2 subject=$3
  shift 3
  newKey "$kind" "$PKI/$name.key"
  issue "$ca" "$PKI/$name.key" "$subject" "$PKI/$name.pem" "$@"
  case $ca in other_root) above=$PKI/not-trusted-root.pem ;; *) above=$PKI/chain.pem ;; esac
  openssl pkcs12 -export -inkey "$PKI/$name.key" -in "$PKI/$name.pem" -certfile "$above" -name "$name" \
    -passout "file:$PKI/passphrase" -out "$PKI/$name.p12" >>"$log" 2>&1
  rm "$PKI/$name.key"
}

openssl rand -base64 33 | tr '+/' '-_' >"$PKI/passphrase"
newRoot root "/C=CN/O=示例电子认证/CN=Qianda Development Root CA" root.pem
newRoot other_root "/C=CN/O=他人电子认证/CN=Qianda Not Trusted Root CA" not-trusted-root.pem
mkdir -p "$PKI/private/issuing"
: >"$PKI/private/issuing/index.txt"
newKey p256 "$PKI/private/issuing/key.pem"
issue root "$PKI/private/issuing/key.pem" "/C=CN/O=示例电子认证/CN=Qianda Development Issuing CA" "$PKI/issuing.pem"
cat "$PKI/issuing.pem" "$PKI/root.pem" >"$PKI/chain.pem"

company="/C=CN/O=珠海示例科技有限公司/CN=珠海示例科技有限公司"
newSigner issuing employer-seal "$company"
newSigner issuing worker "/C=CN/CN=示例劳动者"
newSigner issuing court-seal "/C=CN/O=珠海示例劳动人事争议仲裁委员会/CN=珠海示例劳动人事争议仲裁委员会"
newSigner issuing expired "$company" -startdate 20200101000000Z -enddate 20210101000000Z
newSigner issuing revoked "$company"
newSigner other_root not-trusted "$company"
openssl ca -config "$config" -name issuing -revoke "$PKI/revoked.pem" -crl_reason keyCompromise >>"$log" 2>&1
openssl ca -config "$config" -name issuing -gencrl -out "$PKI/issuing.crl" >>"$log" 2>&1
openssl ca -config "$config" -name root -gencrl -out "$PKI/root.crl" >>"$log" 2>&1

rm -rf "$target/private"
mv "$PKI/private" "$target/private"
for file in $public; do chmod 644 "$PKI/$file"; mv "$PKI/$file" "$target/"; done
for name in $signers; do chmod 644 "$PKI/$name.pem"; mv "$PKI/$name.pem" "$PKI/$name.p12" "$target/"; done
mv "$PKI/passphrase" "$target/"
printf '%s\n' "$kind" >"$PKI/complete"
mv "$PKI/complete" "$target/complete"
