"""A small table of sentencepiece's normalizer: compatibility characters, and some pairs with an accent."""

import struct
import unicodedata

RANGES = ((0xA0, 0x180), (0x2000, 0x2070), (0x2100, 0x2150), (0x2460, 0x2480), (0x3000, 0x3001), (0x3390, 0x33A0), (0xFB00, 0xFB07),
          (0xFF01, 0xFF60), (0xFF66, 0xFF9E))  # fmt: skip


def rows():
    """Returns what stands for each string: NFKC of characters, and of letters followed by an accent."""
    table = {}
    for start, stop in RANGES:
        for code in range(start, stop):
            form = unicodedata.normalize("NFKC", chr(code))
            if form != chr(code):
                table[chr(code)] = form
    for letter in "aeiouAEIOUnc":
        for accent in "\u0300\u0301\u0302\u0303\u0308\u0327":
            form = unicodedata.normalize("NFKC", letter + accent)
            if len(form) == 1:
                table[letter + accent] = form
    table["\u00ad"] = ""
    return table


def double_array(table):
    """Returns the units of darts-clone's double array for bytes to numbers: each node where its place is free."""
    children = {}
    for key, value in table.items():
        node = children
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value
    units, used = {0: 0}, set()
    waiting = [(0, children)]
    while waiting:
        at, node = waiting.pop()
        offset = next(o for o in range(1, 1 << 20) if o not in used and all((at ^ o ^ byte) not in units for byte in node))
        used.add(offset)
        units[at] |= offset << 10 | (1 << 8 if 0 in node else 0)
        for byte, child in node.items():
            place = at ^ offset ^ byte
            units[place] = child | 1 << 31 if byte == 0 else byte
            if byte:
                waiting.append((place, child))
    return [units.get(i, 0) for i in range(max(units) // 256 * 256 + 256)]


def charsmap():
    """Returns the table as a model's precompiled_charsmap has it."""
    strings, values = b"", {}
    for key, form in sorted(rows().items()):
        values[key.encode()] = len(strings)
        strings += form.encode() + b"\0"
    units = double_array(values)
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *units) + strings
