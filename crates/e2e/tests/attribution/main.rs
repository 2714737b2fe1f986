//! `openledger attribution`: texts to segments, answers to tiles, and what is said of bad input.

mod payouts;

use anyhow::{Context, Result, ensure};
use openledger_e2e::{Exit, node_binary};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const POEM: &str = "Whose woods these are I think I know, his house is in the village though; \
    he will not see me stopping here to watch his woods fill up with snow";
const RECIPE: &str = "Take two eggs and beat them well, then add flour, sugar and a pinch of salt, \
    and leave the batter to rest for an hour before it is baked";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path(name);
        fs::write(&path, content)?;
        Ok(path)
    }

    fn rows(&self, name: &str, rows: &[Value]) -> Result<PathBuf> {
        let lines: Vec<_> = rows.iter().map(Value::to_string).collect();
        self.file(name, lines.join("\n"))
    }

    fn index(&self, rows: &Path, name: &str) -> Result<(PathBuf, Value)> {
        let out = self.0.path().join(name);
        let exit = run(&["index", &shown(rows), "--out", &shown(&out)])?;
        ensure!(exit.code == Some(0), "{exit:?}");
        Ok((out, serde_json::from_str(&exit.stdout)?))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn run(arguments: &[&str]) -> Result<Exit> {
    let output = Command::new(node_binary()?)
        .arg("attribution")
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()?;
    Ok(Exit {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into(),
        stderr: String::from_utf8_lossy(&output.stderr).into(),
    })
}

fn refused(arguments: &[&str], words: &str) -> Result<()> {
    let exit = run(arguments)?;
    let said = exit.stderr.contains(words) && !exit.stderr.contains("panicked");
    ensure!(exit.code == Some(1) && said, "no {words:?}: {exit:?}");
    Ok(())
}

/// Kind, words and commit of each tile.
fn tiles(traced: &Value) -> Result<Vec<(String, u64, Option<u64>)>> {
    let tiles = traced["tiles"].as_array().context("no tiles")?;
    let of = |tile: &Value| {
        let kind = tile["kind"].as_str()?.to_owned();
        Some((kind, tile["len"].as_u64()?, tile["commit"].as_u64()))
    };
    tiles
        .iter()
        .map(|tile| of(tile).context("a tile"))
        .collect()
}

#[test]
fn words_of_an_answer_are_found_where_they_stand() -> Result<()> {
    let folder = Folder::new()?;
    let rows = [
        json!({"text": POEM}),
        json!({"text": RECIPE, "commit": 7}),
        // The copy is later.
        json!({"text": format!("As the poet says: {POEM}")}),
    ];
    let path = folder.rows("rows.jsonl", &rows)?;
    let (segment, built) = folder.index(&path, "one.segment")?;
    ensure!(built["documents"] == 3, "{built}");
    let (again, _) = folder.index(&path, "two.segment")?;
    ensure!(fs::read(&segment)? == fs::read(again)?, "another file");

    let answer = "Well! HIS HOUSE is in the village — though he will not see me. \
        Then add flour sugar and a pinch of salt and leave";
    let answer = folder.file("answer.txt", answer)?;
    let (segment, answer) = (shown(&segment), shown(&answer));
    let trace = ["trace", &answer, "--segment", &segment, "--json"];
    let exit = run(&trace)?;
    ensure!(exit.code == Some(0), "{exit:?}");
    let traced: Value = serde_json::from_str(&exit.stdout)?;
    let expected = [
        ("GAP".to_owned(), 1, None),
        ("SPAN".to_owned(), 12, Some(1)),
        ("SPAN".to_owned(), 11, Some(7)),
    ];
    ensure!(tiles(&traced)? == expected, "{traced}");
    ensure!(traced["earning"] == 23 && traced["words"] == 24, "{traced}");
    ensure!(traced["methodId"] == built["methodId"], "{traced}");

    // The same, of a corpus in two segments.
    let first = folder.rows("first.jsonl", &rows[1..2])?;
    let second = folder.rows("second.jsonl", &[rows[0].clone()])?;
    let (first, second) = (
        shown(&folder.index(&first, "first.segment")?.0),
        shown(&folder.index(&second, "second.segment")?.0),
    );
    let exit = run(&[
        "trace",
        &answer,
        "--segment",
        &first,
        "--segment",
        &second,
        "--json",
    ])?;
    let split: Value = serde_json::from_str(&exit.stdout)?;
    ensure!(split == traced, "{split}");

    // What was in the prompt earns nothing.
    let prompt = shown(&folder.file("prompt.txt", RECIPE)?);
    let exit = run(&[&trace[..], &["--prompt", &prompt]].concat())?;
    let echoed: Value = serde_json::from_str(&exit.stdout)?;
    ensure!(
        echoed["earning"] == 12 && echoed["matched"] == 12,
        "{echoed}"
    );
    // What two clusters have is nobody's own, where that is wanted; a document and its copy are one.
    let exit = run(&[&trace[..], &["--common", "2"]].concat())?;
    let common: Value = serde_json::from_str(&exit.stdout)?;
    ensure!(common["earning"] == 23, "{common}");

    let table = run(&trace[..4])?.stdout;
    for part in [
        "SPAN",
        "12 words",
        "commit 7 part 0 word 7",
        "23 of 24 words",
    ] {
        ensure!(table.contains(part), "no {part:?}: {table}");
    }
    Ok(())
}

/// A word of more than 32 bytes is several; a text that stands in an earlier one, also of another segment, belongs to its cluster.
#[test]
fn documents_belong_to_the_cluster_of_the_first() -> Result<()> {
    let folder = Folder::new()?;
    let cid = "bafkreibiczmxrcheudj2g24cxazrnkzsnahlr4aprtj3sbgwqesg2kc2by";
    let first = [
        json!({"text": POEM}),
        json!({"text": RECIPE}),
        json!({"text": format!("{POEM} and so on")}),
        json!({"text": "a".repeat(100), "cid": cid}),
    ];
    let first = folder.rows("first.jsonl", &first)?;
    let (segment, built) = folder.index(&first, "first.segment")?;
    let bands = [&built["originals"], &built["derivatives"], &built["held"]];
    ensure!(bands == [&json!(3), &json!(0), &json!(1)], "{built}");
    let words = POEM.split_whitespace().count() * 2 + 3 + RECIPE.split_whitespace().count() + 4;
    ensure!(built["words"] == words, "{built}");

    let second = folder.rows("second.jsonl", &[json!({"text": RECIPE})])?;
    let alone = folder.rows("alone.jsonl", &[json!({"text": RECIPE, "commit": 9})])?;
    let (alone, built) = folder.index(&alone, "alone.segment")?;
    ensure!(built["originals"] == 1, "{built}");
    let out = shown(&folder.path("after.segment"));
    let after = [
        "index",
        &shown(&second),
        "--out",
        &out,
        "--after",
        &shown(&segment),
    ];
    let exit = run(&after)?;
    ensure!(exit.code == Some(0), "{exit:?}");
    // The same once more: its commit is the next, unless it is said to be an old one; and what failed leaves what was there.
    let written = fs::read(&out)?;
    let old = shown(&folder.rows("old.jsonl", &[json!({"text": RECIPE, "commit": 4})])?);
    let words = "commit 4 comes after commit 4";
    refused(
        &["index", &old, "--out", &out, "--after", &shown(&segment)],
        words,
    )?;
    // An earlier segment given twice is named.
    let twice = ["--after", &shown(&segment), &shown(&segment)];
    refused(
        &[&["index", &shown(&second), "--out", &out], &twice[..]].concat(),
        "first.segment: document ",
    )?;
    ensure!(fs::read(&out)? == written, "another file");
    let after: Value = serde_json::from_str(&exit.stdout)?;
    ensure!(after["held"] == 1 && after["originals"] == 0, "{after}");
    // A phrase of two documents of one cluster is not common property.
    let answer = shown(&folder.file("answer.txt", RECIPE)?);
    for (segments, earning) in [
        ([&shown(&segment), &out], 29),
        ([&shown(&segment), &shown(&alone)], 0),
    ] {
        let trace = [
            "trace",
            &answer,
            "--segment",
            segments[0],
            "--segment",
            segments[1],
            "--common",
            "2",
            "--json",
        ];
        let traced: Value = serde_json::from_str(&run(&trace)?.stdout)?;
        ensure!(traced["earning"] == earning, "{traced}");
    }
    Ok(())
}

#[test]
fn bad_input_is_named_and_nothing_is_left_behind() -> Result<()> {
    let folder = Folder::new()?;
    let out = shown(&folder.0.path().join("out.segment"));
    let index = |content: &[u8], words: &str| -> Result<()> {
        let rows = shown(&folder.file("rows.jsonl", content)?);
        refused(&["index", &rows, "--out", &out], words)?;
        ensure!(!Path::new(&out).exists(), "something was written");
        Ok(())
    };
    index(
        b"{\"text\": \"one\"}\n{\"text\"",
        "line 2: EOF while parsing",
    )?;
    index(b"\n{\"words\": 1}", "line 2: it has no string \"text\"")?;
    index(b"{\"text\": 5}", "it has no string \"text\"")?;
    index(b"{\"text\": \"a\", \"commit\": -1}", "no number below 2^32")?;
    // The CID of "b", of a directory, and none.
    for (cid, words) in [
        (
            "bafkreib6epubmabzlffdhckpmvsodmjuro6xuaei2qwevs3t52xnlhaatu",
            "the text's CID is bafkrei",
        ),
        (
            "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
            "is of a dag-pb file",
        ),
        (
            "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG",
            "not a CIDv1",
        ),
    ] {
        let row = json!({"text": "a", "cid": cid}).to_string();
        index(row.as_bytes(), words)?;
    }
    index(
        b"{\"text\": \"a\", \"commit\": 3}\n{\"text\": \"b\", \"commit\": 3}",
        "commit 3 comes after commit 3",
    )?;
    index(b"{\"text\": \"\xff\"}", "line 1")?;
    let mut endless = b"{\"text\": \"".to_vec();
    endless.resize(100_000_000, b'a');
    index(&endless, "line 1: it has more than 5000000 bytes")?;
    refused(
        &["index", "/nowhere.jsonl", "--out", &out],
        "can not be read",
    )?;

    let rows = folder.rows("good.jsonl", &[json!({"text": POEM})])?;
    let (segment, _) = folder.index(&rows, "good.segment")?;
    let bytes = fs::read(&segment)?;
    let segment = shown(&segment);
    let exit = run(&["check", &segment])?;
    ensure!(
        exit.code == Some(0) && exit.stdout.contains("1 documents"),
        "{exit:?}"
    );
    let mut damaged = bytes.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let damaged = shown(&folder.file("damaged.segment", damaged)?);
    refused(&["check", &damaged], "is damaged")?;
    let short = shown(&folder.file("short.segment", &bytes[..last])?);
    refused(&["check", &segment, &short], "bytes instead of")?;
    let other = shown(&folder.file("other.segment", POEM)?);
    refused(
        &["trace", &segment, "--segment", &other],
        "it is not a segment",
    )?;

    let trace = |answer: &[u8], words: &str| {
        let answer = shown(&folder.file("answer.txt", answer)?);
        refused(&["trace", &answer, "--segment", &segment], words)
    };
    trace(b"good so far \xc3\x28", "invalid UTF-8 at byte 12")?;
    trace(&vec![b'a'; 5_000_001], "more than 5000000 bytes")?;
    refused(
        &["trace", "/nowhere.txt", "--segment", &segment],
        "can not be read",
    )?;
    refused(
        &[
            "trace",
            &shown(&rows),
            "--segment",
            &segment,
            "--segment",
            &segment,
        ],
        "is in two segments",
    )?;
    // Nothing, and a million words.
    for (answer, words) in [
        ("", "0 of 0 words"),
        (&"ab ".repeat(1_000_000), "0 of 1000000"),
    ] {
        let answer = shown(&folder.file("answer.txt", answer)?);
        let exit = run(&["trace", &answer, "--segment", &segment])?;
        ensure!(
            exit.code == Some(0) && exit.stdout.contains(words),
            "{}",
            exit.stderr
        );
    }
    Ok(())
}
