"""usage: make.py FAMILY FOLDER: writes the files of one family of attacks, root.pem and expected.tsv (file, indication,
sub-indication, a part of the reason) into FOLDER. A family is a module beside this one with cases(pki), which yields
(name, octets, (indication, sub-indication), part of the reason)."""
import importlib
import os
import sys

import pdf

family, folder = sys.argv[1:]
sys.dont_write_bytecode = True
os.makedirs(folder, exist_ok=True)
pki = pdf.Pki(folder)
with open(os.path.join(folder, "expected.tsv"), "w") as table:
    for name, octets, (indication, sub), words in importlib.import_module(family).cases(pki):
        with open(os.path.join(folder, name + ".pdf"), "wb") as file:
            file.write(octets)
        table.write("\t".join([name + ".pdf", indication, sub, words]) + "\n")
