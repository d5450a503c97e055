"""QR codes as the program draws them: half blocks, two modules to a character, light ones drawn."""

import zxingcpp

# Upper and lower module of a character: whether it is light.
MODULES = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
# Pixels to a module: a camera sees more than one.
SCALE = 4


def read(screen):
    """The text of the code that stands on a screen."""
    lines = [line.rstrip("\n") for line in screen.splitlines()]
    drawn = [line for line in lines if "█" in line and set(line) <= set(MODULES)]
    width = max(len(line) for line in drawn)
    pixels = bytearray()
    for line in drawn:
        modules = [MODULES[letter] for letter in line.ljust(width)]
        for half in (0, 1):
            row = bytes(255 * pair[half] for pair in modules for _ in range(SCALE))
            pixels += row * SCALE
    image = memoryview(bytes(pixels)).cast("B", (len(drawn) * 2 * SCALE, width * SCALE))
    code = zxingcpp.read_barcode(image, formats=zxingcpp.BarcodeFormat.QRCode)
    assert code is not None, f"no QR code can be read here:\n{screen}"
    return code.text
