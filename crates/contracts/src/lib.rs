//! The contracts of the system as the node sees them: compiled code, ABIs, well-known addresses.
//!
//! The code comes from `contracts/artifacts`, which is committed: building the node needs no Solidity compiler.

pub mod addresses;
mod artifact;
mod bindings;
mod preinstalls;

pub use artifact::{Artifact, ImmutableReference, StorageVariable, artifacts};
pub use bindings::{
    IAnchorStateRegistry, IAttributionVerifier, IDatanetFacts, IDisputeGameFactory, IFeeVault,
    IGasPriceOracle, IL1Block, IL1CrossDomainMessenger, IL1StandardBridge, IL2CrossDomainMessenger,
    IL2StandardBridge, IL2ToL1MessagePasser, IModelFacts, IOPEN, IOptimismMintableERC20Factory,
    IOptimismPortal, IPaidAnswers, IPermissionedDisputeGame, IProxy, IProxyAdmin,
    ISuperchainConfig, ISystemConfig, ITestToken, ITimelockController, IWOPEN,
};
pub use preinstalls::{Permit2Immutables, Preinstall, permit2_code, preinstalls};
