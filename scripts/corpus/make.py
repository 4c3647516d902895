"""Makes the corpus of core/tests/corpus: pictures from encoders that are not ours.

    make.py FOLDER

Needs qrencode (Debian: qrencode), the packages of requirements.txt, and node with those of package.json in this folder. The same
versions make the same pictures.

FOLDER/corpus.tsv has a line for each: file, encoder, what must come of it, text. What must come of it is `drawn`, or `careful` for
pictures that may be declined, but never drawn as anything else; `declined` for those that must be.
"""

import io
import json
import pathlib
import random
import subprocess
import sys

import qrcode
import qrcode.image.styledpil
import qrcode.image.styles.colormasks as masks
import qrcode.image.styles.moduledrawers.pil as drawers
import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
chance = random.Random(18004)
lines = []

NEAREST, BILINEAR, BOX, LANCZOS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BOX,
    Image.Resampling.LANCZOS,
)


def pairing(prefix=False):
    """A text like WhatsApp's: a reference, and three keys in base64."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    field = lambda count: "".join(chance.choice(letters) for _ in range(count))
    text = f"2@{field(80)},{field(43)}=,{field(43)}=,{field(43)}="
    return ("https://wa.me/settings/linked_devices#" if prefix else "") + text


def add(name, encoder, text, image, outcome="drawn", **options):
    """Adds a picture, or the bytes of a file."""
    file = f"{name}.png"
    if isinstance(image, bytes):
        (folder / file).write_bytes(image)
    else:
        image.save(folder / file, optimize=True, **options)
    lines.append("\t".join((file, encoder, outcome, text)))


def qrencode(text, *arguments):
    command = ["qrencode", "-o", "-", *arguments, "--", text]
    return subprocess.run(command, check=True, capture_output=True).stdout


def node(text, **options):
    file = folder / "node.tmp.png"
    options.setdefault("type", "png")
    subprocess.run(["node", here / "node.mjs", file, text, json.dumps(options)], check=True)
    data = file.read_bytes()
    file.unlink()
    return data


def opened(data):
    return Image.open(io.BytesIO(data))


def segno_file(code, **options):
    out = io.BytesIO()
    code.save(out, kind="png", **options)
    return out.getvalue()


def python_qrcode(text, version=None, level=qrcode.ERROR_CORRECT_M, box=4, border=4, mask=None, **options):
    code = qrcode.QRCode(version, level, box, border, mask_pattern=mask)
    code.add_data(text)
    code.make(fit=version is None)
    return code.make_image(**options)


def styled(text, drawer, **options):
    return python_qrcode(
        text,
        level=qrcode.ERROR_CORRECT_H,
        box=options.pop("box", 8),
        image_factory=qrcode.image.styledpil.StyledPilImage,
        module_drawer=drawer,
        **options,
    ).get_image()


def zxing(text, level="M", scale=4, quiet=True):
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    return Image.fromarray(code.to_image(scale=scale, add_quiet_zones=quiet))


def logo(image, part, colour, shape="rectangle"):
    image = image.convert("RGB")
    pen = ImageDraw.Draw(image)
    width, height = image.size
    box = [width * (1 - part) / 2, height * (1 - part) / 2, width * (1 + part) / 2, height * (1 + part) / 2]
    getattr(pen, shape)(box, fill=colour)
    return image


def qrencode_pictures():
    for level in "LMQH":
        text = pairing(level in "MQ")
        add(f"qrencode-{level}", "qrencode", text, qrencode(text, "-l", level, "-s", "3"))
    for size, margin in ((1, 0), (2, 1), (5, 0), (7, 2), (10, 10)):
        text = pairing()
        add(f"qrencode-s{size}-m{margin}", "qrencode", text, qrencode(text, "-s", str(size), "-m", str(margin)))
    for kind in ("PNG32",):
        text = pairing(True)
        add(f"qrencode-{kind}", "qrencode", text, qrencode(text, "-t", kind, "-s", "4"))
        colours = ("--foreground=075E54", "--background=DCF8C6")
        add(f"qrencode-{kind}-colours", "qrencode", text, qrencode(text, "-t", kind, *colours))
        add(f"qrencode-{kind}-inverted", "qrencode", text, qrencode(text, "-t", kind, "--foreground=FFFFFF", "--background=000000"))
        add(f"qrencode-{kind}-alpha", "qrencode", text, qrencode(text, "-t", kind, "--foreground=000000C0", "--background=FFFFFF00"))
    for version in (1, 7, 14, 21, 28, 34, 40):
        text = "2@A,B" if version == 1 else pairing() if version > 10 else "2@short,fields"
        add(f"qrencode-v{version}", "qrencode", text, qrencode(text, "-v", str(version), "-s", "2", "-l", "L"))
    add("qrencode-numeric", "qrencode", "31415926535897932384626433832795", qrencode("31415926535897932384626433832795"))
    add("qrencode-alphanumeric", "qrencode", "HTTPS://EXAMPLE.COM/$%*+-.", qrencode("HTTPS://EXAMPLE.COM/$%*+-."))
    add("qrencode-mixed", "qrencode", "abc0123456789012345678901DEFGHIJKLMNOPQRSTxyz", qrencode("abc0123456789012345678901DEFGHIJKLMNOPQRSTxyz"))


def segno_pictures():
    for version in (1, 2, 6, 7, 13, 20, 25, 32, 40):
        for level in "LH":
            text = f"2@{version}{level}" if version < 6 else "2@short,text" if version < 13 else pairing()[:100]
            code = segno.make(text, version=version, error=level, boost_error=False, micro=False)
            add(f"segno-v{version}-{level}", "segno", text, segno_file(code, scale=2, border=version % 5))
    for mask in range(8):
        text = pairing(mask % 2)
        code = segno.make(text, error="m", mask=mask, boost_error=False)
        add(f"segno-mask{mask}", "segno", text, segno_file(code, scale=3, border=2))
    text = pairing()
    code = segno.make(text, error="q")
    add("segno-transparent", "segno", text, segno_file(code, scale=4, dark="#128c7e", light=None))
    add("segno-many-colours", "segno", text, segno_file(
        code, scale=4, dark="darkred", data_dark="darkorange", data_light="#fffbe0", finder_dark="#101060",
        alignment_dark="#205020", timing_dark="black", version_dark="purple", format_dark="navy"))
    add("segno-inverted", "segno", text, segno_file(code, scale=3, dark="white", light="black", border=0))
    plain = opened(segno_file(code, scale=1, border=4)).convert("L")
    for scale in (1.5, 2.5, 3.7):
        side = round(plain.width * scale)
        add(f"segno-nearest-{scale}", "segno", text, plain.resize((side, side), NEAREST))
        big = plain.resize((plain.width * 8,) * 2, NEAREST)
        add(f"segno-antialiased-{scale}", "segno", text, big.resize((side, side), BOX), "drawn" if scale > 2 else "careful")
    for turn, name in enumerate(("ROTATE_90", "ROTATE_180", "ROTATE_270", "FLIP_LEFT_RIGHT", "FLIP_TOP_BOTTOM", "TRANSPOSE", "TRANSVERSE")):
        text = pairing()
        image = opened(segno_file(segno.make(text), scale=2 + turn % 2, border=1)).convert("1")
        add(f"segno-{name.lower().replace('_', '-')}", "segno", text, image.transpose(Image.Transpose[name]))
    add("segno-kanji", "segno", "茗荷", segno_file(segno.make("茗荷", mode="kanji", micro=False), scale=3))
    add("segno-eci", "segno", "Zażółć gęślą jaźń", segno_file(segno.make("Zażółć gęślą jaźń", eci=True, encoding="utf-8"), scale=3))


def python_qrcode_pictures():
    for level, name in ((1, "L"), (0, "M"), (3, "Q"), (2, "H")):
        text = pairing()
        image = python_qrcode(text, level=level)
        add(f"python-{name}", "python-qrcode", text, image.get_image())
        image = python_qrcode(text, level=level, fill_color="#25D366", back_color="black", box=3, border=0)
        add(f"python-{name}-colours", "python-qrcode", text, image.get_image())
    for mask in range(8):
        text = pairing(True)
        add(f"python-mask{mask}", "python-qrcode", text, python_qrcode(text, mask=mask, box=2).get_image())
    for name, drawer, outcome in (
        ("square", drawers.SquareModuleDrawer(), "drawn"),
        ("gapped", drawers.GappedSquareModuleDrawer(), "careful"),
        ("circle", drawers.CircleModuleDrawer(), "careful"),
        ("rounded", drawers.RoundedModuleDrawer(), "drawn"),
        ("vertical-bars", drawers.VerticalBarsDrawer(), "careful"),
        ("horizontal-bars", drawers.HorizontalBarsDrawer(), "careful"),
    ):
        text = pairing()
        add(f"python-{name}", "python-qrcode", text, styled(text, drawer, box=6).convert("L").quantize(16), outcome)
    for name, mask in (
        ("radial", masks.RadialGradiantColorMask((255, 255, 255), (7, 94, 84), (0, 0, 90))),
        ("horizontal", masks.HorizontalGradiantColorMask((255, 255, 240), (90, 0, 0), (0, 60, 0))),
    ):
        text = pairing()
        image = styled(text, drawers.SquareModuleDrawer(), box=3, color_mask=mask)
        add(f"python-gradient-{name}", "python-qrcode", text, image.convert("RGB").quantize(32))
    for version in (1, 5, 10, 22, 27, 39):
        text = "2@A" if version == 1 else "2@some,text"
        add(f"python-v{version}", "python-qrcode", text, python_qrcode(text, version, box=2).get_image())


def node_pictures():
    for level in "LMQH":
        text = pairing(level == "L")
        add(f"node-{level}", "node-qrcode", text, node(text, errorCorrectionLevel=level))
        add(f"node-{level}-300", "node-qrcode", text, node(text, errorCorrectionLevel=level, width=300))
        add(f"node-{level}-margin1", "node-qrcode", text, node(text, errorCorrectionLevel=level, margin=1, width=276))
    for mask in range(8):
        text = pairing()
        add(f"node-mask{mask}", "node-qrcode", text, node(text, maskPattern=mask, scale=2 + mask % 3))
    for version in (9, 15, 26, 40):
        text = "2@some,text"
        add(f"node-v{version}", "node-qrcode", text, opened(node(text, version=version, scale=2)).convert("1"))
    text = pairing()
    add("node-colours", "node-qrcode", text, node(text, color={"dark": "#128C7Eff", "light": "#ECE5DDff"}))
    add("node-transparent", "node-qrcode", text, node(text, color={"dark": "#000f", "light": "#0000"}))
    add("node-kanji", "node-qrcode", "2@a,日本", node("2@a,日本", scale=3))


def zxing_pictures():
    for level in "LMQH":
        text = pairing(level == "H")
        add(f"zxing-{level}", "zxing-cpp", text, zxing(text, level))
        add(f"zxing-{level}-no-quiet-zone", "zxing-cpp", text, zxing(text, level, 2, False))
    for scale in (1, 3, 6, 9):
        text = pairing()
        add(f"zxing-scale{scale}", "zxing-cpp", text, zxing(text, "Q", scale))
    add("zxing-utf8", "zxing-cpp", "žluť, ключ, κλειδί", zxing("žluť, ключ, κλειδί"))


def kinds_of_png():
    text = pairing()
    plain = opened(qrencode(text, "-s", "4")).convert("L")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        image = plain.convert(mode)
        add(f"kind-{mode}", "qrencode", text, image)
    for bits in (1, 2, 4, 8):
        add(f"kind-P{bits}", "qrencode", text, plain.convert("P"), bits=bits)
    add("kind-I16", "qrencode", text, Image.frombytes("I;16", plain.size, b"".join(bytes((v, v)) for v in plain.tobytes())))
    palette = plain.convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    add("kind-P-transparent", "qrencode", text, palette, transparency=palette.getpixel((0, 0)))


def damaged():
    for part, colour, shape in ((0.12, "white", "rectangle"), (0.18, "#25D366", "ellipse"), (0.22, "black", "rectangle"), (0.2, "red", "ellipse")):
        text = pairing()
        image = opened(qrencode(text, "-l", "H", "-s", "5"))
        add(f"logo-{shape}-{part}", "qrencode", text, logo(image, part, colour, shape).quantize(8))
    for number in range(4):
        text = pairing()
        image = opened(qrencode(text, "-l", "H", "-s", "5")).convert("L")
        pen = ImageDraw.Draw(image)
        side = image.width
        for _ in range(number + 1):
            points = [chance.uniform(0, side) for _ in range(4)]
            pen.line(points, fill=255 * (number % 2), width=3)
        add(f"scratched-{number}", "qrencode", text, image)
    text = pairing()
    image = logo(opened(qrencode(text, "-l", "L", "-s", "4")), 0.5, "white")
    add("past-correction", "qrencode", text, image.convert("1"), "declined")


def around_it():
    text = pairing()
    code = opened(qrencode(text, "-s", "4")).convert("L")
    page = Image.new("L", (code.width + 80, code.height + 120), 255)
    page.paste(code, (40, 40))
    pen = ImageDraw.Draw(page)
    pen.rectangle((8, 8, page.width - 9, page.height - 9), outline=0, width=5)
    pen.text((page.width // 2 - 60, page.height - 50), "Scan with WhatsApp", fill=0)
    add("frame-and-caption", "qrencode", text, page)
    page = Image.new("L", (code.width + 90, code.height + 70), 25)
    page.paste(code, (30, 40))
    add("dark-page", "qrencode", text, page)
    other = opened(qrencode(pairing(), "-s", "3")).convert("1")
    page = Image.new("1", (code.width + other.width, code.height), 1)
    page.paste(code.convert("1"), (0, 0))
    page.paste(other, (code.width, 20))
    add("two-codes", "qrencode", text, page, "declined")
    add("blank", "none", "", Image.new("1", (200, 200), 1), "declined")
    noise = Image.frombytes("L", (40, 40), bytes(chance.randrange(256) for _ in range(1600)))
    add("photo", "none", "", noise.resize((160, 160), BILINEAR).quantize(16), "declined")


def hard():
    for degrees in (1, 3, 12, 45):
        text = pairing()
        image = opened(qrencode(text, "-s", "4")).convert("L").rotate(degrees, BILINEAR, expand=True, fillcolor=255)
        add(f"tilted-{degrees}", "qrencode", text, image.quantize(8), "careful")
    for radius in (1, 2):
        text = pairing()
        image = opened(qrencode(text, "-s", "4")).convert("L").filter(ImageFilter.GaussianBlur(radius))
        add(f"blurred-{radius}", "qrencode", text, image.quantize(16), "careful")
    for quality in (10, 40):
        text = pairing()
        out = io.BytesIO()
        opened(qrencode(text, "-s", "4")).convert("L").save(out, "JPEG", quality=quality)
        add(f"jpeg-{quality}", "qrencode", text, opened(out.getvalue()), "drawn")


qrencode_pictures()
segno_pictures()
python_qrcode_pictures()
node_pictures()
zxing_pictures()
kinds_of_png()
damaged()
around_it()
hard()
(folder / "corpus.tsv").write_text("\n".join(lines) + "\n")
print(len(lines), "pictures,", sum(file.stat().st_size for file in folder.iterdir()), "bytes")
