//! An independent judge of the rollup.
//!
//! The node has its own protocol, derivation and batcher crates, written from one reading of the specification; tests
//! between them cannot show that this reading is right. The judge can: it runs kona's derivation pipeline, which other
//! people wrote, over the L1 to which our batcher posted, and compares every block that kona derives with the block of
//! our L2. It depends on none of our crates.
//!
//! kona 0.4.5 reads chains up to Isthmus over an L1 up to Prague, and stops at a malformed deposit or configuration
//! update where the protocol says to skip it. See the README for what follows from this.

mod beacon;
mod cli;
mod compare;
mod derive;
mod error;
mod judged;
mod l1;
mod l2;
mod paced;
mod recent;
mod rollup_config;
mod rpc;
mod size;

pub use beacon::Beacon;
pub use cli::run;
pub use compare::{Difference, compare};
pub use derive::{Verdict, judge};
pub use error::{ConfigError, JudgeError, SourceError};
pub use judged::JudgedChain;
pub use l1::L1;
pub use l2::{L2, L2Block};
pub use rollup_config::parse_rollup_config;
pub use rpc::JsonRpc;
pub use size::{BlockList, ListedBlock, Sizes, measure};
