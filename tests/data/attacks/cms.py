"""The CMS within: from another file, by the wrong certificate, with weak, missing or ill-fitting algorithms."""
import os

import der
from pdf import *

ECDSA_SHA256 = "300a06082a8648ce3d040302"
WEAK = (DOUBTFUL, "CRYPTO_CONSTRAINTS_FAILURE")
UNFIT = (DOUBTFUL, "CHAIN_CONSTRAINTS_FAILURE")


def cases(pki):
    def made(**options):
        return signed(pki, make_cms=lambda octets: pki.cms(octets, **options))

    def exchanged(old, new, **options):
        return signed(pki, make_cms=lambda octets: der.exchange(pki.cms(octets), old, new, **options))

    base = signed(pki)
    yield "untampered", base, (PASSED, ""), ""
    yield "of-another-file", signed(pki, make_cms=lambda _: pki.cms(b"another file")), (FAILED, "HASH_FAILURE"), "not those that were signed"
    yield "content-changed", base.replace(b"8000 yuan", b"1000 yuan"), (FAILED, "HASH_FAILURE"), "not those that were signed"
    yield "sha1", made(digest="sha1"), FORMAT, "signing-certificate-v2"
    yield "sha1-pkcs7", signed(pki, signature=SIGNATURE.replace(b"ETSI.CAdES", b"adbe.pkcs7"), make_cms=lambda octets: pki.cms(octets, digest="sha1", cades=False)), WEAK, "SHA1"
    yield "md5-rsa", made(digest="md5", name=pki.signer("rsa", "rsa")), WEAK, "MD5"
    yield "rsa", made(name=pki.signer("rsa", "rsa")), (PASSED, ""), ""
    yield "rsa-1024", made(name=pki.signer("short", "rsa1024")), WEAK, "too short"
    yield "certificate-sha1", made(name=pki.signer("sha1", digest="sha1")), WEAK, "weak"
    yield "algorithm-is-a-key", exchanged(ECDSA_SHA256, "300906072a8648ce3d0201"), FORMAT, "does not fit"
    yield "algorithm-is-rsa", exchanged(ECDSA_SHA256, "300d06092a864886f70d0101010500"), FORMAT, "does not fit"
    yield "algorithm-of-another-digest", exchanged(ECDSA_SHA256, "300a06082a8648ce3d040303"), FORMAT, "does not fit"
    yield "algorithm-unknown", exchanged(ECDSA_SHA256, "300506032a0304"), FORMAT, "does not fit"
    yield "digest-not-declared", signed(pki, make_cms=lambda octets: undeclared(pki.cms(octets))), FORMAT, "digest algorithm"
    yield "no-signing-certificate", made(cades=False), FORMAT, "signing-certificate-v2"
    yield "no-attributes", made(cades=False, more=["-noattr"]), FORMAT, "content-type"
    yield "with-content", made(more=["-nodetach"]), FORMAT, "content of its own"
    other = pki.signer("rsa", "rsa")
    yield "two-signers", made(more=["-signer", pki.path(other + ".pem"), "-inkey", pki.path(other + ".key")]), FORMAT, "exactly one SignerInfo"
    yield "no-certificates", made(more=["-nocerts"]), (DOUBTFUL, "NO_SIGNING_CERTIFICATE_FOUND"), "certificate"
    yield "certificate-for-servers", made(name=pki.signer("server", purpose="serverAuth")), UNFIT, "another purpose"
    yield "certificate-for-time", made(name=pki.signer("time", purpose="critical,timeStamping")), UNFIT, "another purpose"
    yield "certificate-for-mail", made(name=pki.signer("mail", purpose="emailProtection,clientAuth")), (PASSED, ""), ""
    yield "certificate-for-keys", made(name=pki.signer("keys", usage="keyEncipherment")), UNFIT, "not for signatures"
    os.makedirs(pki.path("stranger"), exist_ok=True)
    stranger = Pki(pki.path("stranger"))
    yield "stranger", signed(pki, make_cms=stranger.cms), (DOUBTFUL, "NO_CERTIFICATE_CHAIN_FOUND"), "trust anchor"
    yield "value-changed", signed(pki, make_cms=lambda octets: (lambda cms: cms[:-1] + bytes([cms[-1] ^ 1]))(pki.cms(octets))), (FAILED, "SIG_CRYPTO_FAILURE"), "does not verify"
    yield "octets-behind", signed(pki, make_cms=lambda octets: pki.cms(octets) + b"\0\0more"), FORMAT, "not zero"
    yield "not-signed-data", signed(pki, make_cms=lambda _: bytes.fromhex("300b06092a864886f70d010701")), FORMAT, "CMS"
    yield "indefinite-deep", signed(pki, make_cms=lambda _: b"\x30\x80" * 3000), FORMAT, "Contents"
    yield "cut", signed(pki, make_cms=lambda octets: b"\x30\x05" + pki.cms(octets)[:5]), FORMAT, "CMS"
    # The certificate exchanged for another with the same key: the signed attribute names the first.
    first = pki.signer("twin")
    second = run("openssl", "x509", "-req", "-CA", pki.path("root.pem"), "-CAkey", pki.path("root.key"), "-days", "2", "-extfile",
                 pki.path("extensions"), "-outform", "DER", data=run("openssl", "req", "-new", "-key", pki.path("twin.key"), "-subj", "/CN=Someone else"))
    old = run("openssl", "x509", "-in", pki.path("twin.pem"), "-outform", "DER")
    yield "certificate-exchanged", signed(pki, make_cms=lambda octets: der.exchange(pki.cms(octets, first, more=["-keyid"]), old.hex(), second.hex())), FORMAT, "another certificate"


def undeclared(octets):
    nodes = der.parse(octets)
    nodes[0][1][1][1][0][1][1][1] = []
    return der.encode(nodes)
