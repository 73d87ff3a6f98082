#!/usr/bin/env python3
"""Assembles the demo's corpus: podium's own documents and the licence texts of Debian's base system.

Usage: make_corpus.py --out FOLDER [--root REPOSITORY] [--system /usr/share]
Licences quote each other at length. A paragraph is left out where more than a quarter of its 8-word shingles were seen
before, so that a model cannot be good at held-out files by having read them elsewhere. Indents, rulers and filled-in
forms go too. Files are read in a fixed order, so the same machine gives the same corpus; FOLDER is replaced as a whole.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

SHINGLE_WORDS = 8
LEAST_FILE_BYTES = 400
WORD = re.compile(r"\w+")
PARAGRAPH_BREAK = re.compile(r"\n[ \t]*\.?[ \t]*\n")  # Debian's copyright files write a blank line as " ."
BLANKS = re.compile(r"[ \t]+")
FORM = re.compile(r"^\s*[A-Z][\w-]*:(\s|$)|\S@\S")
RULER = re.compile(r"([^\w\s])\1{3,}")


def base_packages():
    """Names of the installed packages that Debian calls required or important, sorted."""
    listing = subprocess.run(["dpkg-query", "-W", "-f=${Package}\t${Priority}\n"], check=True, capture_output=True, text=True)
    rows = (line.split("\t") for line in listing.stdout.splitlines())
    return sorted({name for name, priority in rows if priority in ("required", "important")})


def sources(root, system, packages):
    """(name in the corpus, path) of every source, in a fixed order; links and absent files are left out."""
    documents = [*sorted((root / "docs").rglob("*.md")), root / "README.md", root / "CHANGELOG.md"]
    rows = [("podium/" + path.relative_to(root).as_posix(), path) for path in documents]
    rows += [("licenses/" + path.name, path) for path in sorted((system / "common-licenses").glob("*"))]
    rows += [("packages/" + name, system / "doc" / name / "copyright") for name in packages]
    return [(name, path) for name, path in rows if path.is_file() and not path.is_symlink()]


def prose(text):
    """Returns `text` without what only draws (indents, rulers) and without forms: "Files: src/*", holders' addresses."""
    lines = (line for line in text.splitlines() if not FORM.search(line))
    return RULER.sub(r"\1\1\1", BLANKS.sub(" ", "\n".join(lines)))


def shingles(paragraph):
    words = WORD.findall(paragraph.lower())
    return {tuple(words[i:i + SHINGLE_WORDS]) for i in range(max(1, len(words) - SHINGLE_WORDS + 1))}


def without_repeats(text, seen):
    """Returns `text` without the paragraphs that `seen` mostly holds, and adds the rest to `seen`."""
    kept = []
    for paragraph in PARAGRAPH_BREAK.split(text):
        found = shingles(paragraph)
        if 4 * len(found & seen) <= len(found):
            kept.append(paragraph.strip("\n"))
            seen |= found
    return "\n\n".join(kept).strip() + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--system", type=Path, default=Path("/usr/share"))
    arguments = parser.parse_args()
    fresh = arguments.out.with_name(arguments.out.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    seen, read, files, size = set(), 0, 0, 0
    for name, path in sources(arguments.root, arguments.system, base_packages()):
        text = path.read_text(encoding="utf-8", errors="ignore")
        read += len(text.encode())
        kept = without_repeats(prose(text), seen).encode()
        if len(kept) < LEAST_FILE_BYTES:
            continue
        target = fresh / (name.removesuffix(".md") + ".txt")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(kept)
        files, size = files + 1, size + len(kept)
    if not files:
        print(f"make_corpus: found no text under {arguments.root} and {arguments.system}")
        return 1
    shutil.rmtree(arguments.out, ignore_errors=True)
    fresh.rename(arguments.out)
    print(f"corpus: {files} files, {size:,} bytes kept of {read:,} read, near-duplicates removed, in {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
