//! A world to try the reward rule in: documents of which it is known who wrote each word, answers of which it is known where each word was
//! taken from, and the crate's own code between them. The only floats are in what is reported.

pub mod answers;
pub mod attacks;
pub mod containment;
pub mod generated;
pub mod library;
pub mod measures;
pub mod sources;
pub mod world;

pub use answers::{Output, Recipe};
pub use library::{Library, Work};
pub use world::World;

/// Clusters that a phrase stands in to be in the boilerplate list.
pub const BOILERPLATE_CLUSTERS: usize = 8;
