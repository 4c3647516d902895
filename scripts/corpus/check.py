"""Checks what the engine makes of the corpus, with two decoders that are not ours and a renderer that is not ours.

    check.py FOLDER PROGRAM

PROGRAM is the example `qr_to_svg`. Each SVG is rasterised by resvg, read by zxing-cpp and by zbarimg, and both texts must be those of
FOLDER/corpus.tsv. Needs the packages of requirements.txt and zbarimg (Debian: zbar-tools).
"""

import collections
import io
import pathlib
import subprocess
import sys

import resvg_py
import zxingcpp
from PIL import Image

folder, program = pathlib.Path(sys.argv[1]), sys.argv[2]
counts, faults = collections.Counter(), 0


def zbar(png):
    command = ["zbarimg", "--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", "PNG:-"]
    return subprocess.run(command, input=png, capture_output=True).stdout.decode().removesuffix("\n")


for line in (folder / "corpus.tsv").read_text().splitlines():
    file, encoder, outcome, text = line.split("\t")
    run = subprocess.run([program, folder / file], capture_output=True, text=True)
    result = "declined" if run.returncode else "drawn"
    counts[encoder, result] += 1
    if outcome != "careful" and result != outcome:
        print(file, result, "but should be", outcome)
        faults += 1
    elif result == "drawn":
        png = bytes(resvg_py.svg_to_bytes(svg_string=run.stdout, width=840))
        if [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))] != [text]:
            print(file, "zxing-cpp reads another text")
            faults += 1
        # zbarimg guesses at encodings other than ASCII: then it must guess the same as in the picture.
        if zbar(png) not in (text, zbar((folder / file).read_bytes()) or text):
            print(file, "zbarimg reads another text")
            faults += 1
for (encoder, result), count in sorted(counts.items()):
    print(f"{encoder:15} {result:10} {count}")
sys.exit(faults != 0)
