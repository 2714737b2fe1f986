//! Coverage and distance to the truth by noise, and what attacks get.

use crate::{
    ANSWERS, Tried,
    plot::{Chart, Mark},
    report::{Report, percent, table},
    simulation::{
        BOILERPLATE_CLUSTERS, Output, Recipe, World,
        attacks::{
            self, Scene,
            copies::copies,
            order::{echo, front_running, public_text},
            splits::{Cut, after_a_full_tile, quotes_apart, splits},
            stuffing::{poisoned_list, stuffing},
        },
        measures::Quality,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use std::error::Error;

/// Words of noise, in percent: those of the bars, and others for the plots.
const BARS: [u32; 4] = [0, 2, 5, 10];
const NOISE: [u32; 9] = [0, 1, 2, 3, 5, 7, 10, 15, 20];

/// Contributors whose documents are split.
const SPLITTERS: usize = 12;

pub fn write(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let head = [
        "text",
        "noise",
        "planted",
        "coverage",
        "boilerplate",
        "paid by text",
        "distance",
        "of sums",
        "naive distance",
        "naive, of sums",
    ];
    let mut charts = [Vec::new(), Vec::new()];
    let mut rows = Vec::new();
    for Tried { kind, scene } in tried {
        let measured = NOISE.map(|noise| (noise, measure(scene, Recipe::default(), noise)));
        for (noise, [found, naive]) in measured.iter().filter(|(noise, _)| BARS.contains(noise)) {
            rows.push(row(&kind.name, *noise, found, naive));
        }
        let line = |of: fn(&Quality) -> f64| {
            let points = measured
                .iter()
                .map(|(noise, [found, _])| (f64::from(*noise), of(found)));
            (kind.name.clone(), points.collect::<Vec<_>>())
        };
        charts[0].push(line(|found| found.coverage));
        charts[1].push(line(|found| found.distance));
    }
    report.put("quality", &table(&head, &rows))?;
    let short = Recipe {
        passage_words: 12..=60,
        ..Recipe::default()
    };
    let rows = tried.iter().flat_map(|Tried { kind, scene }| {
        BARS.map(|noise| {
            let [found, naive] = measure(scene, short.clone(), noise);
            row(&kind.name, noise, &found, &naive)
        })
    });
    report.put("short passages", &table(&head, &Vec::from_iter(rows)))?;
    let [coverage, distance] = charts;
    let x_ticks = vec![0.0, 2.0, 5.0, 10.0, 15.0, 20.0];
    let coverage = Chart {
        title: "Words of answers that were found",
        x: "words replaced by others, %",
        y: "coverage, of 1",
        x_ticks: x_ticks.clone(),
        y_ticks: vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        series: coverage,
        marks: Vec::new(),
    };
    report.plot("coverage", &coverage.svg())?;
    let distance = Chart {
        title: "Distance to the planted truth",
        x: "words replaced by others, %",
        y: "mean distance of an answer, of 1",
        x_ticks,
        y_ticks: vec![0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3],
        series: distance,
        marks: vec![(Mark::X(2.0), "2 %")],
    };
    report.plot("distance", &distance.svg())?;
    write_attacks(tried, report)?;
    write_splits(tried, report)
}

/// By the rule and by the naive one.
fn measure(scene: &Scene, recipe: Recipe, noise: u32) -> [Quality; 2] {
    let library = &scene.library;
    let mut rng = StdRng::seed_from_u64(2);
    let clean = recipe.answers(ANSWERS, &scene.own(), &library.chain, &mut rng);
    let noisy = clean
        .iter()
        .map(|output| output.with_noise(noise, &library.chain, &mut rng));
    let outputs: Vec<Output> = noisy.collect();
    let world = World::new(&library.works, Some(BOILERPLATE_CLUSTERS));
    let naive = world.attribute_naively(&Vec::from_iter(&library.works), &outputs);
    [world.attribute(&outputs), naive].map(|paid| Quality::of(&outputs, &paid))
}

fn row(kind: &str, noise: u32, found: &Quality, naive: &Quality) -> Vec<String> {
    let distances = [
        found.distance,
        found.distance_of_sums,
        naive.distance,
        naive.distance_of_sums,
    ];
    let mut row = vec![kind.to_owned(), format!("{noise} %")];
    let parts = [found.planted, found.coverage, found.boiler, found.text];
    row.extend(parts.map(|part| format!("{part:.3}")));
    row.extend(distances.map(|distance| format!("{distance:.3}")));
    row
}

fn write_attacks(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let tables = tried.iter().map(|Tried { scene, .. }| {
        let mut all = copies(scene);
        all.extend(front_running(scene));
        all.extend(echo(scene));
        all.extend(stuffing(scene));
        all.push(public_text(scene));
        (all, poisoned_list(scene))
    });
    let tables: Vec<(Vec<attacks::Tried>, attacks::Tried)> = tables.collect();
    let mut head = vec!["attack"];
    head.extend(tried.iter().map(|tried| tried.kind.name.as_str()));
    let count = tables.first().map_or(0, |(attacks, _)| attacks.len());
    let rows = (0..count).map(|at| {
        let mut row = vec![tables[0].0[at].attack.clone()];
        row.extend(tables.iter().map(|(attacks, _)| {
            let attack = &attacks[at];
            match attack.naive {
                Some(naive) => format!("{} ({})", percent(attack.with, 2), percent(naive, 1)),
                None => percent(attack.with, 2),
            }
        }));
        row
    });
    report.put("attacks", &table(&head, &Vec::from_iter(rows)))?;
    let rows = tried
        .iter()
        .zip(&tables)
        .map(|(Tried { kind, .. }, (_, poisoned))| {
            vec![
                kind.name.clone(),
                poisoned.attack.clone(),
                percent(poisoned.without, 2),
                percent(poisoned.with, 2),
            ]
        });
    let head = ["text", "attack", "the contributor's share before", "after"];
    report.put("poisoned list", &table(&head, &Vec::from_iter(rows)))
}

fn write_splits(tried: &[Tried], report: &mut Report) -> Result<(), Box<dyn Error>> {
    let cuts = [
        ("2 parts", Cut::Parts(2)),
        ("4 parts", Cut::Parts(4)),
        ("8 parts", Cut::Parts(8)),
        ("parts of 7 words", Cut::Crumbs),
    ];
    let mut rows = Vec::new();
    for Tried { kind, scene } in tried {
        let splits = cuts.map(|(name, cut)| (name, splits(scene, SPLITTERS, cut)));
        let limits = [
            ("quotes apart", quotes_apart(scene)),
            (
                "2 parts, one document of 71 words",
                after_a_full_tile(scene),
            ),
        ];
        for (name, split) in splits.into_iter().chain(limits) {
            rows.push(vec![
                kind.name.clone(),
                name.into(),
                split.contributors.to_string(),
                split.whole.to_string(),
                split.split.to_string(),
                format!("{:.3}", split.split as f64 / split.whole as f64),
                format!("{:.3}", split.highest),
            ]);
        }
    }
    let head = [
        "text",
        "documents in",
        "contributors",
        "whole, wei",
        "split, wei",
        "gain",
        "highest gain of one",
    ];
    report.put("splits", &table(&head, &rows))
}
