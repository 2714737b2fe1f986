//! The public trie tests of Ethereum, run through the trie itself.
//!
//! The "secure" files hash their keys as the state does. The others have keys of several lengths,
//! of which some are prefixes of others; no key of the state is, so this trie has no place for
//! them. Those files check the oracle that the random histories are compared with.

use crate::{
    BranchRecord, TrieError,
    node::{Change, LeafValue},
    source::Source,
    trie::Trie,
};
use alloy_primitives::{B256, hex, keccak256};
use eth_trie::{EthTrie, MemoryDB, Trie as _};
use nybbles::Nibbles;
use serde_json::Value;
use std::{collections::BTreeMap, convert::Infallible, path::PathBuf, sync::Arc};

impl LeafValue for Vec<u8> {
    type Hint = ();

    fn complete(&mut self, _: Option<&Self>, (): ()) -> bool {
        true
    }

    fn write_rlp(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

/// A database with nothing in it.
struct Nothing;

impl Source for Nothing {
    type Value = Vec<u8>;
    type Error = Infallible;

    fn branch(&self, _: &Nibbles) -> Result<Option<BranchRecord>, TrieError<Infallible>> {
        Ok(None)
    }

    fn first_leaf(&self, _: &Nibbles) -> Result<Option<(B256, Vec<u8>)>, TrieError<Infallible>> {
        Ok(None)
    }

    fn inconsistent(&self, path: Nibbles) -> TrieError<Infallible> {
        TrieError::Inconsistent {
            hashed_address: None,
            path,
        }
    }
}

type Step = (Vec<u8>, Option<Vec<u8>>);

struct Case {
    name: String,
    steps: Vec<Step>,
    /// Whether the order of the steps matters.
    ordered: bool,
    root: B256,
}

fn bytes(text: &str) -> Vec<u8> {
    match text.strip_prefix("0x") {
        Some(digits) => hex::decode(digits).expect("hex digits"),
        None => text.as_bytes().to_vec(),
    }
}

/// The cases of a file; none, said aloud, when the data is not on this machine.
fn cases(file: &str) -> Vec<Case> {
    let Some(folder) = std::env::var_os("OPENLEDGER_TESTDATA") else {
        eprintln!("OPENLEDGER_TESTDATA is not set: TrieTests/{file} is not tested");
        return Vec::new();
    };
    let path = PathBuf::from(folder).join("ethereum/TrieTests").join(file);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let all: BTreeMap<String, Value> = serde_json::from_str(&text).expect("a map of cases");
    let text = |value: &Value| bytes(value.as_str().expect("a string"));
    let value = |value: &Value| (!value.is_null()).then(|| text(value));
    all.into_iter()
        .map(|(name, case)| {
            let (steps, ordered) = match &case["in"] {
                Value::Object(map) => (
                    map.iter().map(|(k, v)| (bytes(k), value(v))).collect(),
                    false,
                ),
                Value::Array(list) => (
                    list.iter()
                        .map(|step| (text(&step[0]), value(&step[1])))
                        .collect(),
                    true,
                ),
                other => panic!("unknown form of input: {other}"),
            };
            let root = B256::from_slice(&text(&case["root"]));
            Case {
                name: format!("{file}: {name}"),
                steps,
                ordered,
                root,
            }
        })
        .collect()
}

fn change(step: &Step) -> Change<Vec<u8>> {
    Change {
        key: keccak256(&step.0),
        value: step.1.clone(),
        hint: (),
    }
}

fn one_by_one<'a>(steps: impl Iterator<Item = &'a Step>) -> B256 {
    let mut trie = Trie::empty(0);
    for (block, step) in (1..).zip(steps) {
        trie.update(&Nothing, block, &mut [change(step)])
            .expect("no reader fails");
    }
    trie.root()
}

#[test]
fn public_tests_with_hashed_keys_give_their_roots() {
    for file in [
        "trietest_secureTrie.json",
        "trieanyorder_secureTrie.json",
        "hex_encoded_securetrie_test.json",
    ] {
        for case in cases(file) {
            assert_eq!(one_by_one(case.steps.iter()), case.root, "{}", case.name);
            if !case.ordered {
                assert_eq!(
                    one_by_one(case.steps.iter().rev()),
                    case.root,
                    "{}",
                    case.name
                );
            }
            let last: BTreeMap<_, _> = case
                .steps
                .iter()
                .map(|step| (keccak256(&step.0), change(step)))
                .collect();
            let mut changes: Vec<_> = last.into_values().collect();
            let mut trie = Trie::empty(0);
            trie.update(&Nothing, 1, &mut changes)
                .expect("no reader fails");
            assert_eq!(trie.root(), case.root, "{} at once", case.name);
        }
    }
}

#[test]
fn public_tests_with_plain_keys_hold_for_the_oracle() {
    for file in ["trietest.json", "trieanyorder.json"] {
        for case in cases(file) {
            let mut trie = EthTrie::new(Arc::new(MemoryDB::new(true)));
            for (key, value) in &case.steps {
                match value {
                    Some(value) => trie.insert(key, value).expect("inserted"),
                    None => drop(trie.remove(key).expect("removed")),
                }
            }
            assert_eq!(
                trie.root_hash().expect("a root"),
                case.root,
                "{}",
                case.name
            );
        }
    }
}
