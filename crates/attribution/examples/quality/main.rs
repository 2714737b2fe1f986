//! Writes the tables and plots of `docs/attribution-quality.md`: the reward rule, tried on generated text and on files of real ones.
//!
//!     python3 benches/attribution/quality_texts.py FOLDER
//!     cargo run --release -p openledger-attribution --example quality -- docs/attribution-quality.md FOLDER/{novel,speeches,documentation,source}.jsonl

mod limits;
mod plot;
mod quality;
mod report;
mod simulation;
mod texts;

use report::{Report, table};
use simulation::attacks::Scene;
use std::{env, error::Error, path::Path};
use texts::Kind;

/// Documents and answers of a scene; as many documents as the thresholds come from.
const DOCUMENTS: usize = 597;
const ANSWERS: usize = 200;

/// A kind of text and what is tried in it.
struct Tried {
    kind: Kind,
    scene: Scene,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let document = arguments
        .next()
        .ok_or("usage: quality DOCUMENT TEXTS.jsonl...")?;
    let mut report = Report::open(Path::new(&document))?;
    let mut kinds = vec![Kind::generated()];
    for path in arguments {
        kinds.push(Kind::read(Path::new(&path))?);
    }
    let tried = kinds.into_iter().map(|kind| Tried {
        scene: Scene::new(kind.documents(DOCUMENTS), ANSWERS, 1),
        kind,
    });
    let tried = Vec::from_iter(tried);
    report.put("texts", &texts(&tried))?;
    quality::write(&tried, &mut report)?;
    limits::write(&tried, &mut report)?;
    report.save()
}

fn texts(tried: &[Tried]) -> String {
    let rows = tried.iter().map(|Tried { kind, scene }| {
        let own = scene.library.own.len();
        vec![
            kind.name.clone(),
            kind.texts().to_string(),
            kind.words().to_string(),
            own.to_string(),
            scene.library.contributors.to_string(),
            (scene.library.works.len() - own).to_string(),
        ]
    });
    let head = [
        "kind",
        "texts",
        "words",
        "documents used",
        "by contributors",
        "copies added",
    ];
    table(&head, &Vec::from_iter(rows))
}
