"""Certified documents: evil annotations (EAA) and sneaky signatures (SSA) (IEEE S&P 2021), and what DocMDP and FieldMDP
(ISO 32000-1 12.8.2) permit."""
from pdf import *

COMMENT = b"<</Type/Annot/Subtype/FreeText/F 4/Rect[50 600 250 620]/Contents(a remark)/DA(/F1 10 Tf)>>"


def annotation(body):
    return {3: field_page(b"25 0 R"), 25: body}


def cases(pki):
    note = EMPTY.replace(b"@MORE@", b"/V(agreed)/AP<</N 34 0 R>>")
    fill = {10: note, 34: shown(b"agreed")}
    wage = {11: FILLED.replace(b"8000", b"1000").replace(b"13 0 R", b"34 0 R"), 34: shown(b"1000")}
    worker = {12: OPEN.replace(b"@MORE@", b"/V 21 0 R/AP<</N 22 0 R>>"), 21: holes(SIGNATURE), 22: LOOK}
    for level in (1, 2, 3):
        base = certified(pki, level)
        name = "p%d-" % level
        mayFill = (PASSED, "") if level > 1 else FORMAT
        yield name + "untampered", base, (PASSED, ""), ""
        yield name + "fill", append(base, fill), mayFill, "" if level > 1 else "P 1"
        yield name + "fill-again", append(append(base, fill), {10: note.replace(b"agreed", b"no"), 34: shown(b"no")}), mayFill, ""
        yield name + "fill-over", append(base, wage), mayFill, ""
        yield name + "fill-other-text", append(base, {**fill, 34: shown(b"refused")}), FORMAT, "cannot be read"
        yield name + "sign-open-field", seal(append(base, worker), pki.cms), mayFill, "" if level > 1 else "P 1"
        yield name + "ssa-visible-signature", sign_again(pki, base, b"50 490 169 609"), (PASSED, "") if level == 3 else FORMAT, "" if level == 3 else "certified"
        yield name + "invisible-signature", sign_again(pki, base), mayFill, "" if level > 1 else "P 1"
        yield name + "eaa-comment", append(base, annotation(COMMENT)), (PASSED, "") if level == 3 else FORMAT, ""
        yield name + "eaa-page-wide", append(base, annotation(COMMENT.replace(b"50 600 250 620", b"0 0 595 842"))), FORMAT, ""
        for kind in (b"Redact", b"FileAttachment", b"Screen", b"Link", b"Watermark", b"Movie"):
            yield name + "eaa-" + kind.decode(), append(base, annotation(COMMENT.replace(b"FreeText", kind))), FORMAT, ""
        yield name + "eaa-drawn-outside", append(base, annotation(COMMENT.replace(b"FreeText", b"Line").replace(b"/DA", b"/L[0 400 595 400]/BS<</W 800>>/DA"))), FORMAT, ""
        yield name + "eaa-action", append(base, annotation(COMMENT[:-2] + b"/A<</S/JavaScript/JS(x)>>>>")), FORMAT, ""
        yield name + "eaa-not-scaling", append(base, annotation(COMMENT.replace(b"/F 4", b"/F 12"))), FORMAT, ""
        yield name + "content", append(base, {4: stream(TEXT.replace(b"8000", b"1000"))}), FORMAT, "object 4"
        yield name + "dss", append(base, {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/Perms<</DocMDP 8 0 R>>/DSS<</Type/DSS>>>>"}), (PASSED, ""), ""
        yield name + "permission-raised", append(base, {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>"}), FORMAT, "/Perms"
    many = certified(pki, 3)
    cover = {3: field_page(b"25 0 R 26 0 R 27 0 R 28 0 R 29 0 R")}
    for i in range(5):
        cover[25 + i] = COMMENT.replace(b"50 600 250 620", b"50 %d 450 %d" % (i * 100, i * 100 + 100))
    yield "p3-eaa-many-comments", append(many, cover), FORMAT, "hide"
    for action, fields, may in ((b"All", b"", False), (b"Include", b"(note)", False), (b"Include", b"(other)", True),
                                (b"Exclude", b"(note)", True), (b"Exclude", b"(other)", False), (b"Odd", b"(note)", False)):
        lock = (b"/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/" +
                action + b"/Fields[" + fields + b"]>>>>]")
        base = signed(pki, signature=SIGNATURE[:-2] + lock + b">>")
        name = "lock-" + action.decode() + "-" + fields.decode().strip("()")
        yield name, append(base, fill), (PASSED, "") if may else FORMAT, "" if may else "locked"
    base = signed(pki)
    yield "uncertified-comment", append(base, annotation(COMMENT)), FORMAT, "annotations"
    yield "uncertified-later-certification", append(base, {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/Perms<</DocMDP 8 0 R>>>>"}), FORMAT, "/Perms"
    for name, entry in (("script", b"/AA<</E<</S/JavaScript/JS(x)>>>>"), ("action", b"/A<</S/URI/URI(x)>>"), ("optional-content", b"/OC 1 0 R")):
        yield "new-widget-" + name, sign_again(pki, base, b"300 300 400 350", entry), FORMAT, "entry"
    yield "new-widget-doubled-look", sign_again(pki, base, b"300 300 400 350", b"/AP<</N 22 0 R>>/AP<</N 9 0 R>>"), FORMAT, "two entries"
    yield "new-widget-not-scaling", sign_again(pki, base, b"300 300 400 350").replace(b"/F 132/P 3 0 R/FT/Sig/T(second)", b"/F 140/P 3 0 R/FT/Sig/T(second)"), (FAILED, "FORMAT_FAILURE"), ""
    yield "new-widget-named-like-another", sign_again(pki, base, name=b"employer"), FORMAT, ""
    hidden = WIDGET.replace(b"/F 132", b"/F 2")
    yield "old-widget-hidden", append(base, {7: hidden}), FORMAT, "signed field"
    yield "old-widget-look", append(base, {7: WIDGET.replace(b"9 0 R", b"30 0 R"), 30: LOOK}), FORMAT, "signed field"
    yield "old-look-replaced", append(base, {9: LOOK.replace(b"59 59", b"50 59")}), FORMAT, "object 9"
    yield "open-field-hidden-zoom", seal(append(base, {12: OPEN.replace(b"/F 132", b"/F 12").replace(b"@MORE@", b"/V 21 0 R/AP<</N 22 0 R>>"), 21: holes(SIGNATURE), 22: LOOK}), pki.cms), FORMAT, "screen"
    yield "open-field-signed", seal(append(base, worker), pki.cms), (PASSED, ""), ""
    yield "open-field-script", seal(append(base, {**worker, 12: worker[12][:-2] + b"/AA<</E<</S/JavaScript>>>>>>"}), pki.cms), FORMAT, "/AA"
