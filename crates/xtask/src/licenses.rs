//! Whether every dependency may be shipped with a work under MIT OR Apache-2.0.

use anyhow::{Result, bail};

use crate::rust::dependencies;
use crate::spdx::satisfied;

/// Permissive licences: any dependency may have them.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Dependencies accepted one by one, with the licence that each may have.
///
/// MPL-2.0 is copyleft file by file: used unmodified from the registry, it asks nothing of our own files.
const EXCEPTIONS: &[(&str, &str)] = &[("imbl", "MPL-2.0+"), ("imbl-sized-chunks", "MPL-2.0+")];

/// Checks the licence of every dependency that the workspace builds.
///
/// # Errors
/// Names each dependency whose licence is not accepted.
pub fn check() -> Result<()> {
    eprintln!("── licences");
    let dependencies = dependencies()?;
    let refused: Vec<String> = dependencies
        .iter()
        .filter_map(|(package, licence)| {
            refusal(package, licence).map(|reason| format!("  {package}: {reason}"))
        })
        .collect();
    if !refused.is_empty() {
        bail!(
            "licences that are not accepted (the lists are in crates/xtask/src/licenses.rs):\n{}",
            refused.join("\n")
        );
    }
    eprintln!("   {} packages", dependencies.len());
    Ok(())
}

/// Why a dependency is not accepted, if it is not.
fn refusal(package: &str, licence: &str) -> Option<String> {
    let name = package.split(' ').next().unwrap_or(package);
    let excepted = |id: &str| EXCEPTIONS.contains(&(name, id));
    match satisfied(licence, &|id| ACCEPTED.contains(&id) || excepted(id)) {
        Ok(true) => None,
        Ok(false) => Some(licence.to_owned()),
        Err(reason) => Some(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn an_exception_holds_for_its_own_package_only() {
        assert_eq!(refusal("imbl 7.0.2", "MPL-2.0+"), None);
        assert_eq!(
            refusal("other 1.0.0", "MPL-2.0+"),
            Some("MPL-2.0+".to_owned())
        );
    }

    #[test]
    fn a_package_without_a_licence_is_refused() {
        assert!(refusal("nameless 1.0.0", "").is_some());
    }
}
