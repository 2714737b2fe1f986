//! Finding tests, running each, and comparing the failures with those that are known.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
struct Exceptions {
    exceptions: Vec<Exception>,
}

/// Tests that fail for one reason.
#[derive(Deserialize)]
struct Exception {
    reason: String,
    tests: Vec<String>,
}

/// The tests below one folder.
pub struct Suite;

impl Suite {
    /// Runs `check` on every test below `folder`. It gets the folder that the test's file is in, and the test.
    pub fn run(folder: &str, check: fn(&str, &Value) -> Result<(), String>) {
        let Some(root) = std::env::var_os("OPENLEDGER_TESTDATA") else {
            eprintln!("OPENLEDGER_TESTDATA is not set: {folder} is not tested");
            return;
        };
        let root = PathBuf::from(root).join("ethereum");
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files);
        assert!(!files.is_empty(), "OPENLEDGER_TESTDATA has no {folder}");
        files.sort();

        let mut known = known(folder);
        let mut unexpected = Vec::new();
        let mut passed = 0;
        for file in files {
            let place = file
                .strip_prefix(&root)
                .expect("it was found below")
                .display()
                .to_string();
            let text =
                std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{place}: {error}"));
            let tests: Map<String, Value> =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{place}: {error}"));
            for (name, test) in tests {
                let result = catch_unwind(AssertUnwindSafe(|| check(&place, &test)))
                    .unwrap_or_else(|_| Err("it panics".into()));
                let id = format!("{place}::{name}");
                match (result, known.remove(&id)) {
                    (Ok(()), None) => passed += 1,
                    (Err(_), Some(_)) => {}
                    (Ok(()), Some(reason)) => {
                        unexpected
                            .push(format!("{id}: passes, but is listed as failing ({reason})"));
                    }
                    (Err(error), None) => unexpected.push(format!("{id}: {error}")),
                }
            }
        }
        unexpected.extend(
            known
                .into_keys()
                .map(|id| format!("{id}: listed as failing, but does not exist")),
        );
        assert!(
            unexpected.is_empty(),
            "{passed} pass, {} do not:\n{}",
            unexpected.len(),
            unexpected.join("\n")
        );
        eprintln!("{folder}: {passed} pass");
    }
}

fn known(folder: &str) -> BTreeMap<String, String> {
    let list: Exceptions =
        serde_json::from_str(include_str!("exceptions.json")).expect("exceptions.json");
    list.exceptions
        .into_iter()
        .flat_map(|entry| {
            entry
                .tests
                .into_iter()
                .map(move |test| (test, entry.reason.clone()))
        })
        .filter(|(test, _)| test.starts_with(&format!("{folder}/")))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
}
