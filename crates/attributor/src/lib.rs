//! What the chain says of contributions, models, payments and settlements, followed from its events, and what comes of it by the rules of
//! `docs/attribution-method.md`: the epoch of each range, as it is posted; the payouts of contributors, as they are claimed; what is wrong with
//! somebody else's epoch; and what answers a demand.
//!
//! Nothing here talks to a chain or keeps a key: logs go in, in the chain's order, and calls come out.

mod content;
mod contributions;
mod follower;
mod payments;
mod settlement;

pub use content::{ContentError, File, content, files};
pub use contributions::Contributions;
pub use follower::{FollowError, Follower};
pub use payments::{Payments, chunks};
pub use settlement::{Claim, Right, SettleError};
