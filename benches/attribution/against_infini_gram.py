"""Compares a segment with an index of the `infini-gram` package (PyPI) over the same generated corpus.

Every count must be the same. Then: seconds to build, bytes of the index, and microseconds to count a phrase, warm.
The package is given its words as numbers and answers through Python, with threads of its own; the segment is given 16-byte ids, looks
each of them up, and answers on one thread.

    pip install infini-gram numpy
    python3 benches/attribution/against_infini_gram.py --words 10000000
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Numbers of words are below it; it can not be the end-of-text number of the package, which counts as a word there.
VOCABULARY = 50_000


def segment(folder: pathlib.Path, words: int) -> tuple[float, int, float]:
    """Builds ours and leaves the package's input in the folder."""
    command = ["cargo", "run", "--quiet", "--release", "-p", "openledger-attribution", "--example", "infini_gram"]
    output = subprocess.run([*command, "--", folder, str(words)], cwd=ROOT, check=True, capture_output=True, text=True)
    build, size, query = output.stdout.split()
    return float(build), int(size), float(query)


def package(folder: pathlib.Path) -> tuple[float, int, float]:
    """Builds the package's index of the same words, and compares every count with ours."""
    from infini_gram.engine import InfiniGramEngine

    raw = folder / "raw"
    raw.mkdir()
    options = ["--data_dir", raw, "--save_dir", folder, "--token_dtype", "u16", "--cpus", "1", "--mem", "8"]
    started = time.perf_counter()
    # Its first step, from text to numbers, is done already and is not timed.
    command = [sys.executable, "-m", "infini_gram.indexing", *map(str, options), "--ulimit", "1024"]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode:
        sys.exit(f"the package's indexing failed:\n{run.stdout}")
    build = time.perf_counter() - started
    size = sum((folder / name).stat().st_size for name in ("tokenized.0", "table.0", "offset.0"))
    index = folder / "index"
    index.mkdir()
    for name in ("tokenized.0", "table.0", "offset.0"):
        (folder / name).rename(index / name)
    # What makes it fastest once everything is in memory; its defaults, for an index on disk, take three times as long.
    warm = {"load_to_ram": True, "ds_prefetch_depth": 0, "sa_prefetch_depth": 0, "od_prefetch_depth": 0}
    engine = InfiniGramEngine(
        index_dir=str(index), eos_token_id=VOCABULARY, vocab_size=VOCABULARY + 1, token_dtype="u16", **warm
    )
    phrases = []
    for line in (folder / "phrases.txt").read_text().splitlines():
        count, *numbers = map(int, line.split())
        phrases.append((numbers, count))
    for _ in range(2):
        started = time.perf_counter()
        found = [engine.count(input_ids=numbers)["count"] for numbers, _ in phrases]
        query = (time.perf_counter() - started) / len(phrases)
    wrong = [(numbers, count, other) for (numbers, count), other in zip(phrases, found) if count != other]
    if wrong:
        sys.exit(f"{len(wrong)} of {len(phrases)} counts differ, the first: {wrong[0]}")
    print(f"{len(phrases)} counts are the same")
    return build, size, query


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--words", type=int, default=10_000_000)
    words = arguments.parse_args().words
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ours, theirs = segment(folder, words), package(folder)
    print(f"{'':24}{'segment':>12}{'infini-gram':>12}{'ratio':>8}")
    rows = [("build, s", 1), ("bytes a word", 1 / words), ("count a phrase, us", 1e6)]
    for (title, scale), one, other in zip(rows, ours, theirs):
        print(f"{title:24}{one * scale:12.2f}{other * scale:12.2f}{other / one:8.1f}")


if __name__ == "__main__":
    main()
