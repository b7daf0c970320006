"""Sound files in the manners of other programs; all must pass but those that say why not."""
import hashlib
import zlib

import der
import structure
from pdf import *

PASS = (PASSED, "")
BUILD = (b"/Prop_Build<</Filter<</Name/Adobe.PPKLite/R 131104>>/App<</Name/Exchange-Pro/OS[/Win]/R 1376256/TrustedMode true>>"
         b"/PubSec<</Date(x)/R 131105>>>>")


def indefinite(cms):
    """The same CMS with the outer lengths left open, as Bouncy Castle writes it."""
    (kind, (explicit,)), = [(nodes[1][0], nodes[1][1:]) for nodes in der.parse(cms)]
    inner = der.encode(explicit[1][0][1])
    return b"\x30\x80" + der.encode([kind]) + b"\xa0\x80\x30\x80" + inner + b"\0" * 6


def cases(pki):
    def styled(signature=SIGNATURE, **options):
        return signed(pki, signature=signature, **options)

    yield "contents-first", styled(b"<</Type/Sig/Contents @CMS@/ByteRange @RANGE@/SubFilter/ETSI.CAdES.detached/Filter/Adobe.PPKLite>>"), PASS, ""
    yield "no-type", styled(SIGNATURE.replace(b"/Type/Sig", b"")), PASS, ""
    yield "adobe-build-properties", styled(SIGNATURE[:-2] + BUILD + b"/Reason(\xfe\xff\x54\x0c\x61\x0f)/Location()/ContactInfo(x)>>"), PASS, ""
    yield "adobe-pkcs7", styled(SIGNATURE.replace(b"ETSI.CAdES", b"adbe.pkcs7"), make_cms=lambda octets: pki.cms(octets, cades=False)), PASS, ""
    yield "rsa-pkcs7", styled(SIGNATURE.replace(b"ETSI.CAdES", b"adbe.pkcs7"), make_cms=lambda octets: pki.cms(octets, pki.signer("rsa", "rsa"), cades=False)), PASS, ""
    yield "rsa-pss", styled(make_cms=lambda octets: pki.cms(octets, pki.signer("rsa", "rsa"), more=["-keyopt", "rsa_padding_mode:pss"])), PASS, ""
    yield "indefinite-lengths", styled(make_cms=lambda octets: indefinite(pki.cms(octets))), PASS, ""
    yield "sha512", styled(make_cms=lambda octets: pki.cms(octets, digest="sha512")), PASS, ""
    yield "spaces", styled(b"<< /Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/ByteRange @RANGE@      \n/Contents  @CMS@\n/M (D:20260101000000Z) >>"), PASS, ""
    yield "carriage-returns", styled(b"<</Type/Sig\r/Filter/Adobe.PPKMS\r/SubFilter/ETSI.CAdES.detached\r/ByteRange @RANGE@\r/Contents @CMS@\r>>"), PASS, ""
    for name, eol in (("crlf", b"\r\n"), ("lf", b"\n")):
        objects = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 4: stream(TEXT), 5: FONT}
        objects.update(signing_objects())
        for number in (3, 6):
            objects[number] = objects[number].replace(b"10 0 R 11 0 R 12 0 R ", b"")
        for end, tail in (("", b"%%EOF" + eol), ("-no-newline", b"%%EOF"), ("-blank-lines", b"%%EOF" + eol * 3)):
            pdf = whole(dict(sorted(objects.items())), header=b"%PDF-2.0" + eol + b"%\xe2\xe3\xcf\xd3" + eol, eol=eol, tail=tail)
            yield "one-revision-" + name + end, seal(pdf, pki.cms), PASS, ""
    yield "indirect-range", styled(SIGNATURE.replace(b"@RANGE@", b"41 0 R" + b"%" + RANGE + b"\n")), FORMAT, "ByteRange"
    yield "indirect-contents", styled(SIGNATURE.replace(b"@CMS@", b"41 0 R%@CMS@\n"), more={41: b"<00>"}), FORMAT, "Contents"
    base = styled()
    # Long-term updates as others write them.
    certificate = run("openssl", "x509", "-in", pki.path("signer.pem"), "-outform", "DER")
    root = run("openssl", "x509", "-in", pki.path("root.pem"), "-outform", "DER")
    packed = zlib.compress(certificate)
    begin = base.rindex(b"/Contents <") + 11
    key = hashlib.sha1(bytes.fromhex(base[begin:begin + WIDTH].decode())).hexdigest().upper().encode()
    catalog = structure.CATALOG
    extensions = b"/Extensions<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>/ESIC<</BaseVersion/1.7/ExtensionLevel 5>>>>"
    store = {46: stream(packed, b"/Filter/FlateDecode"), 47: stream(root)}
    yield "dss-direct", append(base, {1: catalog.replace(b"@MORE@", b"/DSS<</Certs[46 0 R 47 0 R]>>" + extensions), **store}), PASS, ""
    full = {1: catalog.replace(b"@MORE@", b"/DSS 48 0 R" + extensions), 48: b"<</Type/DSS/Certs 49 0 R/VRI 51 0 R>>", 49: b"[46 0 R 47 0 R]",
            51: b"<</" + key + b" 52 0 R>>", 52: b"<</Type/VRI/Cert[46 0 R]/TU(D:20260101000000Z)>>", **store}
    yield "dss-indirect-with-vri", append(base, full), PASS, ""
    yield "dss-grown", append(append(base, full), {49: b"[46 0 R 47 0 R 53 0 R]", 53: stream(certificate)}), PASS, ""
    yield "dss-in-xref-stream", structure.xref_stream(base, full, {}), PASS, ""
    yield "dss-then-second-signature", sign_again(pki, append(base, full)), PASS, ""
    yield "form-direct-in-catalog", seal(append(whole({
        1: b"<</Type/Catalog/Pages 2 0 R/Names<<>>/AcroForm<</Fields[]>>>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: PAGE.replace(b"/Annots[", b">>"), 4: stream(TEXT), 5: FONT}), {
            1: b"<</Type/Catalog/Pages 2 0 R/Names<<>>/AcroForm<</Fields[7 0 R]/SigFlags 3>>>>",
            3: PAGE + b"7 0 R]>>", 7: WIDGET, 8: holes(SIGNATURE), 9: LOOK}), pki.cms), PASS, ""
    yield "widget-apart-from-field", seal(append(unsigned(), {
        **signing_objects(), 7: WIDGET.replace(b"/FT/Sig/T(employer)", b"/Parent 23 0 R").replace(b"/V 8 0 R", b""),
        6: field_form(b"23 0 R").replace(b"7 0 R ", b""), 23: b"<</FT/Sig/T(employer)/V 8 0 R/Kids[7 0 R]>>"}), pki.cms), PASS, ""
    yield "wide-signature-box", sign_again(pki, base, b"100 200 400 330"), PASS, ""
    yield "sha1-rsa-named", styled(SIGNATURE.replace(b"ETSI.CAdES.detached", b"adbe.x509.rsa_sha1")), FORMAT, "adbe.x509.rsa_sha1"
