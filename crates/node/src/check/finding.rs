//! What the doctor says.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, and may not for long, or not as safely as it could.
    Warning,
    /// It does not work.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub subject: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it; `None` where there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// The findings in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    pub(super) fn good(&mut self, subject: &'static str, found: impl Into<String>) {
        self.push(Level::Good, subject, found.into(), None);
    }

    pub(super) fn warning(
        &mut self,
        subject: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Level::Warning, subject, found.into(), Some(remedy.into()));
    }

    pub(super) fn error(
        &mut self,
        subject: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Level::Error, subject, found.into(), Some(remedy.into()));
    }

    fn push(&mut self, level: Level, subject: &'static str, found: String, remedy: Option<String>) {
        self.0.push(Finding {
            level,
            subject,
            found,
            remedy,
        });
    }
}
