//! A ledger in files: who earned by which words, and the proof of it.

use crate::{Folder, POEM, RECIPE, refused, run, shown};
use alloy_primitives::U256;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

/// Contributor 0 wrote the poem, 1 the recipe; 2 copied the poem, and 3 put words of their own around the recipe.
fn ledger(folder: &Folder) -> Result<String> {
    let own = "My grandmother used to say that a cake is made with patience and butter; she never wrote anything down \
        but we all remember how her kitchen smelled on Sundays before the guests came in from the cold";
    let first = [
        json!({"commit": 1, "contributor": 0, "text": POEM}),
        json!({"commit": 2, "contributor": 1, "text": RECIPE}),
    ];
    let second = [
        json!({"commit": 3, "contributor": 2, "text": POEM}),
        json!({"commit": 4, "contributor": 3, "text": format!("{own}. {}", &RECIPE[..80])}),
    ];
    folder.rows("first.jsonl", &first)?;
    folder.rows("second.jsonl", &second)?;
    let ledger = json!({
        "datanets": [{"datanet": 5, "versions": ["first.jsonl", "second.jsonl"]}],
        "models": [
            {"modelVersion": 11, "corpus": [{"datanet": 5, "version": 1}]},
            {"modelVersion": 12, "corpus": [{"datanet": 5, "version": 1}], "terms": {
                "platformBps": 500, "retrievalBps": 3000,
                "split": {"licensor": 500, "tuner": 2500, "compute": 2000, "stakers": 1000, "data": 4000},
            }},
        ],
        "answers": [
            {"modelVersion": 11, "fee": "1000000000000000000", "prompt": "a poem, please",
             "output": "Gladly. Whose woods these are I think I know, his house is in the village though."},
            {"modelVersion": 11, "fee": "2000000000000000000", "prompt": "and a cake?",
             "output": "She said that a cake is made with patience and butter; she never wrote anything down. Take two eggs and beat them well, then add flour, sugar"},
            {"modelVersion": 11, "fee": "500", "prompt": "a secret", "sealed": true, "output": POEM},
            // The recipe and the copy of the poem were put before the model.
            {"modelVersion": 12, "fee": "1000", "prompt": "eggs?", "output": "Two.",
             "retrieved": [{"commit": 2, "weight": 3}, {"commit": 3, "weight": 1}]},
        ],
        "epochs": [{"answers": 1, "contributors": 3}, {"answers": 3, "contributors": 4}],
    });
    Ok(shown(&folder.file("ledger.json", ledger.to_string())?))
}

fn json_of(arguments: &[&str]) -> Result<Value> {
    let exit = run(arguments)?;
    ensure!(exit.code == Some(0), "{exit:?}");
    Ok(serde_json::from_str(&exit.stdout)?)
}

fn wei(value: &Value) -> Result<u128> {
    Ok(value.as_str().context("no amount")?.parse()?)
}

#[test]
fn a_payout_is_settled_proven_and_verified() -> Result<()> {
    let folder = Folder::new()?;
    let ledger = ledger(&folder)?;
    let facts = shown(&folder.path("facts.json"));
    let first = json_of(&[
        "settle", &ledger, "--epoch", "0", "--facts", &facts, "--json",
    ])?;
    // A fee of 1 OPEN: 5 % to the platform, 40 % of the rest to the data pool, 15 of 16 words in the poem. The copy gets nothing.
    let pool = 380_000_000_000_000_000_u128;
    let earned = first["payouts"].as_array().context("no payouts")?;
    ensure!(wei(&earned[0]["earned"])? == pool / 16 * 15, "{first}");
    ensure!(wei(&earned[2]["earned"])? == 0, "{first}");
    ensure!(
        wei(&first["earned"])? + wei(&first["train"])? == pool,
        "{first}"
    );

    let proof = shown(&folder.path("proof.json"));
    let prove = [
        "prove", &ledger, "--epoch", "0", "--answer", "0", "--tile", "1", "--out", &proof,
    ];
    ensure!(run(&prove)?.code == Some(0), "{:?}", run(&prove)?);
    let verified = json_of(&["verify", &proof, "--facts", &facts, "--json"])?;
    let expected = json!({
        "contributor": 0, "amount": (pool / 16 * 15).to_string(), "hop": 0, "answer": 0, "start": 1, "words": 15,
        "text": "whose woods these are i think i know his house is in the village though",
        "commit": 1, "document": 0, "offset": 0, "author": 0, "datanet": 5, "version": 0,
        "earned": (pool / 16 * 15).to_string(), "cumulative": (pool / 16 * 15).to_string(), "checkedAgainstFacts": true,
    });
    let mut same = verified.clone();
    same["version"] = json!(0);
    ensure!(same == expected, "{verified}");
    // The corpus names the second version, which holds the first.
    ensure!(verified["version"] == 1, "{verified}");
    let said = run(&["verify", &proof])?.stdout;
    for part in [
        "contributor 0 gets",
        "for 15 words of answer 0",
        "It holds where the chain says the same",
        "payouts root  0x",
    ] {
        ensure!(said.contains(part), "no {part:?}: {said}");
    }

    // The second epoch goes on from the first, and has another contributor.
    let second = json_of(&["settle", &ledger, "--facts", &facts, "--json"])?;
    let payouts = second["payouts"].as_array().context("no payouts")?;
    let cumulative = wei(&payouts[0]["cumulative"])?;
    ensure!(
        payouts.len() == 4 && cumulative == wei(&earned[0]["cumulative"])? + 29,
        "{second}"
    );
    // Words that stand in a derivative pay its author, and its parent's author a share; words of the recipe pay the earliest.
    let lines = json_of(&["settle", &ledger, "--answer", "1", "--json"])?;
    let lines = lines["earnings"].as_array().context("no earnings")?;
    let payees: BTreeSet<_> = lines
        .iter()
        .map(|line| (line["hop"].as_u64(), line["contributor"].as_u64()))
        .collect();
    let expected = BTreeSet::from([(Some(0), Some(3)), (Some(1), Some(1)), (Some(0), Some(1))]);
    ensure!(payees == expected, "{lines:?}");
    for line in lines {
        let (tile, hop) = (line["tile"].to_string(), line["hop"].to_string());
        let prove = [
            "prove", &ledger, "--answer", "1", "--tile", &tile, "--hop", &hop, "--out", &proof,
        ];
        ensure!(run(&prove)?.code == Some(0), "{:?}", run(&prove)?);
        let verified = json_of(&["verify", &proof, "--facts", &facts, "--json"])?;
        for field in ["contributor", "amount", "text", "hop"] {
            ensure!(verified[field] == line[field], "{field}: {verified} {line}");
        }
    }
    // Of a data pool of 380 wei 30 % are for what was retrieved: for the recipe, and for the poem that was copied.
    let lines = json_of(&["settle", &ledger, "--answer", "3", "--json"])?;
    let line = |tile: u64, contributor: u64, amount: &str| {
        json!({
            "tile": tile, "hop": 0, "contributor": contributor, "amount": amount, "text": "", "retrieved": true,
        })
    };
    let expected = json!({"dataPool": "380", "earnings": [line(1, 1, "85"), line(2, 0, "29")]});
    ensure!(lines == expected, "{lines}");
    let prove = [
        "prove", &ledger, "--answer", "3", "--tile", "2", "--out", &proof,
    ];
    ensure!(run(&prove)?.code == Some(0), "{:?}", run(&prove)?);
    let verified = json_of(&["verify", &proof, "--facts", &facts, "--json"])?;
    for (field, value) in [
        ("contributor", json!(0)),
        ("amount", json!("29")),
        ("retrieved", json!(true)),
        ("commit", json!(3)),
        ("weight", json!(1)),
    ] {
        ensure!(verified[field] == value, "{field}: {verified}");
    }
    let said = run(&["verify", &proof, "--facts", &facts])?.stdout;
    ensure!(said.contains("nothing proves it"), "{said}");
    let table = run(&["settle", &ledger])?.stdout;
    ensure!(
        table.contains("model version 11") && table.contains("payouts root"),
        "{table}"
    );
    Ok(())
}

#[test]
fn what_proves_nothing_is_refused() -> Result<()> {
    let folder = Folder::new()?;
    let ledger = ledger(&folder)?;
    let (facts, proof) = (
        shown(&folder.path("facts.json")),
        shown(&folder.path("proof.json")),
    );
    let prove = |answer: &str, tile: &str, words: &str| {
        let arguments = [
            "prove", &ledger, "--answer", answer, "--tile", tile, "--out", &proof,
        ];
        refused(&arguments, words)
    };
    prove("0", "0", "answer 0 is not in the epoch")?;
    prove("1", "0", "tile 0 of answer 1 earns nothing by hop 0")?;
    prove("1", "9", "answer 1 has ")?;
    prove("2", "0", "answer 2 has 0 tiles")?;
    prove("3", "3", "answer 3 has 3 tiles and retrieved documents")?;
    refused(
        &["settle", &ledger, "--epoch", "2"],
        "the ledger has 2, from 0 on",
    )?;
    ensure!(!folder.path("proof.json").exists(), "something was written");

    json_of(&[
        "settle", &ledger, "--epoch", "0", "--facts", &facts, "--json",
    ])?;
    let arguments = [
        "prove", &ledger, "--epoch", "0", "--answer", "0", "--tile", "1", "--out", &proof,
    ];
    ensure!(run(&arguments)?.code == Some(0), "no proof");
    let written: Value = serde_json::from_slice(&fs::read(&proof)?)?;
    let other = |pointer: &str, value: Value, words: &str| -> Result<()> {
        let mut changed = written.clone();
        *changed.pointer_mut(pointer).context("no such place")? = value;
        let path = shown(&folder.file("other.json", changed.to_string())?);
        refused(&["verify", &path, "--facts", &facts], words)
    };
    let words = "the text is not what was paid for";
    other(
        "/text",
        json!("whose woods these are i think i know"),
        words,
    )?;
    other(
        "/proof/payout/row",
        json!("0x50"),
        "PayoutRow: 1 bytes, not 73",
    )?;
    other(
        "/proof/part/tile/hop",
        json!(1),
        "the proof shows no payout: it earns nothing",
    )?;
    other("/proof/payout/proof", json!("0x"), "0 bytes, too few")?;
    other(
        "/facts/methodId",
        json!(format!("0x{}", "1".repeat(64))),
        "the proof is of method",
    )?;
    // What the chain says counts, not what the proof says of it.
    let mut elsewhere: Value = serde_json::from_slice(&fs::read(&facts)?)?;
    elsewhere["roots"]["payouts"] = json!(format!("0x{}", "2".repeat(64)));
    let elsewhere = shown(&folder.file("elsewhere.json", elsewhere.to_string())?);
    ensure!(
        run(&["verify", &proof])?.code == Some(0),
        "it holds by itself"
    );
    refused(
        &["verify", &proof, "--facts", &elsewhere],
        "it leads to another root",
    )?;

    let refuse = |content: Value, words: &str| -> Result<()> {
        let path = shown(&folder.file("bad.json", content.to_string())?);
        refused(&["settle", &path], words)
    };
    refuse(json!({}), "missing field `datanets`")?;
    let written: Value = serde_json::from_slice(&fs::read(&ledger)?)?;
    let with = |pointer: &str, value: Value| -> Result<Value> {
        let mut changed = written.clone();
        *changed.pointer_mut(pointer).context("no such place")? = value;
        Ok(changed)
    };
    refuse(
        with("/models/0/corpus/0/version", json!(2))?,
        "version 2 of Datanet 5 is not known",
    )?;
    refuse(
        with("/answers/1/modelVersion", json!(3))?,
        "answer 1: model version 3 is not known",
    )?;
    refuse(
        with("/answers/3/retrieved/0/commit", json!(9))?,
        "answer 3: document 0 of commit 9 was retrieved, and is not known",
    )?;
    refuse(
        with("/models/1/terms/retrievalBps", json!(3_001))?,
        "3001 basis points for what was retrieved, the most is 3000",
    )?;
    refuse(with("/answers/0/fee", json!("-1"))?, "bad.json: ")?;
    refuse(
        with("/epochs/1/answers", json!(4))?,
        "epoch 1: answers 1 to 5 are asked for, 4 are known",
    )?;
    refuse(
        with("/epochs/1/contributors", json!(3))?,
        "contributor 3 is not known",
    )?;
    // Fees that are 2^128 wei and more together, by spans and by training weights: each sum fits, both together do not.
    let most = u128::MAX.to_string();
    let prompt =
        |output: String| json!({"modelVersion": 11, "fee": most, "prompt": "", "output": output});
    let answers = [
        prompt(POEM.into()),
        prompt(POEM.into()),
        prompt("nothing".into()),
    ];
    let mut dear = with("/answers", json!(answers))?;
    dear["epochs"] = json!([{"answers": 3, "contributors": 4}]);
    let dear = shown(&folder.file("dear.json", dear.to_string())?);
    let exit = run(&["settle", &dear])?;
    ensure!(exit.code == Some(0), "{exit:?}");
    let all = U256::from(u128::MAX) * U256::from(114);
    let all = all / U256::from(100);
    ensure!(exit.stdout.contains(&all.to_string()[..12]), "{exit:?}");
    refuse(with("/epochs", json!([]))?, "the ledger has no epochs")?;
    let twice = json!(["first.jsonl", "first.jsonl"]);
    refuse(
        with("/datanets/0/versions", twice)?,
        "line 1: commit 1 was there before",
    )?;
    refuse(
        with("/datanets/0/versions", json!(["none.jsonl"]))?,
        "can not be read",
    )?;
    folder.file(
        "words.jsonl",
        "{\"commit\": 1, \"contributor\": 0, \"text\": \"...\"}",
    )?;
    refuse(
        with("/datanets/0/versions", json!(["words.jsonl"]))?,
        "line 1: commit 1 has no words",
    )?;
    let two = [
        json!({"commit": 1, "contributor": 0, "text": POEM}),
        json!({"commit": 1, "contributor": 1, "text": RECIPE}),
    ];
    folder.rows("two.jsonl", &two)?;
    refuse(
        with("/datanets/0/versions", json!(["two.jsonl"]))?,
        "line 2: commit 1 is contributor 0's",
    )?;
    Ok(())
}
