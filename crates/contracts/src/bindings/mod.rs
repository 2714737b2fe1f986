//! Typed calls, events and errors of the contracts, by layer.
//!
//! They are declared here and not generated from the artifacts, so that the crate lists what the node relies on; a test
//! compares every selector and topic with the compiled ABIs.

mod economy;
mod l1;
mod l2;
mod settlement;
#[cfg(test)]
mod tests;
mod universal;

pub use economy::{
    IAdmission, IAttributionVerifier, IContributionFacts, IContributionRegistry,
    IContributorRegistry, IDatanetFacts, IDatanetPolicy, IDatanetRegistry, IDemandVerifier,
    IFeeRouter, ILicenseRegistry, IModelFacts, IModelGate, IModelRegistry, IModelWeights,
    IPaidAnswers, IPayableAI, IPayoutVault, ISettlement, ITrainingAccumulator, ITrainingJobs,
};
pub use l1::{IOPEN, IOptimismPortal, ISuperchainConfig, ISystemConfig, ITimelockController};
pub use l2::{
    IFeeVault, IGasPriceOracle, IL1Block, IL2CrossDomainMessenger, IL2StandardBridge,
    IL2ToL1MessagePasser, IWOPEN,
};
pub use settlement::{
    IAnchorStateRegistry, IDisputeGameFactory, IL1CrossDomainMessenger, IL1StandardBridge,
    IOptimismMintableERC20Factory, IPermissionedDisputeGame,
};
pub use universal::{IERC721, IProxy, IProxyAdmin, ITestToken};
