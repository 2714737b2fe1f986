//! `openledger attribution settle`, `prove` and `verify`.

use super::{ledger::Ledger, read};
use alloy_primitives::U256;
use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use openledger_attribution::{
    Epoch, Facts, PayoutProof,
    fault::PaidPart,
    leaf::{Earning, Tile},
    payout::{Reason, Shown},
    prove_payout, words,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

/// `openledger attribution settle`.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// Datanets, models, answers and epochs, in JSON; see docs/attribution.md.
    #[arg(value_name = "LEDGER")]
    ledger: PathBuf,
    /// The epoch [default: the last].
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
    /// Show what each tile of an answer brings, and to whom.
    #[arg(long, value_name = "I")]
    answer: Option<u64>,
    /// Write what the chain knows of the epoch, for `verify`.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `openledger attribution prove`.
#[derive(Debug, Args)]
pub struct ProveArgs {
    /// As of `settle`.
    #[arg(value_name = "LEDGER")]
    ledger: PathBuf,
    /// The epoch [default: the last].
    #[arg(long, value_name = "N")]
    epoch: Option<u64>,
    /// The answer.
    #[arg(long, value_name = "I")]
    answer: u64,
    /// The tile of the answer; behind the tiles are the documents that were retrieved.
    #[arg(long, value_name = "T")]
    tile: u32,
    /// 0 for what the tile's document brings, 1 for its parent's share.
    #[arg(long, value_name = "0 or 1", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=1))]
    hop: u8,
    /// The proof file to be written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// `openledger attribution verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A file that `prove` wrote.
    #[arg(value_name = "PROOF")]
    proof: PathBuf,
    /// What the chain knows of the epoch. Without it, what the proof itself says of the chain is taken, and shown.
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The proof of a payout, with what it rests on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProofFile {
    /// What the chain has to know for it to hold.
    facts: Facts,
    /// The words that were paid for, normalised; empty for a document that was retrieved.
    text: String,
    proof: PayoutProof,
}

/// Words of an answer's text, normalised.
fn text_of(output: &str, tile: &Tile) -> String {
    let said = words(output)
        .skip(tile.start as usize)
        .take(tile.len.into());
    let said: Vec<_> = said.map(|word| word.as_str().to_owned()).collect();
    said.join(" ")
}

pub(super) fn settle(arguments: &SettleArgs) -> Result<()> {
    let ledger = Ledger::read(&arguments.ledger)?;
    let settled = ledger.settle(arguments.epoch)?;
    let epoch = &settled.epoch;
    let round = ledger.round(&settled)?;
    let roots = epoch.trees()?.roots();
    let facts = round.facts(roots);
    if let Some(path) = &arguments.facts {
        write(path, &facts)?;
    }
    if let Some(i) = arguments.answer {
        return answer(&ledger, epoch, i, arguments.json);
    }
    let payouts = epoch.payouts.iter().map(|part| &part.row);
    let earned: u128 = payouts.clone().map(|row| row.earned).sum();
    let train: u128 = epoch.models.iter().map(|model| model.row.train).sum();
    if arguments.json {
        let payouts = payouts.map(|row| {
            let amounts = (row.earned.to_string(), row.cumulative.to_string());
            json!({"contributor": row.contributor, "earned": amounts.0, "cumulative": amounts.1})
        });
        let models = epoch.models.iter().map(|model| {
            json!({"modelVersion": model.row.model_version, "train": model.row.train.to_string()})
        });
        println!(
            "{}",
            json!({
                "facts": facts,
                "payouts": Vec::from_iter(payouts),
                "models": Vec::from_iter(models),
                "earned": earned.to_string(),
                "train": train.to_string(),
            })
        );
        return Ok(());
    }
    println!(
        "{:>12}  {:>28}  {:>28}",
        "contributor", "earned (wei)", "in all (wei)"
    );
    for row in payouts {
        println!(
            "{:>12}  {:>28}  {:>28}",
            row.contributor, row.earned, row.cumulative
        );
    }
    for model in &epoch.models {
        let (version, train) = (model.row.model_version, model.row.train);
        println!("model version {version}: {train} wei by training weights");
    }
    println!(
        "{earned} wei by spans and retrieval, {train} wei by training weights: {} wei",
        U256::from(earned) + U256::from(train)
    );
    println!("answers root  {}", roots.answers);
    println!("models root   {}", roots.models);
    println!("payouts root  {}", roots.payouts);
    Ok(())
}

/// The earnings of an answer, with the contributor of each, by tile and hop.
fn earnings(epoch: &Epoch, i: u64) -> Vec<(&Earning, u64)> {
    let parts = epoch.payouts.iter();
    let all = parts.flat_map(|part| {
        part.earnings
            .iter()
            .map(|earning| (earning, part.row.contributor))
    });
    let mut earnings: Vec<_> = all.filter(|(earning, _)| earning.i == i).collect();
    earnings.sort_unstable_by_key(|(earning, _)| (earning.tile, earning.hop));
    earnings
}

fn answer(ledger: &Ledger, epoch: &Epoch, i: u64, as_json: bool) -> Result<()> {
    let row = epoch.answers.iter().find(|(row, _)| row.i == i);
    let (row, tiles) = row.with_context(|| format!("answer {i} is not in the epoch"))?;
    let output = ledger.output(i).unwrap_or_default();
    let lines = earnings(epoch, i)
        .into_iter()
        .map(|(earning, contributor)| {
            let text = match tiles.get(earning.tile as usize) {
                Some(tile) => text_of(output, tile),
                None => String::new(),
            };
            (earning, contributor, text)
        });
    if as_json {
        let lines = lines.map(|(earning, contributor, text)| {
            json!({
                "tile": earning.tile,
                "hop": earning.hop,
                "contributor": contributor,
                "amount": earning.amount.to_string(),
                "text": text,
                "retrieved": earning.tile >= row.tiles,
            })
        });
        let pool = row.data_pool.to_string();
        println!(
            "{}",
            json!({"dataPool": pool, "earnings": Vec::from_iter(lines)})
        );
        return Ok(());
    }
    println!(
        "{:>5}  {:>3}  {:>12}  {:>28}",
        "tile", "hop", "contributor", "amount (wei)"
    );
    for (earning, contributor, text) in lines {
        let (tile, hop, amount) = (earning.tile, earning.hop, earning.amount);
        let text = match tile >= row.tiles {
            true => "(retrieved)",
            false => &text,
        };
        println!("{tile:>5}  {hop:>3}  {contributor:>12}  {amount:>28}  {text}");
    }
    println!("of a data pool of {} wei", row.data_pool);
    Ok(())
}

pub(super) fn prove(arguments: &ProveArgs) -> Result<()> {
    let ledger = Ledger::read(&arguments.ledger)?;
    let settled = ledger.settle(arguments.epoch)?;
    let round = ledger.round(&settled)?;
    let trees = settled.epoch.trees()?;
    let (i, tile, hop) = (arguments.answer, arguments.tile, arguments.hop);
    let proof = prove_payout(&settled.epoch, &trees, &round, i, tile, hop)?;
    let file = ProofFile {
        facts: Facts::for_payout(&round, trees.roots(), &proof),
        text: match &proof.part {
            PaidPart::Tile(part) => text_of(ledger.output(i).unwrap_or_default(), &part.tile.tile),
            PaidPart::Item(_) => String::new(),
        },
        proof,
    };
    // Nobody is given what does not hold.
    let shown = shown(&file, &file.facts)?;
    write(&arguments.out, &file)?;
    println!("{}", sentence(&shown));
    Ok(())
}

pub(super) fn verify(arguments: &VerifyArgs) -> Result<()> {
    let file = parse_proof(&arguments.proof)?;
    let facts = match &arguments.facts {
        Some(path) => {
            let facts: Facts = parse(path)?;
            ensure!(
                facts.method_id == file.facts.method_id,
                "the proof is of method {}, the facts are of method {}",
                file.facts.method_id,
                facts.method_id
            );
            Some(facts)
        }
        None => None,
    };
    let facts = facts.as_ref();
    let shown = shown(&file, facts.unwrap_or(&file.facts))?;
    let row = shown.row;
    if arguments.json {
        println!("{}", as_json(&shown, &file.text, facts.is_some()));
        return Ok(());
    }
    println!("{}", sentence(&shown));
    match &shown.reason {
        Reason::Words {
            tile,
            document,
            version,
            ..
        } => {
            println!("  “{}”", file.text.replace(char::is_control, " "));
            println!(
                "  from word {} of the answer on; in document {} of commit {} from word {} on, by contributor {}",
                tile.start,
                document.seq as u32,
                document.seq >> 32,
                tile.offset,
                document.contributor
            );
            println!(
                "  in version {} of Datanet {}: {}",
                version.version, version.datanet, version.root
            );
        }
        Reason::Retrieved(item) => println!(
            "  document {} of commit {}, with a weight of {}: the gateway says so, nothing proves it",
            item.seq as u32,
            item.seq >> 32,
            item.weight
        ),
    }
    println!(
        "contributor {} has {} wei by this epoch, {} wei in all",
        row.contributor, row.earned, row.cumulative
    );
    match facts {
        Some(_) => println!("It agrees with the facts."),
        None => {
            let facts = &file.facts;
            let answer = shown.answer;
            println!("It holds where the chain says the same:");
            println!("  answers root  {}", facts.roots.answers);
            println!("  payouts root  {}", facts.roots.payouts);
            println!(
                "  answer {}      {}",
                answer.i,
                facts.paid.get(&answer.i).copied().unwrap_or_default()
            );
            if let Some(model) = facts.models.get(&answer.model_version) {
                println!(
                    "  corpus of model version {}  {}",
                    answer.model_version, model.corpus
                );
            }
            for (commit, contributor) in &facts.contributions {
                println!("  commit {commit} is contributor {contributor}'s");
            }
            println!("  method        {}", facts.method_id);
        }
    }
    Ok(())
}

fn as_json(shown: &Shown<'_>, text: &str, checked: bool) -> Value {
    let mut line = json!({
        "contributor": shown.row.contributor,
        "amount": shown.amount.to_string(),
        "answer": shown.answer.i,
        "earned": shown.row.earned.to_string(),
        "cumulative": shown.row.cumulative.to_string(),
        "checkedAgainstFacts": checked,
    });
    let reason = match &shown.reason {
        Reason::Words {
            tile,
            words,
            document,
            version,
            hop,
            ..
        } => json!({
            "hop": hop,
            "start": tile.start,
            "words": words.len(),
            "text": text,
            "commit": document.seq >> 32,
            "document": document.seq as u32,
            "offset": tile.offset,
            "author": document.contributor,
            "datanet": version.datanet,
            "version": version.version,
        }),
        Reason::Retrieved(item) => json!({
            "retrieved": true,
            "commit": item.seq >> 32,
            "document": item.seq as u32,
            "weight": item.weight,
        }),
    };
    if let (Some(line), Value::Object(reason)) = (line.as_object_mut(), reason) {
        line.extend(reason);
    }
    line
}

fn sentence(shown: &Shown<'_>) -> String {
    let what = match &shown.reason {
        Reason::Retrieved(_) => "what was retrieved for".into(),
        Reason::Words { words, .. } => format!("{} words of", words.len()),
    };
    let why = match &shown.reason {
        Reason::Words { hop: 1, .. } => ", as the author of what the document derives from",
        Reason::Words { paid, document, .. } if *paid != document.seq => {
            ", as the author of what the document repeats"
        }
        _ => "",
    };
    format!(
        "contributor {} gets {} wei for {what} answer {}{why}",
        shown.row.contributor, shown.amount, shown.answer.i
    )
}

fn shown<'a>(file: &'a ProofFile, facts: &Facts) -> Result<Shown<'a>> {
    let shown = file.proof.verify(facts, &facts.roots);
    let shown = shown.context("the proof shows no payout")?;
    let ids = words(&file.text).map(|word| word.id());
    let paid = match &shown.reason {
        Reason::Words { words, .. } => &words[..],
        Reason::Retrieved(_) => &[],
    };
    ensure!(
        ids.eq(paid.iter().copied()),
        "the text is not what was paid for"
    );
    Ok(shown)
}

/// A file of one's own, of any size.
pub(super) fn parse<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} can not be read"))?;
    serde_json::from_reader(BufReader::new(file)).map_err(|error| anyhow!("{shown}: {error}"))
}

/// A file that came from anywhere.
fn parse_proof(path: &Path) -> Result<ProofFile> {
    let bytes = read(path)?;
    serde_json::from_slice(&bytes).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn write(path: &Path, value: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    fs::write(path, text).with_context(|| format!("{} can not be written", path.display()))
}
