//! Reading the operator's token.

use anyhow::{Context, Result, bail};
use openledger_rpc::Token;
use std::{fs::File, io::Read, os::unix::fs::PermissionsExt, path::Path};

/// Bytes that are read of the file at most.
const LONGEST: u64 = 4_096;

/// The token in a file: all of it but the white space around it.
///
/// Fails when the file can not be read, when anybody but its owner may read or write it, or when it holds no token.
pub(super) fn read(path: &Path) -> Result<Token> {
    let shown = path.display();
    let mut text = String::new();
    let mut open = || -> std::io::Result<(u32, bool)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() {
            file.take(LONGEST).read_to_string(&mut text)?;
        }
        Ok((metadata.permissions().mode() & 0o777, metadata.is_file()))
    };
    let (mode, is_file) =
        open().with_context(|| format!("the token's file {shown} can not be read"))?;
    if !is_file {
        bail!("the token's file {shown} is no file");
    }
    if mode & 0o077 != 0 {
        bail!(
            "the token's file {shown} has mode {mode:04o}, so that others may use it: chmod 0600"
        );
    }
    Token::new(text.trim()).with_context(|| format!("the token's file {shown} holds no token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn read_with(text: &str, mode: u32) -> Result<Token, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        read(&path).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_token_that_others_may_read_or_write_is_refused_with_the_mode() {
        let token = "0123456789abcdef";
        let expected = Token::new(token).unwrap();
        for mode in [0o600, 0o400, 0o700] {
            assert_eq!(read_with(&format!("{token}\n"), mode), Ok(expected.clone()));
        }
        for mode in [0o640, 0o604, 0o620, 0o660, 0o644] {
            let sentence = read_with(token, mode).unwrap_err();
            assert!(
                sentence.contains(&format!("{mode:04o}")) && sentence.contains("chmod 0600"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_named() {
        for (text, words) in [
            ("", "at least"),
            ("short\n", "at least"),
            ("two tokens on a line", "spaces"),
        ] {
            let sentence = read_with(text, 0o600).unwrap_err();
            assert!(
                sentence.contains(words) && sentence.contains("holds no token"),
                "{sentence}"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none")] {
            let sentence = format!("{:#}", read(&path).unwrap_err());
            assert!(sentence.contains(&path.display().to_string()), "{sentence}");
        }
    }
}
