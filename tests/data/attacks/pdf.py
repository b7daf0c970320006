"""Writes and signs small PDFs for the attack corpus, without the code under test: PDF syntax by hand, keys and CMS by
the openssl command. Keys are drawn anew for every run and stay in the folder of that run.

Bodies of objects are octets without "N 0 obj"; a signature dictionary has @RANGE@ and @CMS@ where its ByteRange and
Contents belong."""
import os
import subprocess

WIDTH = 8192  # hexadecimal digits of Contents
RANGE = b"[0 0000000000 0000000000 0000000000]"


def run(*arguments, data=None):
    done = subprocess.run(arguments, input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(" ".join(arguments) + ": " + done.stderr.decode())
    return done.stdout


class Pki:
    """A root and signers below it, made on demand: signer() is for signing, others are wrong in one way."""

    def __init__(self, folder):
        self.folder = folder
        self.made = {}
        self.key("root")
        run("openssl", "req", "-x509", "-key", self.path("root.key"), "-days", "3650", "-subj", "/CN=Corpus Root",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-out", self.path("root.pem"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def key(self, name, kind="p256"):
        options = {"p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                   "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                   "rsa1024": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}[kind]
        run("openssl", "genpkey", *options, "-out", self.path(name + ".key"))

    def signer(self, name="signer", kind="p256", usage="digitalSignature,nonRepudiation", purpose="", digest="sha256",
               days="2"):
        if name not in self.made:
            self.key(name, kind)
            with open(self.path("extensions"), "w") as file:
                file.write("basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\n"
                           "authorityKeyIdentifier=keyid\nkeyUsage=critical," + usage + "\n")
                if purpose:
                    file.write("extendedKeyUsage=" + purpose + "\n")
            request = run("openssl", "req", "-new", "-key", self.path(name + ".key"), "-subj", "/CN=Corpus " + name)
            run("openssl", "x509", "-req", "-CA", self.path("root.pem"), "-CAkey", self.path("root.key"), "-days", days,
                "-CAcreateserial", "-" + digest, "-extfile", self.path("extensions"), "-out", self.path(name + ".pem"),
                data=request)
            self.made[name] = True
        return name

    def cms(self, octets, name=None, digest="sha256", cades=True, more=()):
        name = name or self.signer()
        arguments = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-nosmimecap", "-md", digest, "-signer",
                     self.path(name + ".pem"), "-inkey", self.path(name + ".key")]
        return run(*arguments, *(["-cades"] if cades else []), *more, data=octets)


def stream(content, entries=b""):
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(content) + content + b"\nendstream"


def whole(objects, header=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", eol=b"\n", tail=b"%%EOF\n"):
    """A file of these objects {number: body}; 1 is the catalog."""
    out, offsets = header, {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj" % number + eol + body + eol + b"endobj" + eol
    start = len(out)
    out += b"xref" + eol + b"0 1" + eol + b"0000000000 65535 f" + (eol + b" ")[-2:]
    if len(eol) == 1:
        out = out[:-2] + b" " + eol
    else:
        out = out[:-2] + eol
    return out + table(offsets) + trailer(max(objects) + 1, eol=eol) + start_at(start, eol, tail)


def table(offsets, generations={}, free=()):
    out = b""
    for number in sorted(set(offsets) | set(free)):
        if number in free:
            out += b"%d 1\n0000000000 %05d f \n" % (number, generations.get(number, 1))
        else:
            out += b"%d 1\n%010d %05d n \n" % (number, offsets[number], generations.get(number, 0))
    return out


def trailer(size, extra=b"", root=b"1 0 R", eol=b"\n"):
    return b"trailer" + eol + b"<</Size %d/Root " % size + root + extra + b">>" + eol


def start_at(start, eol=b"\n", tail=b"%%EOF\n"):
    return b"startxref" + eol + b"%d" % start + eol + tail


def last_start(pdf):
    return int(pdf[pdf.rindex(b"startxref") + 9:].split()[0])


def append(pdf, objects, size=60, extra=b"", root=b"1 0 R", prev=None, free=(), generations={}, offsets={}, tail=b"%%EOF\n"):
    """One more revision of new and changed objects {number: body}."""
    out, places = pdf, dict(offsets)
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d %d obj\n" % (number, generations.get(number, 0)) + body + b"\nendobj\n"
    start = len(out)
    previous = b"/Prev %d" % (last_start(pdf) if prev is None else prev)
    return (out + b"xref\n" + table(places, generations, free) + trailer(size, previous + extra, root) +
            start_at(start, tail=tail))


def seal(pdf, make_cms):
    """Fills the placeholders of the last signature dictionary."""
    hole = b"<" + b"0" * WIDTH + b">"
    begin = pdf.rindex(hole)
    end = begin + len(hole)
    numbers = b"[0 %010d %010d %010d]" % (begin, end, len(pdf) - end)
    at = pdf.rindex(RANGE)
    pdf = pdf[:at] + numbers + pdf[at + len(numbers):]
    cms = make_cms(pdf[:begin] + pdf[end:])
    return pdf[:begin] + b"<" + cms.hex().encode().ljust(WIDTH, b"0") + b">" + pdf[end:]


SIGNATURE = (b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260101120000+08'00')"
             b"/ByteRange @RANGE@/Contents @CMS@>>")


def holes(body):
    return body.replace(b"@RANGE@", RANGE).replace(b"@CMS@", b"<" + b"0" * WIDTH + b">")


TEXT = b"BT /F1 12 Tf 50 500 Td (The monthly wage is 8000 yuan.) Tj ET"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots["
WIDGET = b"<</Type/Annot/Subtype/Widget/F 132/P 3 0 R/FT/Sig/T(employer)/Rect[50 50 169 169]/V 8 0 R/AP<</N 9 0 R>>>>"
LOOK = stream(b"1 0 0 RG 4 w 59 59 m 100 59 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 119 119]/Resources<<>>")
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
EMPTY = (b"<</Type/Annot/Subtype/Widget/F 4/P 3 0 R/FT/Tx/T(note)/Rect[50 300 250 320]/DA(/F1 10 Tf 0 g)"
         b"@MORE@>>")
FILLED = (b"<</Type/Annot/Subtype/Widget/F 4/P 3 0 R/FT/Tx/T(wage)/Rect[50 340 250 360]/DA(/F1 10 Tf 0 g)"
          b"/V(8000)/AP<</N 13 0 R>>>>")
OPEN = b"<</Type/Annot/Subtype/Widget/F 132/P 3 0 R/FT/Sig/T(worker)/Rect[300 50 419 169]@MORE@>>"


def shown(text, font=b"5 0 R", before=b"", box=b"0 0 200 20"):
    """The look of a text field."""
    return stream(b"/Tx BMC q " + before + b"BT /F1 10 Tf 0 g 2 5 Td (" + text + b") Tj ET Q EMC",
                  b"/Type/XObject/Subtype/Form/BBox[" + box + b"]/Resources<</Font<</F1 " + font + b">>>>")


def unsigned(page=b"", catalog=b"", form=b"", more={}):
    """A contract with fields: an empty text field 10, a filled one 11 (look 13), an open signature field 12."""
    objects = {1: b"<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R" + catalog + b">>",
               2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               3: PAGE + b"10 0 R 11 0 R 12 0 R]" + page + b">>", 4: stream(TEXT), 5: FONT,
               6: b"<</Fields[10 0 R 11 0 R 12 0 R]/DR<</Font<</F1 5 0 R>>>>" + form + b">>",
               10: EMPTY.replace(b"@MORE@", b""), 11: FILLED, 12: OPEN.replace(b"@MORE@", b""), 13: shown(b"8000")}
    objects.update(more)
    return whole(dict(sorted(objects.items())))


def signing_objects(page=b"", form=b"", signature=SIGNATURE, widget=WIDGET):
    """The objects of a revision that signs unsigned() in a new field 7."""
    return {3: PAGE + b"10 0 R 11 0 R 12 0 R 7 0 R]" + page + b">>",
            6: b"<</Fields[10 0 R 11 0 R 12 0 R 7 0 R]/SigFlags 3/DR<</Font<</F1 5 0 R>>>>" + form + b">>",
            7: widget, 8: holes(signature), 9: LOOK}


def signed(pki, page=b"", catalog=b"", form=b"", more={}, signature=SIGNATURE, make_cms=None, widget=WIDGET, change={}):
    pdf = append(unsigned(page, catalog, form, more), {**signing_objects(page, form, signature, widget), **change})
    return seal(pdf, make_cms or pki.cms)


def certified(pki, level, more={}):
    """Signed with a certification (DocMDP) of that level."""
    reference = (b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P %d>>>>]"
                 % level)
    return signed(pki, catalog=b"/Perms<</DocMDP 8 0 R>>", signature=SIGNATURE[:-2] + reference + b">>", more=more)


def field_page(numbers):
    return PAGE + b"10 0 R 11 0 R 12 0 R 7 0 R " + numbers + b"]>>"


def field_form(numbers, extra=b""):
    return (b"<</Fields[10 0 R 11 0 R 12 0 R 7 0 R " + numbers + b"]/SigFlags 3/DR<</Font<</F1 5 0 R>>>>" + extra +
            b">>")


def sign_again(pki, pdf, rectangle=b"0 0 0 0", more=b"", name=b"second", extra={}, first=20):
    """A second signature in a new field `first`, dictionary first+1, look first+2."""
    number = b"%d 0 R" % first
    objects = {3: field_page(number), 6: field_form(number),
               first: b"<</Type/Annot/Subtype/Widget/F 132/P 3 0 R/FT/Sig/T(" + name + b")/Rect[" + rectangle + b"]/V " +
               b"%d 0 R" % (first + 1) + (b"" if b"/AP" in more else b"/AP<</N %d 0 R>>" % (first + 2)) + more + b">>",
               first + 1: holes(SIGNATURE), first + 2: LOOK}
    objects.update(extra)
    return seal(append(pdf, objects), pki.cms)


FAILED, DOUBTFUL, PASSED = "TOTAL_FAILED", "INDETERMINATE", "TOTAL_PASSED"
FORMAT = (FAILED, "FORMAT_FAILURE")
