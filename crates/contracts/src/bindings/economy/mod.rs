//! The contracts of the economy, whole: every function, event and error of their interfaces, and the getters of what their
//! constructors fix. Files as the folders of `contracts/interfaces`, with what is settled apart from what is paid.

mod datanet;
#[expect(
    clippy::too_many_arguments,
    reason = "an event is made from as many values as it has"
)]
mod model;
mod pay;
mod settlement;
#[cfg(test)]
mod tests;

pub use datanet::{
    IAdmission, IContributionFacts, IContributionRegistry, IContributorRegistry, IDatanetFacts,
    IDatanetPolicy, IDatanetRegistry, ILicenseRegistry,
};
pub use model::{IModelFacts, IModelGate, IModelRegistry, IModelWeights, ITrainingJobs};
pub use pay::{IFeeRouter, IPaidAnswers, IPayableAI};
pub use settlement::{
    IAttributionVerifier, IDemandVerifier, IPayoutVault, ISettlement, ITrainingAccumulator,
};
