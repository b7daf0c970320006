"""Shadow attacks (NDSS 2021): what replaces or uncovers the content was prepared before signing, and a later revision
only needs little to hide, replace, or hide and replace."""
from pdf import *

COVER = stream(b"1 1 1 rg 0 0 400 60 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 400 60]")
NONE = stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 400 60]")


def cases(pki):
    base = signed(pki)
    yield "untampered", base, (PASSED, ""), ""
    # hide: a cover that is lifted, or put on
    covered = signed(pki, more={4: stream(TEXT + b" /C Do"), 14: COVER,
                                33: b"<<>>"},
                     change={3: field_page(b"").replace(b"/Font", b"/XObject<</C 14 0 R>>/Font", 1)})
    yield "hide-cover-lifted", append(covered, {14: NONE}), FORMAT, "object 14"
    yield "hide-cover-freed", append(covered, {}, free=[14]), FORMAT, "object 14 was deleted"
    yield "hide-dangling", append(signed(pki, more={4: stream(TEXT + b" /C Do"), 5: FONT[:-2] + b"/Extra 33 0 R>>"}),
                                  {33: COVER}), FORMAT, "object 33"
    look = {22: stream(b"1 1 1 rg 0 0 595 842 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")}
    yield "hide-signed-widget-over-page", sign_again(pki, base, b"0 0 595 842", extra=look), FORMAT, "hide"
    yield "hide-signed-widget-quarter", sign_again(pki, base, b"0 450 595 660", extra=look), FORMAT, "hide"
    several, first = base, 20
    numbers, objects = b"", {}
    for i in range(6):
        numbers += b"%d 0 R " % (24 + i)
        objects[24 + i] = (b"<</Type/Annot/Subtype/Widget/F 132/Parent 20 0 R/Rect[0 %d 300 %d]/AP<</N 22 0 R>>>>" %
                           (i * 130, i * 130 + 130))
    objects.update({3: field_page(numbers), 6: field_form(b"20 0 R"), 21: holes(SIGNATURE), **look,
                    20: b"<</FT/Sig/T(many)/V 21 0 R/Kids[" + numbers + b"]>>"})
    yield "hide-many-widgets", seal(append(base, objects), pki.cms), FORMAT, "hide"
    # a widget that belongs to no field of the form is never judged as a signature
    ghost = b"<</Type/Annot/Subtype/Widget/F 4/FT/Sig/T(x)/Rect[50 490 250 520]/AP<</N 22 0 R>>/V<</Type/Sig>>>>"
    yield "hide-ghost-widget", append(base, {3: field_page(b"25 0 R"), 25: ghost, **look}), FORMAT, "no signature field"
    unsigned_one = ghost.replace(b"/V<</Type/Sig>>", b"")
    yield "hide-unsigned-widget", append(base, {3: field_page(b"25 0 R"), 6: field_form(b"25 0 R"), 25: unsigned_one, **look}), FORMAT, "unsigned"
    yield "hide-freetext", append(base, {3: field_page(b"25 0 R"), 25: b"<</Type/Annot/Subtype/FreeText/Rect[50 490 250 520]/Contents(1000)/DA(/F1 10 Tf)>>"}), FORMAT, "annotations"
    # an open field laid out before signing, whose look appears afterwards
    big = signed(pki, more={12: OPEN.replace(b"@MORE@", b"").replace(b"300 50 419 169", b"0 0 595 842")})
    sheet = OPEN.replace(b"300 50 419 169", b"0 0 595 842")
    yield "hide-open-field-look", append(big, {12: sheet.replace(b"@MORE@", b"/AP<</N 22 0 R>>"), **look}), FORMAT, "unsigned field"
    yield "hide-open-field-signed", seal(append(big, {12: sheet.replace(b"@MORE@", b"/V 21 0 R/AP<</N 22 0 R>>"), 21: holes(SIGNATURE), **look}), pki.cms), FORMAT, "hide"
    yield "hide-open-field-moved", append(base, {12: OPEN.replace(b"@MORE@", b"").replace(b"300 50", b"0 50")}), FORMAT, "/Rect"
    # replace: form values and fonts
    wage = FILLED.replace(b"8000", b"1000")
    yield "replace-value", append(base, {11: wage, 13: shown(b"1000")}), FORMAT, ""
    yield "replace-value-new-look", append(base, {11: wage.replace(b"13 0 R", b"34 0 R"), 34: shown(b"1000")}), FORMAT, "not empty"
    yield "replace-look-only", append(base, {11: FILLED.replace(b"13 0 R", b"34 0 R"), 34: shown(b"1000")}), FORMAT, "not empty"
    yield "replace-font", append(base, {5: FONT.replace(b"Helvetica", b"Symbol")}), FORMAT, "object 5"
    note = EMPTY.replace(b"@MORE@", b"/V(agreed)/AP<</N 34 0 R>>")
    yield "fill-empty", append(base, {10: note, 34: shown(b"agreed")}), (PASSED, ""), ""
    yield "fill-other-text", append(base, {10: note, 34: shown(b"refused")}), FORMAT, "cannot be read as its value"
    yield "fill-picture", append(base, {10: note, 34: shown(b"agreed", before=b"/C Do ")}), FORMAT, "cannot be read"
    yield "fill-pale", append(base, {10: note, 34: shown(b"agreed").replace(b" 0 g", b" 1 g")}), FORMAT, "cannot be read"
    yield "fill-covered", append(base, {10: note, 34: stream(b"/Tx BMC BT /F1 10 Tf 0 g 2 5 Td (agreed) Tj ET 0 0 9 9 re f EMC", b"/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 5 0 R>>>>")}), FORMAT, "cannot be read"
    yield "fill-backwards", append(base, {10: EMPTY.replace(b"@MORE@", b"/V(12)/AP<</N 34 0 R>>"), 34: stream(b"/Tx BMC BT /F1 10 Tf 0 g 9 5 Td (1) Tj -7 0 Td (2) Tj ET EMC", b"/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 5 0 R>>>>")}), FORMAT, "cannot be read"
    yield "fill-outside", append(base, {10: EMPTY.replace(b"@MORE@", b"/V(12)/AP<</N 34 0 R>>"), 34: stream(b"/Tx BMC BT /F1 10 Tf 0 g 9 5 Td (1) Tj 700 0 Td (2) Tj ET EMC", b"/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 5 0 R>>>>")}), FORMAT, "cannot be read"
    evil = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs<<>>/Encoding<<>>>>"
    yield "fill-type3-font", append(base, {10: note, 34: shown(b"agreed", b"35 0 R"), 35: evil}), FORMAT, "font"
    embedded = FONT[:-2] + b"/FontDescriptor<</FontFile 36 0 R>>>>"
    yield "fill-embedded-font", append(base, {10: note, 34: shown(b"agreed", b"35 0 R"), 35: embedded, 36: stream(b"")}), FORMAT, "font"
    other = FONT[:-2] + b"/Encoding<</Differences[97/z]>>>>"
    yield "fill-encoded-font", append(base, {10: note, 34: shown(b"agreed", b"35 0 R"), 35: other}), FORMAT, "font"
    yield "fill-standard-font", append(base, {10: note, 34: shown(b"agreed", b"35 0 R"), 35: FONT}), (PASSED, ""), ""
    yield "fill-value-without-look", append(base, {10: EMPTY.replace(b"@MORE@", b"/V(agreed)")}), FORMAT, "cannot be read"
    yield "fill-wrong-length", append(base, {10: note, 34: shown(b"agreed").replace(b"/Length ", b"/Length 1")}), FORMAT, "cannot be read"
    yield "fill-two-lengths", append(base, {10: note, 34: shown(b"agreed").replace(b"/Length ", b"/Length 9/Length ")}), FORMAT, "cannot be read"
    yield "fill-script", append(base, {10: note[:-2] + b"/AA<</K<</S/JavaScript/JS(x)>>>>>>", 34: shown(b"agreed")}), FORMAT, "/AA"
    # hide and replace: a twin object in the signed octets that no cross-reference reaches yet
    twin = unsigned(more={37: stream(TEXT)})
    place = len(twin)
    hidden = b"4 0 obj\n" + stream(TEXT.replace(b"8000", b"1000")) + b"\nendobj\n"
    prepared = twin.replace(b"xref\n0 1", hidden + b"xref\n0 1", 1)
    place = prepared.index(hidden)
    prepared = prepared.replace(b"startxref\n%d" % last_start(twin), b"startxref\n%d" % (last_start(twin) + len(hidden)))
    ready = seal(append(prepared, signing_objects()), pki.cms)
    yield "hide-and-replace-prepared", ready, (PASSED, ""), ""
    yield "hide-and-replace-xref-only", append(ready, {}, offsets={4: place}), FORMAT, "object 4"
    pages = signed(pki, more={2: b"<</Type/Pages/Kids[3 0 R]/Count 1/Other[38 0 R]>>", 38: PAGE + b"]>>"})
    yield "hide-and-replace-kids", append(pages, {2: b"<</Type/Pages/Kids[38 0 R]/Count 1/Other[3 0 R]>>"}), FORMAT, "object 2"
    # objects that may change freely, used by the page besides
    for name, catalog, more in (
            ("dss", b"/DSS 39 0 R", {39: b"<</Type/DSS/Certs[4 0 R]>>"}), ("metadata", b"/Metadata 4 0 R", {}),
            ("dss-deep", b"/DSS<</VRI<</X<</Cert[4 0 R]>>>>>>", {})):
        pdf = signed(pki, catalog=catalog, more=more)
        yield "free-" + name, append(pdf, {4: stream(TEXT.replace(b"8000", b"1000"))}), FORMAT, "object 4"
    posing = stream(TEXT, b"/Type/ObjStm/N 0/First 0")
    for kind in (b"ObjStm", b"XRef"):
        pdf = signed(pki, more={4: posing.replace(b"ObjStm", kind)})
        evil = posing.replace(b"ObjStm", kind).replace(b"8000", b"1000")
        yield "posing-as-" + kind.decode(), append(pdf, {4: evil}), FORMAT, "object 4"
    shared = unsigned(more={2: b"<</Type/Pages/Kids 15 0 R/Count 1>>", 15: b"[3 0 R]",
                            3: PAGE.replace(b"/Annots[", b"/Annots 15 0 R") + b">>"})
    form = field_form(b"")
    whole_signed = seal(append(shared, {6: form, 7: WIDGET, 8: holes(SIGNATURE), 9: LOOK}), pki.cms)
    page_and_widget = WIDGET.replace(b"8 0 R", b"21 0 R").replace(b"/Type/Annot", b"/Type/Page").replace(b"employer", b"x")
    yield "shared-kids-and-annotations", seal(append(whole_signed, {
        6: field_form(b"20 0 R"), 15: b"[3 0 R 20 0 R]", 20: page_and_widget, 21: holes(SIGNATURE)}), pki.cms), FORMAT, "object 15"
