//! The contracts of the system as the node sees them: compiled code, ABIs, well-known addresses.
//!
//! The code comes from `contracts/artifacts`, which is committed: building the node needs no Solidity compiler.

pub mod addresses;
mod artifact;
mod bindings;
mod preinstalls;

pub use artifact::{Artifact, ImmutableReference, StorageVariable, artifacts};
pub use bindings::{
    IAdmission, IAnchorStateRegistry, IAttributionVerifier, IContributionFacts,
    IContributionRegistry, IContributorRegistry, IDatanetFacts, IDatanetPolicy, IDatanetRegistry,
    IDemandVerifier, IDisputeGameFactory, IERC721, IFeeRouter, IFeeVault, IGasPriceOracle,
    IL1Block, IL1CrossDomainMessenger, IL1StandardBridge, IL2CrossDomainMessenger,
    IL2StandardBridge, IL2ToL1MessagePasser, ILicenseRegistry, IModelFacts, IModelGate,
    IModelRegistry, IModelWeights, IOPEN, IOptimismMintableERC20Factory, IOptimismPortal,
    IPaidAnswers, IPayableAI, IPayoutVault, IPermissionedDisputeGame, IProxy, IProxyAdmin,
    ISettlement, ISuperchainConfig, ISystemConfig, ITestToken, ITimelockController,
    ITrainingAccumulator, ITrainingJobs, IWOPEN,
};
pub use preinstalls::{Permit2Immutables, Preinstall, permit2_code, preinstalls};
