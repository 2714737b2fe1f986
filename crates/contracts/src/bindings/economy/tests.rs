//! The declarations against the compiled ABIs: the same functions with the same results, the same events with the same
//! indexed parameters, the same errors and constructors.

use super::*;
use crate::{IERC721, artifacts, bindings::tests::types};
use serde_json::Value;
use std::collections::BTreeSet;

type Signatures = BTreeSet<String>;

/// The ABI of some interfaces together, or of an artifact.
#[derive(Default)]
struct Abi {
    functions: Signatures,
    events: Signatures,
    errors: Signatures,
    constructor: Option<String>,
}

impl Abi {
    fn of_artifact(contract: &str) -> Self {
        let (_, json) = artifacts::JSON
            .iter()
            .find(|(name, _)| *name == contract)
            .expect("an artifact");
        let artifact: Value = serde_json::from_str(json).expect("valid JSON");
        let mut abi = Self::default();
        for entry in artifact["abi"].as_array().expect("an ABI") {
            let inputs = types(&entry["inputs"]);
            let signature = format!("{}{inputs}", entry["name"].as_str().unwrap_or_default());
            match entry["type"].as_str().expect("a type") {
                "function" => {
                    let outputs = types(&entry["outputs"]);
                    abi.functions.insert(signature + &outputs);
                }
                "event" => {
                    let indexed = entry["inputs"].as_array().expect("parameters").iter();
                    let indexed = indexed.map(|input| input["indexed"] == true);
                    abi.events.insert(with_indexed(signature, indexed));
                }
                "error" => {
                    abi.errors.insert(signature);
                }
                "constructor" => abi.constructor = Some(inputs),
                _ => {}
            }
        }
        abi
    }
}

fn with_indexed(signature: String, indexed: impl Iterator<Item = bool>) -> String {
    let marks: String = indexed.map(|is| if is { '!' } else { '.' }).collect();
    signature + &marks
}

/// The ABI of these interfaces together.
macro_rules! declared {
    ($($interface:ident),*) => {{
        let mut abi = Abi::default();
        $(
            abi.functions.extend(
                $interface::abi::functions().into_values().flatten()
                    .map(|function| function.signature_with_outputs()),
            );
            abi.events.extend($interface::abi::events().into_values().flatten().map(|event| {
                with_indexed(event.signature(), event.inputs.iter().map(|input| input.indexed))
            }));
            abi.errors.extend(
                $interface::abi::errors().into_values().flatten().map(|error| error.signature()),
            );
            if let Some(constructor) = $interface::abi::constructor() {
                let inputs: Vec<_> = constructor
                    .inputs
                    .iter()
                    .map(|input| input.selector_type().into_owned())
                    .collect();
                abi.constructor = Some(format!("({})", inputs.join(",")));
            }
        )*
        abi
    }};
}

/// Whether a contract is what was declared. Errors of the libraries inside it are left out.
fn check(contract: &str, declared: &Abi) {
    let compiled = Abi::of_artifact(contract);
    assert_eq!(compiled.functions, declared.functions, "{contract}");
    assert_eq!(compiled.events, declared.events, "{contract}");
    let own = |error: &&String| error.starts_with(&format!("{contract}_"));
    let own: Signatures = compiled.errors.iter().filter(own).cloned().collect();
    assert!(own.is_subset(&declared.errors), "{contract}: {own:?}");
    assert!(
        declared.errors.is_subset(&compiled.errors),
        "{contract}: {:?}",
        declared.errors
    );
    assert_eq!(compiled.constructor, declared.constructor, "{contract}");
}

#[test]
fn registers_are_what_was_compiled() {
    check("ContributorRegistry", &declared!(IContributorRegistry));
    check("LicenseRegistry", &declared!(ILicenseRegistry));
    check(
        "ContributionRegistry",
        &declared!(IContributionRegistry, IContributionFacts),
    );
    check("Admission", &declared!(IAdmission));
    check(
        "DatanetRegistry",
        &declared!(IDatanetRegistry, IDatanetPolicy, IDatanetFacts, IERC721),
    );
    check(
        "ModelRegistry",
        &declared!(
            IModelRegistry,
            IModelFacts,
            IModelGate,
            IModelWeights,
            IERC721
        ),
    );
}

#[test]
fn payments_are_what_was_compiled() {
    check("PayableAI", &declared!(IPayableAI, IPaidAnswers));
    check("FeeRouter", &declared!(IFeeRouter));
}

#[test]
fn the_settlement_is_what_was_compiled() {
    check("Settlement", &declared!(ISettlement));
    check("PayoutVault", &declared!(IPayoutVault));
    check("TrainingAccumulator", &declared!(ITrainingAccumulator));
}

/// Each judges by the same call, and has getters of its own.
#[test]
fn verifiers_answer_to_what_was_declared() {
    let faults = declared!(IAttributionVerifier);
    let demands = declared!(IDemandVerifier);
    for (verifier, declared) in [
        ("AttributionVerifier", &faults),
        ("EpochVerifier", &faults),
        ("TilingVerifier", &faults),
        ("DemandVerifier", &demands),
    ] {
        let compiled = Abi::of_artifact(verifier);
        assert!(
            compiled.functions.is_superset(&declared.functions),
            "{verifier}"
        );
        assert!(compiled.errors.is_superset(&declared.errors), "{verifier}");
    }
}

/// Every event of the contracts is in the table of the economy's page, and the table has no other.
#[test]
fn the_page_lists_every_event() {
    let page = include_str!("../../../../../docs/economy.md");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split("` | `");
        Some((
            cells.next()?.to_owned(),
            cells.next()?.split('`').next()?.to_owned(),
        ))
    });
    // Those of standards are the standards'.
    let standard = [
        "Transfer",
        "Approval",
        "ApprovalForAll",
        "EIP712DomainChanged",
    ];
    let mut expected = BTreeSet::new();
    for contract in [
        "Admission",
        "ContributionRegistry",
        "ContributorRegistry",
        "DatanetRegistry",
        "FeeRouter",
        "LicenseRegistry",
        "ModelRegistry",
        "PayableAI",
        "PayoutVault",
        "Settlement",
        "TrainingAccumulator",
        "TrainingJobs",
    ] {
        for event in Abi::of_artifact(contract).events {
            let name = event.split('(').next().expect("a name").to_owned();
            if !standard.contains(&name.as_str()) {
                expected.insert((contract.to_owned(), name));
            }
        }
    }
    let listed: BTreeSet<_> = rows
        .filter(|(contract, _)| !contract.starts_with("00"))
        .collect();
    assert_eq!(listed, expected);
}
