"""Incremental saving attacks (ISA, CCS 2019): the content is replaced by appended octets, with or without a
cross-reference, a trailer, a copy of the signature."""
from pdf import *

NEW = {4: stream(TEXT.replace(b"8000", b"1000"))}


def cases(pki):
    base = signed(pki)
    new = append(base, NEW)
    body = new[len(base):new.index(b"xref\n", len(base))]
    changed = "object 4 was changed"
    yield "untampered", base, (PASSED, ""), ""
    yield "whole-revision", new, FORMAT, changed
    yield "body-only", base + body, FORMAT, "no revision"
    yield "body-and-eof", base + body + b"%%EOF\n", FORMAT, "no revision"
    yield "body-and-old-startxref", base + body + start_at(last_start(base)), FORMAT, "no revision"
    yield "body-and-trailer", base + body + trailer(60, b"/Prev %d" % last_start(base)) + start_at(0), FORMAT, "damaged"
    yield "no-eof", new[:-6], FORMAT, "no revision"
    yield "no-startxref", new[:new.rindex(b"startxref")], FORMAT, "no revision"
    yield "comment", base + b"% nobody signed this\n", FORMAT, "no revision"
    yield "comment-behind-revision", sign_again(pki, base) + b"% nobody signed this\n", FORMAT, "no revision"
    twin = append(base, {**NEW, 8: base[base.rindex(b"8 0 obj\n") + 8:base.index(b"\nendobj", base.rindex(b"8 0 obj\n"))]})
    yield "copied-signature", twin, FORMAT, "own Contents"
    yield "skipped-revision", append(base, NEW, prev=last_start(base[:base.rindex(b"startxref")])), FORMAT, "removed the signature"
    yield "field-removed", append(base, {6: field_form(b"").replace(b" 7 0 R", b"")}), FORMAT, "removed the signature"
    yield "no-prev", append(base, NEW).replace(b"/Prev %d>>\nstartxref" % last_start(base), b">>\nstartxref"), FORMAT, ""
    page = {3: field_page(b"").replace(b"/Contents 4", b"/Contents 30"), 30: NEW[4]}
    yield "page-content", append(base, page), FORMAT, "/Contents"
    yield "page-swapped", append(base, {2: b"<</Type/Pages/Kids[31 0 R]/Count 1>>",
                                        31: PAGE.replace(b"4 0 R", b"30 0 R") + b"]>>", 30: NEW[4]}), FORMAT, "object 2"
    yield "page-added", append(base, {2: b"<</Type/Pages/Kids[3 0 R 31 0 R]/Count 2>>",
                                      31: PAGE.replace(b"4 0 R", b"30 0 R") + b"]>>", 30: NEW[4]}), FORMAT, "object 2"
    yield "new-catalog", append(base, {32: b"<</Type/Catalog/Pages 2 0 R>>", **NEW}, root=b"32 0 R"), FORMAT, "removed the signature"
    between = append(base, NEW, tail=b"% 7\n%%EOF\n")
    yield "octets-before-eof", between, FORMAT, "between"
    two = append(base, {}, tail=b"%%EOF\n") + b"startxref\n%d\n%%%%EOF\n" % last_start(new)
    yield "second-startxref", two, FORMAT, ""
