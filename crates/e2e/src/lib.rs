//! Stories told against whole nodes and a real L1, by the clients that users run (`clients/`).
//!
//! This library is the harness: it starts the real programs, speaks to them over their real ports, and ends them. It knows
//! nothing of the node's insides; of the project's crates it uses those that people outside of the node use, too.

mod acknowledged;
mod anvil;
mod bridge;
mod economy;
mod exit;
mod front;
mod heads;
pub mod life;
mod load;
mod node;
mod process;
mod programs;
mod rpc;
mod socket;
mod story;
mod verifier;
mod wait;
mod wallet;

pub use acknowledged::{Acknowledged, Ledger};
pub use anvil::Anvil;
pub use bridge::{BATCHER, Bridge, Deposit, IL1Contracts, OWNER, Posted, deposited};
pub use economy::{Economy, Receipt};
pub use exit::{
    CHALLENGER, CHALLENGER_WINS, DEFENDER_WINS, Forgery, IExit, OnChainGame, PROPOSER, revert_of,
    waiting,
};
pub use front::{Front, Mode, Turns};
pub use heads::Heads;
pub use load::{Load, WORKERS};
pub use node::{Deployment, Exit, Node, NodeOptions};
pub use process::{Process, raise_file_limit};
pub use programs::{anvil_binary, clients_folder, judge_binary, node_binary, python};
pub use rpc::{CallError, Rpc, address_of, hash_of, quantity};
pub use socket::{Feed, Subscription};
pub use story::{tell, tell_with};
pub use verifier::Verifier;
pub use wait::{DEADLINE, until};
pub use wallet::{Account, Call, MAX_FEE, TxForm, WOPEN, deposit_call, transfer_call};
