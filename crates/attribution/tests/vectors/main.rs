//! The committed test vectors are what this crate computes.
//!
//! With `OPENLEDGER_WRITE_VECTORS` set they are written instead. They change with the method, never with a refactoring.

mod demands;
mod epochs;
mod faults;
mod json;
mod leaves;
mod method;
mod shares;
mod sketches;
mod trees;
mod words;
#[path = "../world/mod.rs"]
mod world;
mod written;

use serde::Serialize;
use std::path::Path;

fn check(name: &str, vectors: &impl Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(name);
    let computed = json::text(vectors);
    if std::env::var_os("OPENLEDGER_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &computed).expect("the vectors are written");
    }
    let committed = std::fs::read_to_string(&path).expect("the vectors are committed");
    assert!(committed == computed, "{name} is not what is computed");
}

#[test]
fn words_are_as_committed() {
    check("words.json", &words::vectors());
}

#[test]
fn sketches_are_as_committed() {
    check("sketches.json", &sketches::vectors());
}

#[test]
fn shares_are_as_committed() {
    check("shares.json", &shares::vectors());
}

#[test]
fn trees_are_as_committed() {
    check("trees.json", &trees::vectors());
}

#[test]
fn leaves_are_as_committed() {
    check("leaves.json", &leaves::vectors());
}

#[test]
fn methods_are_as_committed() {
    check("method.json", &method::vectors());
}

#[test]
fn epochs_are_as_committed() {
    check("epochs.json", &epochs::vectors(&world::World::fixed()));
}

#[test]
fn faults_are_as_committed() {
    check("faults.json", &faults::vectors(&world::World::fixed()));
}

#[test]
fn demands_are_as_committed() {
    check("demands.json", &demands::vectors(&world::World::fixed()));
}
