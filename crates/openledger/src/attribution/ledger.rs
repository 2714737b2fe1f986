//! A ledger in files: what a chain records of Datanets, models and answers, with the texts. From it epochs are settled as they are on the
//! chain.

use super::{index::must_name, lines::Lines, settle::parse};
use alloy_primitives::{Address, B256, U128, keccak256};
use anyhow::{Context as _, Result, ensure};
use openledger_attribution::{
    Archive, Band, Epoch, Text, WordId,
    archive::{Contribution, Phrases, Published, Round},
    leaf::{Answer, Context, ContributionKind, Item, MAX_ITEMS, RawCid, Visibility},
    pay::Terms,
    word::words_in_bytes,
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The file that names all others. Paths are relative to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LedgerFile {
    datanets: Vec<DatanetFile>,
    models: Vec<ModelFile>,
    answers: Vec<AnswerFile>,
    epochs: Vec<EpochFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DatanetFile {
    datanet: u64,
    /// JSON lines; each version adds its own to those before.
    versions: Vec<PathBuf>,
}

/// A line of a Datanet version: a file of a commit. A commit's files follow each other.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    commit: u32,
    contributor: u64,
    text: String,
    #[serde(default)]
    licence: u32,
    /// Compared with the text.
    cid: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ModelFile {
    model_version: u64,
    corpus: Vec<CorpusPart>,
    /// Clusters that must share a phrase before it is nobody's own.
    common: Option<usize>,
    #[serde(default)]
    terms: Terms,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CorpusPart {
    datanet: u64,
    version: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnswerFile {
    model_version: u64,
    /// In wei.
    fee: U128,
    prompt: String,
    output: String,
    /// Documents that the prompt has parts of.
    #[serde(default)]
    retrieved: Vec<RetrievedFile>,
    #[serde(default)]
    sealed: bool,
    #[serde(default)]
    payer: Address,
    #[serde(default)]
    tokens_in: u32,
    #[serde(default)]
    tokens_out: u32,
    /// Of which the salt of each chunk is made.
    #[serde(default)]
    salt: B256,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RetrievedFile {
    commit: u32,
    #[serde(default)]
    document: u32,
    /// Next to the others'.
    weight: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EpochFile {
    /// How many of the next answers it has.
    answers: u64,
    /// Contributors when it is cut.
    contributors: u64,
}

/// A ledger, read.
pub(super) struct Ledger {
    pub(super) archive: Archive,
    epochs: Vec<EpochFile>,
    /// By answer.
    outputs: Vec<String>,
}

/// An epoch of a ledger and the one before it.
pub(super) struct Settled {
    first: u64,
    end: u64,
    contributors: u64,
    before: Option<Epoch>,
    pub(super) epoch: Epoch,
}

fn ids(text: &str) -> Result<Vec<WordId>> {
    let words = words_in_bytes(text.as_bytes())?;
    Ok(words.map(|word| word.id()).collect())
}

impl Ledger {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let file: LedgerFile = parse(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut archive = Archive::default();
        datanets(&mut archive, folder, &file.datanets)?;
        for model in file.models {
            let parts = model.corpus.iter();
            let parts: Vec<_> = parts.map(|part| (part.datanet, part.version)).collect();
            let phrases = match model.common {
                Some(clusters) => Phrases::Common(clusters.max(2)),
                None => Phrases::List(Default::default()),
            };
            archive
                .register(model.model_version, &parts, phrases, model.terms)
                .with_context(|| format!("{shown}, model version {}", model.model_version))?;
        }
        let mut outputs = Vec::with_capacity(file.answers.len());
        for (answer, i) in file.answers.into_iter().zip(0..) {
            let output = answered(&mut archive, i, answer);
            outputs.push(output.with_context(|| format!("{shown}, answer {i}"))?);
        }
        Ok(Self {
            archive,
            epochs: file.epochs,
            outputs,
        })
    }

    /// The text of an answer.
    pub(super) fn output(&self, i: u64) -> Option<&str> {
        let output = self.outputs.get(usize::try_from(i).ok()?)?;
        Some(output)
    }

    /// Settles the epochs up to this one, or the last.
    pub(super) fn settle(&self, number: Option<u64>) -> Result<Settled> {
        let known = self.epochs.len() as u64;
        ensure!(known > 0, "the ledger has no epochs");
        let number = number.unwrap_or(known - 1);
        ensure!(
            number < known,
            "epoch {number} is asked for, the ledger has {known}, from 0 on"
        );
        let mut settled: Option<Settled> = None;
        for (epoch, at) in self.epochs.iter().zip(0..=number) {
            let (first, before) = match settled.take() {
                Some(settled) => (settled.end, Some(settled.epoch)),
                None => (0, None),
            };
            let end = first.saturating_add(epoch.answers);
            let contributors = epoch.contributors;
            let made = {
                let round = self
                    .archive
                    .round(first..end, contributors, before.as_ref());
                round.and_then(|round| round.attribute())
            };
            settled = Some(Settled {
                first,
                end,
                contributors,
                before,
                epoch: made.with_context(|| format!("epoch {at}"))?,
            });
        }
        settled.context("the ledger has no epochs")
    }

    /// What the chain knows of a settled epoch, and all that proves it.
    pub(super) fn round<'a>(&'a self, settled: &'a Settled) -> Result<Round<'a>> {
        let range = settled.first..settled.end;
        let before = settled.before.as_ref();
        Ok(self.archive.round(range, settled.contributors, before)?)
    }
}

/// Admits the commits of all Datanets in their order, then publishes the versions.
fn datanets(archive: &mut Archive, folder: &Path, datanets: &[DatanetFile]) -> Result<()> {
    let mut commits: BTreeMap<u32, (String, u64, Vec<Contribution>)> = BTreeMap::new();
    let mut versions = Vec::new();
    for datanet in datanets {
        for path in &datanet.versions {
            let mut lines = Lines::open(&folder.join(path))?;
            let mut of_version: Vec<u32> = Vec::new();
            while let Some(row) = lines.next::<Row>()? {
                let place = lines.place();
                if of_version.last() != Some(&row.commit) {
                    let new = (place.clone(), row.contributor, Vec::new());
                    let known = commits.insert(row.commit, new);
                    ensure!(
                        known.is_none(),
                        "{place}: commit {} was there before",
                        row.commit
                    );
                    of_version.push(row.commit);
                }
                let contribution = Contribution {
                    kind: ContributionKind::Data,
                    licence: row.licence,
                    raw_cid: match &row.cid {
                        Some(cid) => must_name(cid, &row.text).with_context(|| place.clone())?,
                        None => RawCid::NONE,
                    },
                    words: ids(&row.text).with_context(|| place.clone())?,
                };
                if let Some((_, contributor, files)) = commits.get_mut(&row.commit) {
                    ensure!(
                        *contributor == row.contributor,
                        "{place}: commit {} is contributor {contributor}'s",
                        row.commit
                    );
                    files.push(contribution);
                }
            }
            versions.push((datanet.datanet, of_version));
        }
    }
    for (commit, (place, contributor, files)) in commits {
        archive.revealed(commit, contributor)?;
        archive.admit(commit, files).context(place)?;
    }
    for (datanet, commits) in versions {
        archive
            .publish(datanet, &commits)
            .with_context(|| format!("Datanet {datanet}"))?;
    }
    Ok(())
}

fn answered(archive: &mut Archive, i: u64, file: AnswerFile) -> Result<String> {
    let salt = |place: &'static str| {
        move |chunk: u32| {
            let parts = [file.salt.as_slice(), place.as_bytes(), &chunk.to_be_bytes()];
            keccak256(parts.concat())
        }
    };
    let retrieved = file.retrieved.iter().map(|file| {
        let seq = u64::from(file.commit) << 32 | u64::from(file.document);
        let document = archive.document(seq).with_context(|| {
            let RetrievedFile {
                commit, document, ..
            } = file;
            format!("document {document} of commit {commit} was retrieved, and is not known")
        })?;
        // As a tile's part goes: what repeats another pays that one's author.
        let root = archive.document(document.root_seq).unwrap_or(document);
        let paid = match Band::of(document.contain_bps) {
            Band::Held => root,
            _ => document,
        };
        Ok(Item {
            seq,
            contributor: paid.contributor,
            weight: file.weight,
        })
    });
    let retrieved = retrieved.collect::<Result<Vec<_>>>()?;
    let prompt = Text::new(ids(&file.prompt)?, salt("prompt"))?;
    let context = Context::new(prompt.root(), &retrieved);
    let context =
        context.with_context(|| format!("more than {MAX_ITEMS} documents were retrieved"))?;
    let output = Text::new(ids(&file.output)?, salt("output"))?;
    let answer = Answer {
        i,
        model_version: file.model_version,
        payer: file.payer,
        fee: file.fee.to(),
        tokens_in: file.tokens_in,
        tokens_out: file.tokens_out,
        visibility: match file.sealed {
            true => Visibility::Sealed,
            false => Visibility::Public,
        },
        context_root: context.root(),
        output_root: output.root(),
        words: u32::try_from(output.words().len())?,
    };
    let published = Published {
        context,
        prompt,
        output,
    };
    let is_public = answer.visibility == Visibility::Public;
    archive.answered(answer, is_public.then_some(published))?;
    Ok(file.output)
}
