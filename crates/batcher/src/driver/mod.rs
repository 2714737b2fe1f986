//! From observations to transactions on the L1.

mod core;
mod handle;
mod post;
mod price;
mod run;

pub use self::core::{Action, Core, CoreStatus, DerivationStatus, Start};
pub use handle::{Batcher, BatcherError, BatcherInputs};
pub use post::{Payload, Post, PostEvent, Posts};
pub use price::{DaMode, L1Conditions};
