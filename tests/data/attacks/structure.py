"""What two readers could read in two ways, and what a reader shows besides the pages: cross-reference, object streams,
generations, trailer, catalog, form."""
import zlib

from pdf import *

EVIL = stream(TEXT.replace(b"8000", b"1000"))
CATALOG = b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R@MORE@>>"


def xref_stream(pdf, objects, rows, extra=b"", number=50):
    """A revision whose section is a stream; rows: {number: (kind, a, b)} besides the objects."""
    out, rows = pdf, dict(rows)
    for one, body in objects.items():
        rows[one] = (1, len(out), 0)
        out += b"%d 0 obj\n" % one + body + b"\nendobj\n"
    start = len(out)
    rows[number] = (1, start, 0)
    index = b" ".join(b"%d 1" % one for one in sorted(rows))
    data = b"".join(bytes([rows[one][0]]) + rows[one][1].to_bytes(4, "big") + rows[one][2].to_bytes(2, "big")
                    for one in sorted(rows))
    body = stream(zlib.compress(data), b"/Type/XRef/W[1 4 2]/Index[" + index + b"]/Size 60/Root 1 0 R/Prev %d" %
                  last_start(pdf) + b"/Filter/FlateDecode" + extra)
    return out + b"%d 0 obj\n" % number + body + b"\nendobj\n" + start_at(start)


def packed(objects):
    """An object stream of {number: body} pairs (a list, so that a number may come twice)."""
    head, body = b"", b""
    for number, one in objects:
        head += b"%d %d " % (number, len(body))
        body += one + b" "
    return stream(head + body, b"/Type/ObjStm/N %d/First %d" % (len(objects), len(head)))


def cases(pki):
    base = signed(pki)
    yield "untampered", base, (PASSED, ""), ""
    yield "generation-raised", append(base, {4: stream(TEXT)}, generations={4: 1}), FORMAT, "generation"
    yield "freed-and-reused", append(append(base, {}, free=[4]), {4: EVIL}, generations={4: 1}), FORMAT, "generation"
    yield "freed", append(base, {}, free=[4]), FORMAT, "object 4 was deleted"
    same = append(base, {4: EVIL})
    row = base.index(b"\n4 0 obj") + 1
    twice = same.replace(b"xref\n4 1\n", b"xref\n4 1\n%010d 00000 n \n4 1\n" % row, 1)
    yield "number-twice-in-a-section", twice, FORMAT, "twice"
    yield "empty-revision-with-a-stream", xref_stream(base, {}, {}), (PASSED, ""), ""
    container = {40: packed([(51, b"null"), (6, field_form(b""))])}
    yield "form-moved-into-object-stream", xref_stream(base, container, {6: (2, 40, 1)}), (PASSED, ""), ""
    evil_page = field_page(b"").replace(b"/Contents 4", b"/Contents 41")
    yield "page-redefined-in-object-stream", xref_stream(base, {40: packed([(3, evil_page)]), 41: EVIL}, {3: (2, 40, 0)}), FORMAT, "page object 3"
    doubled = {40: packed([(3, field_page(b"")), (3, evil_page)]), 41: EVIL}
    yield "object-stream-with-doubled-number", xref_stream(base, doubled, {3: (2, 40, 1)}), FORMAT, "page object 3"
    yield "object-stream-with-wrong-index", xref_stream(base, {40: packed([(51, b"null"), (3, evil_page)])}, {3: (2, 40, 0)}), FORMAT, "page object 3"
    # a hybrid section: the table hides what the stream says
    hidden = xref_stream(base, {4: EVIL}, {})
    for name, rows in (("absent", b""), ("free", b"4 1\n0000000000 65535 f \n"), ("old", b"4 1\n%010d 00000 n \n" % row)):
        out = hidden[:hidden.rindex(b"startxref")]
        start = len(out)
        out += b"xref\n" + rows + trailer(60, b"/Prev %d/XRefStm %d" % (last_start(base), last_start(hidden))) + start_at(start)
        yield "hybrid-" + name, out, FORMAT, "twice" if name == "old" else "object 4"
    yield "doubled-key", append(base, {3: field_page(b"").replace(b"/Contents 4 0 R", b"/Contents 4 0 R/Contents 41 0 R"), 41: EVIL}), FORMAT, "two entries"
    yield "junk-before-header", b"junk\n" + base, FORMAT, "header"
    broken = unsigned().replace(b"xref\n0 1", b"xrex\n0 1")
    yield "broken-xref", seal(append(broken, signing_objects()), pki.cms), FORMAT, "damaged"
    yield "broken-startxref", base[:base.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n", FORMAT, ""
    yield "broken-later-xref", append(base, {4: EVIL}).replace(b"xref\n4 1", b"xreg\n4 1"), FORMAT, "damaged"
    yield "later-encryption", append(base, {}, extra=b"/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P -4>>"), FORMAT, "encrypted"
    for name, entry in (("open-action", b"/OpenAction[3 0 R/Fit]"), ("script", b"/OpenAction<</S/JavaScript/JS(x)>>"),
                        ("additional-actions", b"/AA<</WC<</S/JavaScript/JS(x)>>>>"), ("names", b"/Names<</JavaScript<</Names[]>>>>"),
                        ("optional-content", b"/OCProperties<</OCGs[]/D<<>>>>"), ("labels", b"/PageLabels<</Nums[0<</S/D>>]>>"),
                        ("viewer", b"/ViewerPreferences<</DisplayDocTitle true>>"), ("layout", b"/PageLayout/OneColumn"),
                        ("collection", b"/Collection<<>>"), ("outlines", b"/Outlines<<>>"), ("legal", b"/Legal<<>>")):
        yield "catalog-" + name, append(base, {1: CATALOG.replace(b"@MORE@", entry)}), FORMAT, "the catalog changed its /"
    yield "catalog-version-raised", append(base, {1: CATALOG.replace(b"@MORE@", b"/Version/2.0")}), (PASSED, ""), ""
    old = signed(pki, catalog=b"/Version/2.0")
    yield "catalog-version-lowered", append(old, {1: CATALOG.replace(b"@MORE@", b"/Version/1.4")}), FORMAT, "/Version"
    for name, entry in (("appearances", b"/NeedAppearances true"), ("xfa", b"/XFA 41 0 R"), ("order", b"/CO[10 0 R]")):
        yield "form-" + name, append(base, {6: field_form(b"", entry), 41: stream(b"<xdp/>")}), FORMAT, "the interactive form changed its /"
    yield "form-font-swapped", append(base, {6: field_form(b"").replace(b"/F1 5 0 R", b"/F1 42 0 R"), 42: FONT}), FORMAT, "resources"
    yield "form-font-added", append(base, {6: field_form(b"").replace(b"/F1 5 0 R", b"/F1 5 0 R/F2 42 0 R"), 42: FONT}), (PASSED, ""), ""
    yield "form-field-lost", append(base, {6: field_form(b"").replace(b"11 0 R ", b"")}), FORMAT, "lost an element"
    yield "form-text-field-added", append(base, {6: field_form(b"43 0 R"), 43: EMPTY.replace(b"@MORE@", b"").replace(b"note", b"new")}), FORMAT, "something else than a signature field"
    yield "annotations-lost", append(base, {3: field_page(b"").replace(b"11 0 R ", b"")}), FORMAT, "lost an element"
    yield "page-box", append(base, {3: field_page(b"").replace(b"595 842", b"595 400")}), FORMAT, "/MediaBox"
    yield "page-turned", append(base, {3: field_page(b"")[:-2] + b"/Rotate 180>>"}), FORMAT, "/Rotate"
    twin = WIDGET.replace(b"(employer)", b"(impostor)").replace(b"50 50 169 169", b"300 300 419 419")
    yield "signature-shared-by-a-later-field", append(base, {3: field_page(b"25 0 R"), 6: field_form(b"25 0 R"), 25: twin}), FORMAT, ""
    both = {**signing_objects(), 3: field_page(b"25 0 R"), 6: field_form(b"25 0 R"), 25: twin}
    yield "signature-shared-by-two-fields", seal(append(unsigned(), both), pki.cms), FORMAT, "shares its signature"
    copy = base[base.rindex(b"8 0 obj\n") + 8:base.index(b"\nendobj", base.rindex(b"8 0 obj\n"))]
    yield "signature-dictionary-copied", append(base, {3: field_page(b"25 0 R"), 6: field_form(b"25 0 R"), 25: twin.replace(b"8 0 R", b"26 0 R"), 26: copy}), FORMAT, "own Contents"
    yield "metadata-replaced", append(signed(pki, catalog=b"/Metadata 44 0 R", more={44: stream(b"<x/>")}), {44: stream(b"<y/>")}), (PASSED, ""), ""
    yield "properties-replaced", append(base, {45: b"<</Title(x)>>"}, extra=b"/Info 45 0 R"), (PASSED, ""), ""
