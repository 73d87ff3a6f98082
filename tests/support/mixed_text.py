"""Makes text of many scripts, emoji, code, numbers and runs of whitespace; the same for the same size and seed."""

import pathlib
import random
import sys
import unicodedata

# First and last character: Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Bengali, Tamil, Thai, Tibetan,
# Georgian, Hangul Jamo, Ethiopic, Cherokee, Khmer, punctuation, letter-like, mathematics, Hiragana and Katakana, Han,
# Hangul, presentation forms, Gothic, cuneiform, musical signs, alphanumeric symbols, emoji, Han beyond the first plane.
RANGES = [(0x00C0, 0x024F), (0x0370, 0x03FF), (0x0400, 0x04FF), (0x0530, 0x058F), (0x0590, 0x05FF), (0x0600, 0x06FF),
          (0x0900, 0x097F), (0x0980, 0x09FF), (0x0B80, 0x0BFF), (0x0E00, 0x0E7F), (0x0F00, 0x0FFF), (0x10A0, 0x10FF),
          (0x1100, 0x11FF), (0x1200, 0x137F), (0x13A0, 0x13FF), (0x1780, 0x17FF), (0x2000, 0x206F), (0x2100, 0x218F),
          (0x2200, 0x22FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFB50, 0xFDFF), (0x10330, 0x1034A),
          (0x12000, 0x1236E), (0x1D100, 0x1D1E8), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF)]
SPACES = [" ", "  ", "    ", "\n", "\n\n", "\t", "\r\n", " \n ", "\u00a0", "\u3000", "\u2003 ", "\u0085", "\v\f",
          "\x1c"]
ENGLISH = "the of and it's we'll they're I've don't he'd I'm 'tis o'clock 'S 're x's model trains on devices".split()
CODE = ["for (int i = 0; i < n; ++i) {\n    sum += x[i] * 2.5e-3;\n}\n", "def f(x):\n\treturn x ** 2  # square\n",
        "SELECT * FROM t WHERE a_b >= 10;", "https://example.org/a?b=c&d=%20", "{\"key\": [1, 2.0, null]}", "__init__",
        "'''doc'''"]


def words_of(start, stop, draw):
    """Returns a few words of the characters of one script; those that Unicode has not assigned are left out."""
    letters = [chr(c) for c in range(start, stop + 1) if unicodedata.category(chr(c)) != "Cn"]
    return [["".join(draw.choices(letters, k=draw.randint(1, 9))) for _ in range(400)] for _ in range(2)]


def mixed_text(size, seed=1):
    """Returns text of at least `size` bytes."""
    draw = random.Random(seed)
    lists = [words for start, stop in RANGES for words in words_of(start, stop, draw)]
    parts, length = [], 0
    while length < size:
        kind = draw.random()
        if kind < 0.45:
            part = " ".join(draw.choices(draw.choice(lists), k=draw.randint(1, 12)))
        elif kind < 0.75:
            part = " ".join(draw.choices(ENGLISH, k=draw.randint(1, 20)))
        elif kind < 0.85:
            part = draw.choice(CODE)
        elif kind < 0.93:
            part = str(draw.randrange(10 ** draw.randint(1, 20)))
        else:
            part = "".join(draw.choices(SPACES, k=draw.randint(1, 6)))
        parts += [part, draw.choice(SPACES)]
        length += len((parts[-2] + parts[-1]).encode())
    return "".join(parts)


def system_texts(size):
    """Returns up to `size` bytes of the licences and notices of this system, where it has any."""
    parts = []
    for path in sorted(pathlib.Path("/usr/share").glob("common-licenses/*")) + \
            sorted(pathlib.Path("/usr/share").glob("doc/*/copyright")):
        if size > 0 and path.is_file():
            parts.append(path.read_bytes()[:size].decode("utf-8", "ignore"))
            size -= len(parts[-1].encode())
    return "".join(parts)


def every_character():
    """Returns each assigned character three times, so that it is seen after a letter, a digit and neither."""
    characters = (chr(c) for c in range(sys.maxunicode + 1))
    return "".join(f"a{c}1{c}!{c} " for c in characters if unicodedata.category(c) not in ("Cn", "Cs"))
