//! Typed calls, events and errors of the contracts, by layer.
//!
//! They are declared here and not generated from the artifacts, so that the crate lists what the node relies on; a test
//! compares every selector and topic with the compiled ABIs.

mod l1;
mod l2;
mod pay;
mod settlement;
#[cfg(test)]
mod tests;
mod universal;

pub use l1::{IOPEN, IOptimismPortal, ISuperchainConfig, ISystemConfig, ITimelockController};
pub use l2::{
    IFeeVault, IGasPriceOracle, IL1Block, IL2CrossDomainMessenger, IL2StandardBridge,
    IL2ToL1MessagePasser, IWOPEN,
};
pub use pay::{IAttributionVerifier, IDatanetFacts, IModelFacts, IPaidAnswers};
pub use settlement::{
    IAnchorStateRegistry, IDisputeGameFactory, IL1CrossDomainMessenger, IL1StandardBridge,
    IOptimismMintableERC20Factory, IPermissionedDisputeGame,
};
pub use universal::{IProxy, IProxyAdmin, ITestToken};
