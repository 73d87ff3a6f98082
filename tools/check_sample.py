#!/usr/bin/env python3
"""Says how good the demo's model is, and fails where it is not good enough.

Usage: check_sample.py --corpus FOLDER --sample FILE --metrics RUN/metrics.jsonl
Three figures: the last validation loss, the share of the sample's words that are words of the corpus, and the longest
run of bytes that the sample has in common with the corpus. The sample's last word is cut off, so it is not counted.
"""

import argparse
import json
import re
import sys
from pathlib import Path

MOST_LOSS = 2.2
LEAST_KNOWN_WORDS = 0.6
MOST_COPIED_BYTES = 39
WORD = re.compile(r"[A-Za-z]+")


def known_share(sample, corpus):
    """Share of the sample's words, the last one left out, that occur in the corpus; case does not count."""
    known = {word.lower() for word in WORD.findall(corpus)}
    words = [word.lower() for word in WORD.findall(sample)][:-1]
    return sum(word in known for word in words) / len(words) if words else 0.0


def longest_copy(sample, corpus):
    """Length of the longest piece of `sample` that is somewhere in `corpus`; both are bytes."""
    longest = 0
    for start in range(len(sample)):
        while start + longest < len(sample) and sample[start:start + longest + 1] in corpus:
            longest += 1
    return longest


def last_loss(metrics):
    """The last validation loss of a run, infinite where there is none."""
    events = [json.loads(line) for line in metrics.read_text().splitlines()]
    losses = [event["loss"] for event in events if event["event"] == "eval"]
    return losses[-1] if losses else float("inf")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--sample", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    arguments = parser.parse_args()
    files = [path.read_bytes() for path in sorted(arguments.corpus.rglob("*")) if path.is_file()]
    sample, corpus = arguments.sample.read_bytes(), b"\n".join(files)
    loss = last_loss(arguments.metrics)
    share = known_share(sample.decode(errors="replace"), corpus.decode(errors="replace"))
    copied = longest_copy(sample, corpus)
    rows = [
        (loss < MOST_LOSS, f"validation loss {loss:.3f} nats a byte (below {MOST_LOSS})"),
        (share >= LEAST_KNOWN_WORDS, f"{share:.0%} of the sample's words are words of the corpus (at least {LEAST_KNOWN_WORDS:.0%})"),
        (copied <= MOST_COPIED_BYTES, f"longest copy from the corpus: {copied} bytes (at most {MOST_COPIED_BYTES})"),
    ]
    for good, text in rows:
        print(f"{'ok ' if good else 'BAD'} {text}")
    return 0 if all(good for good, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
