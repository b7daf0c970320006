#!/bin/sh
# Makes the development PKI that certs/development.cnf declares:
#   make_development_pki.sh DIR [--kind p256|p384|rsa2048|rsa3072]      (the kind of the first six signers' keys)
# DIR gets, each signer as .p12 and .pem under one passphrase, and private/ with the CA keys:
#   root.pem issuing.pem chain.pem root.crl issuing.crl not-trusted-root.pem
#   employer-seal worker court-seal expired revoked not-trusted; employer-seal-rsa2048 worker-rsa2048
#   tsa (RFC 3161), ocsp (RFC 6960, for issuing.pem)
#   sm2-root.pem sm2-issuing.pem sm2-root-cross.pem sm2-chain.pem sm2-root.crl sm2-issuing.crl
#   employer-seal-sm2 worker-sm2 sm2-ocsp
# The SM2 signers' chain passes the cross certificate, so that either root is enough to trust them.
# Nothing is done when DIR is complete; an interrupted run is done anew. A folder of an earlier version of this script
# is extended: what it has stays, what it lacks is issued by the CAs it has. All keys are drawn here and stay below DIR.
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

version=2
first="root.pem issuing.pem chain.pem not-trusted-root.pem issuing.crl root.crl passphrase"
for name in employer-seal worker court-seal expired revoked not-trusted; do first="$first $name.pem $name.p12"; done
second="sm2-root.pem sm2-issuing.pem sm2-root-cross.pem sm2-chain.pem sm2-issuing.crl sm2-root.crl"
for name in employer-seal-rsa2048 worker-rsa2048 tsa ocsp employer-seal-sm2 worker-sm2 sm2-ocsp; do
  second="$second $name.pem $name.p12"
done

mkdir -p "$target"
target=$(cd "$target" && pwd)
exec 9>"$target/.lock"
flock 9

there() {
  for file in "$@"; do [ -s "$target/$file" ] || fail "$target/$file is missing; remove $target to make the PKI anew"; done
}
made=
if [ -f "$target/complete" ]; then
  read -r of made <"$target/complete" || true
  [ "$of" = "$kind" ] || fail "$target holds a $of PKI; remove it to make a $kind one"
  there $first
  if [ "${made:=1}" -ge $version ]; then there $second; exit 0; fi
fi

rm -rf "$target"/.new.*
PKI=$(mktemp -d "$target/.new.XXXXXX")
export PKI
log=$PKI/log
trap 'status=$?; if [ $status -ne 0 ]; then cat "$log" >&2; fi; rm -rf "$PKI"; exit $status' EXIT
trap 'exit 1' HUP INT TERM

sm2Id=distid:1234567812345678

newKey() {  # kind file
  case $1 in
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2" ;;
    p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$2" ;;
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${1#rsa}" -out "$2" ;;
    sm2) openssl genpkey -algorithm SM2 -out "$2" ;;
  esac >>"$log" 2>&1
}

request() {  # kind, options of openssl req
  case $1 in sm2) set -- "$@" -sm3 -sigopt "$sm2Id" ;; *) set -- "$@" -sha256 ;; esac
  shift
  openssl req -config "$config" -new "$@" >>"$log" 2>&1
}

ca() {  # section, options of openssl ca
  section=$1
  shift
  case $section in sm2_*) set -- "$@" -sigopt "$sm2Id" ;; esac
  openssl ca -config "$config" -name "$section" -batch "$@" >>"$log" 2>&1
}

newFolder() {  # section
  mkdir -p "$PKI/private/$1"
  : >"$PKI/private/$1/index.txt"
}

newRoot() {  # section kind subject file
  newFolder "$1"
  newKey "$2" "$PKI/private/$1/key.pem"
  request "$2" -x509 -key "$PKI/private/$1/key.pem" -subj "$3" -days 3650 -extensions trust_anchor -out "$PKI/$4"
}

issue() {  # CA section, kind, key, subject, certificate, further options of openssl ca
  issuer=$1 of=$2 key=$3 subject=$4 out=$5
  shift 5
  request "$of" -key "$key" -subj "$subject" -out "$PKI/request.pem"
  case $of in sm2) set -- "$@" -vfyopt "$sm2Id" ;; esac
  ca "$issuer" -notext -preserveDN -utf8 -in "$PKI/request.pem" -out "$out" "$@"
  rm "$PKI/request.pem"
}

newSigner() {  # CA section, kind, file name, subject, further options of openssl ca
  from=$1 of=$2 name=$3 subject=$4
  shift 4
  newKey "$of" "$PKI/$name.key"
  issue "$from" "$of" "$PKI/$name.key" "$subject" "$PKI/$name.pem" "$@"
  case $from in other_root) above=not-trusted-root.pem ;; sm2_*) above=sm2-chain.pem ;; *) above=chain.pem ;; esac
  openssl pkcs12 -export -inkey "$PKI/$name.key" -in "$PKI/$name.pem" -certfile "$PKI/$above" -name "$name" \
    -passout "file:$PKI/passphrase" -out "$PKI/$name.p12" >>"$log" 2>&1
  rm "$PKI/$name.key"
}

newCrl() {  # CA section, file
  number=$PKI/private/$1/crlnumber
  [ -s "$number" ] || echo 01 >"$number"
  ca "$1" -gencrl -out "$PKI/$2"
}

company="/C=CN/O=珠海示例科技有限公司/CN=珠海示例科技有限公司"
worker="/C=CN/CN=示例劳动者"
authority="/C=CN/O=示例电子认证/CN"

makeFirst() {
  openssl rand -base64 33 | tr '+/' '-_' >"$PKI/passphrase"
  newRoot root p256 "$authority=Qianda Development Root CA" root.pem
  newRoot other_root p256 "/C=CN/O=他人电子认证/CN=Qianda Not Trusted Root CA" not-trusted-root.pem
  newFolder issuing
  newKey p256 "$PKI/private/issuing/key.pem"
  issue root p256 "$PKI/private/issuing/key.pem" "$authority=Qianda Development Issuing CA" "$PKI/issuing.pem"
  cat "$PKI/issuing.pem" "$PKI/root.pem" >"$PKI/chain.pem"
  newSigner issuing "$kind" employer-seal "$company"
  newSigner issuing "$kind" worker "$worker"
  newSigner issuing "$kind" court-seal \
    "/C=CN/O=珠海示例劳动人事争议仲裁委员会/CN=珠海示例劳动人事争议仲裁委员会"
  newSigner issuing "$kind" expired "$company" -startdate 20200101000000Z -enddate 20210101000000Z
  newSigner issuing "$kind" revoked "$company"
  newSigner other_root "$kind" not-trusted "$company"
  ca issuing -revoke "$PKI/revoked.pem" -crl_reason keyCompromise
}

keepFirst() {
  for file in $first; do cp -p "$target/$file" "$PKI/"; done
  cp -Rp "$target/private" "$PKI/"
}

makeSecond() {
  newSigner issuing rsa2048 employer-seal-rsa2048 "$company"
  newSigner issuing rsa2048 worker-rsa2048 "$worker"
  newSigner issuing p256 tsa "$authority=Qianda Development TSA" -extensions timestamping
  newSigner issuing p256 ocsp "$authority=Qianda Development OCSP" -extensions ocsp_responder

  root="$authority=Qianda Development SM2 Root CA"
  newRoot sm2_root sm2 "$root" sm2-root.pem
  issue root sm2 "$PKI/private/sm2_root/key.pem" "$root" "$PKI/sm2-root-cross.pem" -extensions cross_authority
  newFolder sm2_issuing
  newKey sm2 "$PKI/private/sm2_issuing/key.pem"
  issue sm2_root sm2 "$PKI/private/sm2_issuing/key.pem" "$authority=Qianda Development SM2 Issuing CA" \
    "$PKI/sm2-issuing.pem"
  cat "$PKI/sm2-issuing.pem" "$PKI/sm2-root-cross.pem" "$PKI/root.pem" >"$PKI/sm2-chain.pem"
  newSigner sm2_issuing sm2 employer-seal-sm2 "$company"
  newSigner sm2_issuing sm2 worker-sm2 "$worker"
  newSigner sm2_issuing sm2 sm2-ocsp "$authority=Qianda Development SM2 OCSP" -extensions ocsp_responder
}

if [ -n "$made" ]; then keepFirst; else makeFirst; fi
makeSecond
newCrl root root.crl
newCrl issuing issuing.crl
newCrl sm2_root sm2-root.crl
newCrl sm2_issuing sm2-issuing.crl

# File by file, the mark last: a folder with a mark is whole, whichever version it names.
[ -n "$made" ] || rm -rf "$target/private"
(cd "$PKI" && find private -type d) | while IFS= read -r folder; do mkdir -p "$target/$folder"; done
(cd "$PKI" && find private -type f) | while IFS= read -r file; do mv "$PKI/$file" "$target/$file"; done
for file in $first $second; do
  case $file in *.p12|passphrase) ;; *) chmod 644 "$PKI/$file" ;; esac
  mv "$PKI/$file" "$target/"
done
printf '%s %s\n' "$kind" $version >"$PKI/complete"
mv "$PKI/complete" "$target/complete"
