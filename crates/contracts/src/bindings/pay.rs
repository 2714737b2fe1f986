//! The contracts of the economy.

use alloy_sol_types::sol;

sol! {
    /// What the verifier of attribution asks of the contract that takes payments.
    #[derive(Debug, PartialEq, Eq)]
    interface IPaidAnswers {
        function paidOf(uint64 i) external view returns (bytes32 hash_);
        function publishedAt(uint64 i) external view returns (uint64 timestamp_);
    }

    /// What it asks of the register of models.
    #[derive(Debug, PartialEq, Eq)]
    interface IModelFacts {
        struct SplitTable { uint16 licensor; uint16 tuner; uint16 compute; uint16 stakers; uint16 data; }
        struct Terms { uint16 platformBps; uint16 retrievalBps; SplitTable split; }
        function termsOf(uint64 modelVersion) external view returns (Terms memory terms_);
        function corpusRootOf(uint64 modelVersion) external view returns (bytes32 root_);
        function boilerplateRootOf(uint64 modelVersion) external view returns (bytes32 root_);
    }

    /// What it asks of the register of Datanets.
    #[derive(Debug, PartialEq, Eq)]
    interface IDatanetFacts {
        function versionRootOf(uint64 datanet, uint32 version) external view returns (bytes32 root_);
    }

    /// Says whether a proof shows a fault of an epoch.
    #[derive(Debug, PartialEq, Eq)]
    interface IAttributionVerifier {
        struct Epoch {
            uint64 first;
            uint64 end;
            uint64 cutAt;
            uint64 contributors;
            bytes32 payoutsBefore;
            bytes32 answersRoot;
            bytes32 modelsRoot;
            bytes32 payoutRoot;
        }
        error AttributionVerifier_Kind();
        error AttributionVerifier_Encoding();
        error AttributionVerifier_NotShown();
        error AttributionVerifier_Other();
        error AttributionVerifier_NoFault();
        function verify(Epoch calldata epoch, bytes calldata proof) external view returns (uint8 fault_);
    }

    /// Says whether something of an epoch can be demanded, and whether a response shows it.
    #[derive(Debug, PartialEq, Eq)]
    interface IDemandVerifier {
        enum What { ANSWER, TILE, SOURCE, CHUNK, PHRASE, MODEL, GIFT, PAYOUT, EARNING }
        struct Demand {
            What what;
            uint64 a;
            uint64 b;
            uint64 c;
        }
        error DemandVerifier_Range();
        function check(IAttributionVerifier.Epoch calldata epoch, Demand calldata demand) external view;
        function verify(
            IAttributionVerifier.Epoch calldata epoch,
            Demand calldata demand,
            bytes calldata response
        ) external view;
    }
}
