"""Signature wrapping attacks (SWA, CCS 2019): the signed second range is moved behind octets of the attacker, to which
the cross-reference leads."""
from pdf import *


def parts(base):
    begin = base.rindex(b"/Contents <") + 10
    return begin, base.index(b">", begin) + 1


def wrapped(base, padding, own_contents):
    begin, end = parts(base)
    tail, start = base[end:], last_start(base)
    contents = base[begin:end]
    place = lambda number: base.rindex(b"\n%d 0 obj" % number) + 1
    head = base[:end] + b"\n" * max(0, start - end)
    evil = b"4 0 obj\n" + stream(TEXT.replace(b"8000", b"1000")) + b"\nendobj\n"
    offset = start + 600
    signature_at = offset + len(evil)
    def dictionary(second):
        hole = contents if own_contents else b"<00>"
        return (b"8 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 %010d %010d %010d]"
                b"/Contents " % (begin, second, len(tail)) + hole + b">>\nendobj\n")
    second = signature_at + len(dictionary(0)) + padding
    section = (b"xref\n" + table({3: place(3), 4: offset, 6: place(6), 7: place(7), 8: signature_at, 9: place(9)}) +
               trailer(60, b"/Prev %d" % last_start(base[:base.rindex(b"startxref")]))).ljust(600, b"\n")
    return head[:start] + section + evil + dictionary(second) + b"\n" * padding + tail


def cases(pki):
    base = signed(pki)
    begin, end = parts(base)
    yield "untampered", base, (PASSED, ""), ""
    for padding in (0, 1, 4096):
        for own in (True, False):
            yield "moved-%d-%s" % (padding, "copy" if own else "empty"), wrapped(base, padding, own), FORMAT, ""
    gap = b" " * 40
    yield "widened-gap", base[:end] + gap + base[end:], FORMAT, "ByteRange"
    yield "padding-inside", base[:end - 1] + b"00" + base[end - 1:], FORMAT, ""
    old = b"%010d %010d %010d]" % (begin, end, len(base) - end)
    for name, a, b, c in (("gap-before", begin - 10, end, len(base) - end), ("gap-after", begin, end + 10, len(base) - end - 10),
                          ("cut-tail", begin, end, len(base) - end - 20), ("no-gap", end, end, len(base) - end)):
        yield name, base.replace(old, b"%010d %010d %010d]" % (a, b, c)), FORMAT, ""
    # A dictionary in an object stream has its extents in another text than the file.
    yield "two-ranges", base.replace(old, b"%010d %010d %04d 1 2]" % (begin, end, 10)), FORMAT, "ByteRange"
