//! What the thresholds catch and what they let through.

use crate::{
    Tried,
    plot::{Chart, Mark},
    report::{Report, percent, table},
    simulation::{
        attacks::laundering::{Laundered, answers_registered, mixtures, paraphrases},
        containment::{Edited, Independent},
        generated,
    },
};
use openledger_attribution::sketch::{Band, DERIVATIVE_BPS, HELD_BPS, MAX_BPS};
use std::error::Error;

/// Documents of a kind that are compared with each other.
const COMPARED: usize = 3_000;

/// Every which word is changed.
const DEGREES: [usize; 11] = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 50];

const SOURCES: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 24];

/// Words of short documents, and the fewest of them that are worth a figure.
const LENGTHS: [usize; 7] = [8, 16, 32, 64, 128, 256, 512];
const FEWEST: usize = 100;

pub fn write(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    independent(tried, report)?;
    short(tried, report)?;
    edited(tried, report)?;
    look_alikes(tried, report)?;
    laundered(tried, report)
}

fn share(bps: u16) -> f64 {
    f64::from(bps) / f64::from(MAX_BPS)
}

fn thresholds(mark: fn(f64) -> Mark) -> Vec<(Mark, &'static str)> {
    vec![
        (mark(share(DERIVATIVE_BPS) * 100.0), "derivative"),
        (mark(share(HELD_BPS) * 100.0), "held"),
    ]
}

fn independent(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut rows = Vec::new();
    let mut series = Vec::new();
    for Tried { kind, .. } in tried {
        let found = Independent::of(&kind.documents(COMPARED));
        let quantiles = [0.5, 0.9, 0.99, 1.0].map(|part| percent(share(found.quantile(part)), 1));
        let mut row = vec![kind.name.clone(), found.highest.len().to_string()];
        row.extend(quantiles);
        row.extend([Band::Derivative, Band::Held].map(|band| percent(found.share(band), 2)));
        row.push(found.pairs.to_string());
        row.extend([found.touching, found.derivative, found.held].map(|pairs| pairs.to_string()));
        rows.push(row);
        // What part of the documents stands so much or more in another one.
        let above = |bps: u16| {
            found
                .highest
                .iter()
                .filter(|highest| **highest >= bps)
                .count()
        };
        let points = (0..=100).map(|point| {
            let part = above(point * (MAX_BPS / 100)) as f64 / found.highest.len() as f64;
            (f64::from(point), part * 100.0)
        });
        series.push((kind.name.clone(), points.skip(1).collect()));
    }
    let head = [
        "text",
        "documents",
        "highest containment, median",
        "90 %",
        "99 %",
        "of all",
        "derivative",
        "held",
        "pairs",
        "with a fingerprint in common",
        "at 0.15 to 0.40",
        "at 0.40 and above",
    ];
    report.put("independent", &table(&head, &rows))?;
    let chart = Chart {
        title: "Documents by different people that stand in an earlier one",
        x: "containment in the earlier document that holds most, %, at least",
        y: "documents, %",
        x_ticks: vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0],
        y_ticks: vec![0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0],
        series: clipped(series, 40.0),
        marks: thresholds(Mark::X),
    };
    report.plot("independent", &chart.svg())
}

/// Without the points above the chart.
fn clipped(series: Vec<(String, Vec<(f64, f64)>)>, most: f64) -> Vec<(String, Vec<(f64, f64)>)> {
    let inside = |points: Vec<(f64, f64)>| points.into_iter().filter(|(_, y)| *y <= most).collect();
    series
        .into_iter()
        .map(|(name, points)| (name, inside(points)))
        .collect()
}

fn short(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let rows = tried.iter().map(|Tried { kind, .. }| {
        let mut row = vec![kind.name.clone()];
        row.extend(LENGTHS.map(|len| {
            let documents = kind.documents_of(len, COMPARED);
            if documents.len() < FEWEST {
                return "too few".into();
            }
            let found = Independent::of(&documents);
            let [derivative, held] = [Band::Derivative, Band::Held].map(|band| found.share(band));
            format!("{} / {}", percent(derivative, 1), percent(held, 1))
        }));
        row
    });
    let heads = LENGTHS.map(|len| format!("{len} words"));
    let mut head = vec!["text"];
    head.extend(heads.iter().map(String::as_str));
    report.put("short documents", &table(&head, &Vec::from_iter(rows)))
}

fn edited(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut rows: Vec<Vec<String>> = Vec::from_iter(DEGREES.map(|n| vec![n.to_string()]));
    let mut series = Vec::new();
    for Tried { kind, scene } in tried {
        let own = scene.own();
        let of = |n| Edited::every_nth(&own, n, &scene.library.chain);
        let found = DEGREES.map(of);
        for (row, edited) in rows.iter_mut().zip(found) {
            row.push(range(&edited));
        }
        let points = DEGREES.iter().zip(found).filter(|(n, _)| **n <= 20);
        let points = points.map(|(n, edited)| (*n as f64, edited.mean * 100.0));
        series.push((kind.name.clone(), points.collect()));
    }
    let mut head = vec!["every which word is changed"];
    head.extend(tried.iter().map(|tried| tried.kind.name.as_str()));
    report.put("edited", &table(&head, &rows))?;
    let chart = Chart {
        title: "How much of an edited copy stands in what it was made of",
        x: "every which word is another",
        y: "containment, mean, %",
        x_ticks: vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0],
        y_ticks: vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0],
        series,
        marks: thresholds(Mark::Y),
    };
    report.plot("edited", &chart.svg())
}

fn range(edited: &Edited) -> String {
    format!(
        "{:.2} ({:.2} to {:.2})",
        edited.mean, edited.lowest, edited.highest
    )
}

/// Of generated text, whose words are known by their letters.
fn look_alikes(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let Some(Tried { scene, .. }) = tried.first() else {
        return Ok(());
    };
    let other = generated::look_alikes();
    let rows = DEGREES.map(|n| {
        let found = Edited::of(&scene.own(), |mut work| {
            for word in work.words.iter_mut().skip(n - 1).step_by(n) {
                *word = other[word];
            }
            work
        });
        vec![n.to_string(), range(&found)]
    });
    report.put(
        "look-alikes",
        &table(&["every which word", "containment"], &rows),
    )
}

fn laundered(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut tables = [Vec::new(), Vec::new()];
    let mut charts = [Vec::new(), Vec::new()];
    for Tried { kind, scene } in tried {
        let mut found = [paraphrases(scene, &DEGREES), mixtures(scene, &SOURCES)];
        for (chart, found) in charts.iter_mut().zip(&found) {
            let points = found
                .iter()
                .filter_map(|found| Some((found.degree?, found.of_laundered)));
            let points = points.filter(|(degree, _)| *degree <= 24);
            let points = points.map(|(degree, share)| (degree as f64, share * 100.0));
            chart.push((kind.name.clone(), points.collect()));
        }
        found[1].push(answers_registered(scene));
        for (columns, found) in tables.iter_mut().zip(found) {
            columns.push(found);
        }
    }
    let [paraphrased, mixed] = tables;
    report.put(
        "paraphrases",
        &columns(tried, "every which word", &paraphrased),
    )?;
    report.put("mixtures", &columns(tried, "sources", &mixed))?;
    let [paraphrases, mixtures] = charts;
    let y_ticks = vec![0.0, 20.0, 40.0, 60.0, 80.0, 100.0];
    let paraphrases = Chart {
        title: "What a paraphrase takes of answers that say it",
        x: "every which word is another",
        y: "the attacker's part of the pool, %",
        x_ticks: vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0],
        y_ticks: y_ticks.clone(),
        series: paraphrases,
        marks: Vec::new(),
    };
    report.plot("paraphrases", &paraphrases.svg())?;
    let mixtures = Chart {
        title: "What a mixture of sources takes of answers that say it",
        x: "sources of a document",
        y: "the attacker's part of the pool, %",
        x_ticks: vec![0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0],
        y_ticks,
        series: mixtures,
        marks: Vec::new(),
    };
    report.plot("mixtures", &mixtures.svg())
}

/// A row for each degree, a column for each kind of text.
fn columns(tried: &[Tried], degree: &str, columns: &[Vec<Laundered>]) -> String {
    let Some(first) = columns.first() else {
        return String::new();
    };
    let mut rows = Vec::new();
    for (at, found) in first.iter().enumerate() {
        let degree = found.degree.map(|degree| degree.to_string());
        let mut row = vec![degree.unwrap_or_else(|| "registered answers".into())];
        row.extend(columns.iter().filter_map(|column| column.get(at)).map(cell));
        rows.push(row);
    }
    let highest = |of: fn(&Laundered) -> f64, column: &[Laundered]| {
        percent(column.iter().map(of).fold(0.0, f64::max), 2)
    };
    let mut row = vec!["most of answers that say the originals".into()];
    row.extend(
        columns
            .iter()
            .map(|column| highest(|found| found.of_originals, column)),
    );
    rows.push(row);
    let mut head = vec![degree];
    head.extend(tried.iter().map(|tried| tried.kind.name.as_str()));
    table(&head, &rows)
}

/// What the attacker and everybody else get of answers that say the laundered text, and the documents by band.
fn cell(found: &Laundered) -> String {
    let bands = [found.original, found.derivative, found.held];
    let bands = bands.map(|part| format!("{:.0}", part * 100.0)).join("-");
    let [attacker, others] = [found.of_laundered, found.others].map(|part| percent(part, 1));
    format!("{attacker} / {others} ({bands})")
}
