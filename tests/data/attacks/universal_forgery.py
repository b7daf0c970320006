"""Universal signature forgery (USF, "1 Trillion Dollar Refund", CCS 2019): the signature's own entries are missing,
empty or of a wrong type, and the content is the attacker's."""
from pdf import *

CONTENTS = {"missing": b"", "null": b"/Contents null", "empty": b"/Contents <>", "zero": b"/Contents <00>",
            "zeros": b"/Contents <" + b"0" * 512 + b">", "literal": b"/Contents (signed)", "array": b"/Contents[]",
            "name": b"/Contents/Signed", "number": b"/Contents 0", "indirect": b"/Contents 40 0 R",
            "odd": b"/Contents <3>", "twice": b"/Contents @CMS@/Contents <00>", "not-der": b"/Contents <ffff>"}
RANGES = {"missing": b"", "null": b"/ByteRange null", "empty": b"/ByteRange[]", "one": b"/ByteRange[0]",
          "three": b"/ByteRange[0 10 20]", "five": b"/ByteRange[0 10 20 30 40]", "zeros": b"/ByteRange[0 0 0 0]",
          "negative": b"/ByteRange[0 -10 20 30]", "all-negative": b"/ByteRange[-1 -1 -1 -1]",
          "huge": b"/ByteRange[0 9223372036854775807 9223372036854775807 9223372036854775807]",
          "beyond": b"/ByteRange[0 10 20 99999999]", "strings": b"/ByteRange[(0)(1)(2)(3)]", "names": b"/ByteRange[/a/b/c/d]",
          "nulls": b"/ByteRange[null null null null]", "real": b"/ByteRange[0.0 10.0 20.0 30.0]", "number": b"/ByteRange 0",
          "indirect": b"/ByteRange 41 0 R", "overlap": b"/ByteRange[0 1000 0 1000]", "nested": b"/ByteRange[[0 1 2 3]]"}


def cases(pki):
    genuine = pki.cms(b"anything")
    for part, values in (("contents", CONTENTS), ("range", RANGES)):
        for name, entry in values.items():
            body = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
            body += (b"/ByteRange @RANGE@" if part == "contents" else entry)
            body += (entry if part == "contents" else b"/Contents @CMS@") + b">>"
            forged = append(unsigned(), {**signing_objects(signature=body), 4: stream(TEXT.replace(b"8000", b"1000")),
                                         40: b"<" + genuine.hex().encode() + b">", 41: b"[0 10 20 30]"})
            if part == "range":
                hole = b"<" + b"0" * WIDTH + b">"
                forged = forged.replace(hole, b"<" + genuine.hex().encode().ljust(WIDTH, b"0") + b">")
            else:
                forged = forged.replace(RANGE, b"[0 %010d %010d %010d]" % (500, 600, len(forged) - 600))
            yield part + "-" + name, forged, FORMAT, "Contents" if part == "contents" and name != "zeros" else ""
    for name, value in (("null", b"null"), ("missing", b"99 0 R"), ("array", b"[]")):
        pdf = signed(pki, widget=WIDGET.replace(b"/V 8 0 R", b"/V " + value))
        verdict = (DOUBTFUL, "NO_SIGNATURE_FOUND") if name == "null" else FORMAT
        yield "value-" + name, pdf, verdict, "no signature" if name == "null" else "cannot be read"
    for sub in (b"adbe.x509.rsa_sha1", b"adbe.pkcs7.sha1", b"none"):
        pdf = signed(pki, signature=SIGNATURE.replace(b"ETSI.CAdES.detached", sub))
        yield "subfilter-" + sub.decode(), pdf, FORMAT, sub.decode()
    yield "subfilter-missing", signed(pki, signature=SIGNATURE.replace(b"/SubFilter/ETSI.CAdES.detached", b"")), FORMAT, "format"
    yield "untampered", signed(pki), (PASSED, ""), ""
