"""Files that want to crash, hang or fill the memory, and encrypted ones. Time is bounded by the test's own limit."""
import re
import zlib

import structure
from honest import processed
from pdf import *

NOTHING = (DOUBTFUL, "NO_SIGNATURE_FOUND")


def cases(pki):
    base = signed(pki)
    yield "untampered", base, (PASSED, ""), ""
    yield "empty", b"", FORMAT, "not a PDF"
    yield "header-only", b"%PDF-1.7\n", FORMAT, "damaged"
    yield "text", b"hello", FORMAT, "not a PDF"
    yield "prev-loop", append(base, {}, prev=len(base)), FORMAT, "damaged"
    cyclic = {2: b"<</Type/Pages/Kids[3 0 R 2 0 R 14 0 R]/Count 1/Parent 2 0 R>>", 14: b"<</Type/Pages/Kids[2 0 R 14 0 R]/Parent 2 0 R>>"}
    yield "cyclic-page-tree", append(signed(pki, more=cyclic), {}), (PASSED, ""), ""
    loop = {16: b"<</T(a)/Kids[17 0 R]/Parent 17 0 R>>", 17: b"<</T(b)/Kids[16 0 R]/Parent 16 0 R>>"}
    yield "cyclic-fields", append(signed(pki, more=loop, change={6: field_form(b"16 0 R"), }), {}), (PASSED, ""), ""
    yield "object-is-itself", append(signed(pki, more={16: b"16 0 R", 14: b"[16 0 R]"}), {4: stream(TEXT)}), (PASSED, ""), ""
    yield "length-is-its-own-stream", append(base, {3: field_page(b"")[:-2] + b"/Tabs 41 0 R>>", 41: b"<</Length 41 0 R>>\nstream\nx\nendstream"}), (PASSED, ""), ""
    for depth in (60, 200, 100000):
        deep = b"[" * depth + b"]" * depth
        yield "nested-%d" % depth, append(base, {1: structure.CATALOG.replace(b"@MORE@", b"/X " + deep)}), FORMAT, ""
        yield "nested-dictionaries-%d" % depth, append(base, {1: structure.CATALOG.replace(b"@MORE@", b"/X " + b"<</X" * depth + b" 0" + b">>" * depth)}), FORMAT, ""
    bomb = zlib.compress(b"\0" * (400 << 20), 9)
    yield "bomb-in-object-stream", structure.xref_stream(base, {40: stream(bomb, b"/Type/ObjStm/N 1/First 10/Filter/FlateDecode")}, {3: (2, 40, 0)}), FORMAT, ""
    yield "bomb-in-xref-stream", base + b"50 0 obj\n" + stream(bomb, b"/Type/XRef/W[1 4 2]/Size 60/Root 1 0 R/Filter/FlateDecode") + b"\nendobj\n" + start_at(len(base)), FORMAT, ""
    look = stream(bomb, b"/Subtype/Form/BBox[0 0 200 20]/Filter/FlateDecode")
    yield "bomb-in-field", append(base, {10: EMPTY.replace(b"@MORE@", b"/V(x)/AP<</N 34 0 R>>"), 34: look}), FORMAT, "cannot be read"
    del bomb, look
    for name, section in (("count", b"xref\n0 99999999999\n"), ("first", b"xref\n99999999999 1\n0000000000 00000 n \n"),
                          ("number", b"xref\n8388608 1\n0000000000 00000 n \n"), ("no-rows", b"xref\n0 8000000\n"),
                          ("letters", b"xref\na b\n")):
        yield "section-" + name, base + section + trailer(60, b"/Prev %d" % last_start(base)) + start_at(len(base)), FORMAT, ""
    for name, entries in (("widths", b"/W[9 9 9]"), ("zero-widths", b"/W[0 0 0]/Index[0 8000000]"), ("index", b"/W[1 0 0]/Index[0 9223372036854775807]"),
                          ("negative", b"/W[1 -1 2]"), ("huge-index", b"/W[1 4 2]/Index[9223372036854775807 1]")):
        yield "stream-section-" + name, base + b"50 0 obj\n" + stream(b"\1" * 64, b"/Type/XRef/Size 60/Root 1 0 R" + entries) + b"\nendobj\n" + start_at(len(base)), FORMAT, ""
    yield "largest-object-number", append(base, {8388607: b"null"}), (PASSED, ""), ""
    many = base
    sections = []
    for i in range(10000):
        sections.append(b"xref\n0 0\n" + trailer(60, b"/Prev %d" % (last_start(base) if i == 0 else place)) + b"startxref\n")
        place = len(base) if i == 0 else place + size
        sections[-1] += b"%d\n%%%%EOF\n" % place
        size = len(sections[-1])
    yield "ten-thousand-revisions", base + b"".join(sections), FORMAT, "damaged"
    yield "nine-hundred-revisions", base + b"".join(sections[:900]), (PASSED, ""), ""
    fields = b"".join(b"%d 0 R " % i for i in range(100, 20100))
    widgets = {i: b"<</FT/Sig/T(f%d)>>" % i for i in range(100, 20100)}
    yield "twenty-thousand-fields", append(base, {6: field_form(fields), **widgets}, size=20100), (PASSED, ""), ""
    dictionary = b"<<" + b"".join(b"/k%d 0" % i for i in range(50000)) + b">>"
    yield "fifty-thousand-keys", append(base, {1: structure.CATALOG.replace(b"@MORE@", b"/X" + dictionary)}), FORMAT, "/X"
    yield "streams-without-end", base + b"".join(b"%d 0 obj<</Length 9>>stream\n" % i for i in range(20000)), FORMAT, ""
    yield "open-strings", base + b"(" * 100000, FORMAT, ""
    signatures, pdf, numbers = 60, base, b""
    for i in range(signatures):
        one = 100 + 2 * i
        numbers += b"%d 0 R " % one
        body = b"<</FT/Sig/T(s%d)/V %d 0 R>>" % (i, one + 1)
        pdf = seal(append(pdf, {6: field_form(numbers), one: body, one + 1: holes(SIGNATURE)}, size=one + 2), pki.cms)
    yield "sixty-signatures", pdf, (PASSED, ""), ""
    encrypted = processed(pki, unsigned(), "qpdf", "--encrypt", "", "owner", "256", "--", "IN", "OUT")
    yield "encrypted", encrypted, (DOUBTFUL, "GENERIC"), "encrypted"
    plain = processed(pki, unsigned(), "qpdf", "--encrypt", "", "owner", "256", "--", "--object-streams=disable", "IN", "OUT")
    root = re.findall(rb"/Root (\d+ 0 R)", plain)[-1]
    size = int(re.findall(rb"/Size (\d+)", plain)[-1])
    body = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%d 0 R]>>>>" % size
    objects = {int(root.split()[0]): body, size: b"<</FT/Sig/T<00>/V %d 0 R>>" % (size + 1), size + 1: holes(SIGNATURE)}
    extra = b"/Encrypt " + re.findall(rb"/Encrypt (\d+ 0 R)", plain)[-1]
    yield "encrypted-then-signed", seal(append(plain, objects, size + 2, extra, root), pki.cms), (DOUBTFUL, "GENERIC"), "encrypted"
