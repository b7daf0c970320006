"""What later revisions may do; files of other programs (qpdf, mutool, poppler's pdftocairo), signed. All must pass."""
import os
import re

import structure
from pdf import *

PASS = (PASSED, "")


def processed(pki, octets, *command):
    """The file after a program: command with IN and OUT."""
    before, after = pki.path("in.pdf"), pki.path("out.pdf")
    with open(before, "wb") as file:
        file.write(octets)
    run(*[before if one == "IN" else after if one == "OUT" else one for one in command])
    with open(after, "rb") as file:
        return file.read()


def signed_anywhere(pki, pdf):
    """A signature in a new invisible field, whatever numbers the file's objects have: the form is made anew and the
    field is on no page."""
    root = int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])
    body = run("qpdf", "--show-object=%d" % root, pki.path("in.pdf"))
    size = 1 + max(int(one) for one in re.findall(rb"/Size (\d+)", pdf))
    objects = {root: body.strip()[:-2] + b"/AcroForm<</Fields[%d 0 R]/SigFlags 3>>>>" % size,
               size: b"<</Type/Annot/Subtype/Widget/F 132/FT/Sig/T(anywhere)/Rect[0 0 0 0]/V %d 0 R>>" % (size + 1),
               size + 1: holes(SIGNATURE)}
    if b"xref\n" in pdf[pdf.rindex(b"startxref") - 9000 if len(pdf) > 9000 else 0:].replace(b"startxref", b""):
        return seal(append(pdf, objects, size + 2, root=b"%d 0 R" % root), pki.cms)
    out = structure.xref_stream(pdf, objects, {}, number=size + 2).replace(b"/Size 60/Root 1 0 R", b"/Size %d/Root %d 0 R" % (size + 3, root))
    return seal(out, pki.cms)


def cases(pki):
    base = signed(pki)
    plain = whole({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>", 3: PAGE.replace(b"/Annots[", b">>"),
                   4: stream(TEXT), 5: FONT})
    yield "signed-twice", sign_again(pki, base), PASS, ""
    yield "signed-with-a-seal-of-60-mm", sign_again(pki, base, b"200 200 370 370"), PASS, ""
    third = {3: field_page(b"20 0 R 23 0 R"), 6: field_form(b"20 0 R 23 0 R"), 23: WIDGET.replace(b"employer", b"third").replace(b"8 0 R", b"24 0 R"), 24: holes(SIGNATURE)}
    yield "signed-three-times", seal(append(sign_again(pki, base), third), pki.cms), PASS, ""
    slices = {3: field_page(b"25 0 R 26 0 R"), 6: field_form(b"20 0 R"), 20: b"<</FT/Sig/T(sliced)/V 21 0 R/Kids[25 0 R 26 0 R]>>",
              25: b"<</Type/Annot/Subtype/Widget/F 132/Parent 20 0 R/Rect[535 360 595 480]/AP<</N 22 0 R>>>>",
              26: b"<</Type/Annot/Subtype/Widget/F 132/Parent 20 0 R/Rect[300 300 420 420]/AP<</N 22 0 R>>>>", 21: holes(SIGNATURE), 22: LOOK}
    yield "signed-with-a-cross-page-seal", seal(append(base, slices), pki.cms), PASS, ""
    note = EMPTY.replace(b"@MORE@", b"/V(agreed)/AP<</N 34 0 R>>")
    yield "filled-empty-field", append(base, {10: note, 34: shown(b"agreed")}), PASS, ""
    yield "filled-in-utf16", append(base, {10: note.replace(b"(agreed)", b"<feff006100670072006500650064>"), 34: shown(b"agreed")}), PASS, ""
    lines = stream(b"/Tx BMC q 1 1 198 18 re W n BT /F1 6 Tf 0 g 1 0 0 1 2 12 Tm (agreed) Tj 0 -8 Td [(to)-20(day)] TJ ET Q EMC",
                   b"/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 5 0 R>>>>")
    yield "filled-in-two-lines", append(base, {10: note.replace(b"agreed", b"agreed\\ntoday"), 34: lines}), PASS, ""
    certified2 = certified(pki, 2)
    yield "filled-then-signed-under-p2", seal(append(append(certified2, {10: note, 34: shown(b"agreed")}), {
        12: OPEN.replace(b"@MORE@", b"/V 21 0 R/AP<</N 22 0 R>>"), 21: holes(SIGNATURE), 22: LOOK}), pki.cms), PASS, ""
    yield "empty-revision", append(base, {}), PASS, ""
    yield "same-object-again", append(base, {4: stream(TEXT)}), PASS, ""
    yield "hybrid-update", hybrid(pki), PASS, ""
    yield "white-space-behind", base + b"\r\n\r\n", PASS, ""
    for name, command in (("linearised", ["qpdf", "--linearize", "IN", "OUT"]), ("object-streams", ["qpdf", "--object-streams=generate", "IN", "OUT"]),
                          ("mutool", ["mutool", "clean", "-ggg", "IN", "OUT"]), ("cairo", ["pdftocairo", "-pdf", "IN", "OUT"]),
                          ("qdf", ["qpdf", "--qdf", "IN", "OUT"])):
        pdf = processed(pki, plain, *command)
        with open(pki.path("in.pdf"), "wb") as file:
            file.write(pdf)
        yield "after-" + name, signed_anywhere(pki, pdf), PASS, ""


def hybrid(pki):
    """A hybrid file as office programs write it: the table calls an object free that its stream places."""
    pdf = unsigned()
    out = pdf + b"40 0 obj\n" + structure.packed([(10, EMPTY.replace(b"@MORE@", b"")), (41, b"null")]) + b"\nendobj\n"
    start = len(out)
    place = len(pdf)
    data = bytes([2]) + (40).to_bytes(4, "big") + (0).to_bytes(2, "big")
    out += b"50 0 obj\n" + stream(data, b"/Type/XRef/W[1 4 2]/Index[10 1]/Size 60/Root 1 0 R") + b"\nendobj\n"
    section = len(out)
    out += b"xref\n10 1\n0000000000 65535 f \n" + table({40: place}) + trailer(60, b"/Prev %d/XRefStm %d" % (last_start(pdf), start)) + start_at(section)
    return seal(append(out, signing_objects()), pki.cms)
