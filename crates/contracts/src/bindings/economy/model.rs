//! The register of models, what other contracts ask of it, and jobs of training.

use alloy_sol_types::sol;

sol! {
    /// What the verifier of attribution asks of the register of models.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IModelFacts {
        struct SplitTable {
            uint16 licensor;
            uint16 tuner;
            uint16 compute;
            uint16 stakers;
            uint16 data;
        }
        struct Terms {
            uint16 platformBps;
            uint16 retrievalBps;
            IModelFacts.SplitTable split;
        }
        function termsOf(uint64 modelVersion) external view returns (Terms memory terms);
        function corpusRootOf(uint64 modelVersion) external view returns (bytes32 root);
        function boilerplateRootOf(uint64 modelVersion) external view returns (bytes32 root);
    }

    /// What the contract that takes payments asks of it.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IModelGate {
        function gateOf(uint64 modelVersion) external view returns (bool isActive, uint64 activeFrom, address gateway, address settlement, IModelFacts.Terms memory terms);
        function ownerOfVersion(uint64 modelVersion) external view returns (address owner);
    }

    /// What the accumulator of training weights asks of it.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IModelWeights {
        function weightsOf(uint64 modelVersion) external view returns (bytes32 root, uint128 total, bool declared);
    }

    /// Models, each an ERC-721 token ([`IERC721`](crate::IERC721)), and their versions.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IModelRegistry {
        enum Kind { BASE, ADAPTER, MERGE }
        struct DatanetVersion {
            uint64 datanet;
            uint32 version;
        }
        struct Payees {
            address licensor;
            address tuner;
            address compute;
            address stakers;
        }
        struct Publication {
            Kind kind;
            uint64[] parents;
            DatanetVersion[] corpus;
            bytes32 contentHash;
            bytes32 boilerplateRoot;
            bytes weightRow;
            bytes weightProof;
            bool declared;
            IModelFacts.Terms terms;
            Payees payees;
            address gateway;
            address settlement;
        }
        struct Record {
            uint64 model;
            Kind kind;
            uint8 depth;
            bool declared;
            bool isRetired;
            uint64 activeFrom;
            uint64 retiredAt;
            bytes32 contentHash;
            bytes32 corpusRoot;
            bytes32 boilerplateRoot;
            bytes32 weightsRoot;
            uint128 weightsTotal;
            uint128 bond;
            address publisher;
            address settlement;
        }
        constructor(address datanets, address licences, uint64 notice, uint64 bondTime, uint128 bond);
        event ModelCreated(uint64 indexed model, address indexed owner, string name);
        event VersionPublished(uint64 indexed modelVersion, uint64 indexed model, address indexed publisher, Record record, Publication publication);
        event PhrasesShown(uint64 indexed modelVersion, bytes phrases);
        event GatewayChanged(uint64 indexed modelVersion, address indexed gateway);
        event VersionRetired(uint64 indexed modelVersion);
        event BondReturned(uint64 indexed modelVersion, address indexed to, uint256 amount);
        error ModelRegistry_Unknown(uint64 id);
        error ModelRegistry_NotOwner();
        error ModelRegistry_Lineage();
        error ModelRegistry_Corpus(uint64 datanet);
        error ModelRegistry_Terms();
        error ModelRegistry_Invalid();
        error ModelRegistry_Bond(uint256 expected, uint256 found);
        error ModelRegistry_TooEarly(uint64 from);
        error ModelRegistry_TooLate(uint64 until);
        error ModelRegistry_OtherPhrases();
        function create(string calldata name) external returns (uint64 model);
        function publish(uint64 model, Publication calldata publication) external payable returns (uint64 modelVersion);
        function showPhrases(uint64 modelVersion, bytes calldata phrases) external;
        function setGateway(uint64 modelVersion, address gateway) external;
        function retire(uint64 modelVersion) external;
        function returnBond(uint64 modelVersion) external;
        function termsOfOL2025() external pure returns (IModelFacts.Terms memory terms);
        function versions() external view returns (uint64 versions);
        function isActive(uint64 modelVersion) external view returns (bool isActive);
        function recordOf(uint64 modelVersion) external view returns (Record memory record);
        function corpusOf(uint64 modelVersion) external view returns (DatanetVersion[] memory corpus);
        function parentsOf(uint64 modelVersion) external view returns (uint64[] memory parents);
        function licensorsOf(uint64 modelVersion) external view returns (address[] memory licensors);
        function payeesOf(uint64 modelVersion) external view returns (Payees memory payees);
        function gatewayOf(uint64 modelVersion) external view returns (address gateway);
        function MOST_CORPUS() external view returns (uint256);
        function MOST_LICENSORS() external view returns (uint256);
        function MOST_DEPTH() external view returns (uint8);
        function MOST_PLATFORM_BPS() external view returns (uint16);
        function LEAST_DATA_BPS() external view returns (uint16);
        function MOST_UPSTREAM_BPS() external view returns (uint16);
        function MOST_WEIGHT() external view returns (uint128);
        function DATANETS() external view returns (address);
        function LICENCES() external view returns (address);
        function NOTICE() external view returns (uint64);
        function BOND_TIME() external view returns (uint64);
        function BOND() external view returns (uint128);
        function MOST_PARENTS() external view returns (uint256);
        function MOST_RETRIEVAL_BPS() external view returns (uint16);
        function models() external view returns (uint64);
    }

    /// Escrow of what training a model is paid. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface ITrainingJobs {
        enum Status { OPEN, FUNDED, SUBMITTED, COMPLETED, REJECTED, EXPIRED }
        struct Split {
            uint16 data;
            uint16 compute;
            uint16 tuner;
        }
        struct Job {
            address provider;
            address compute;
            address evaluator;
            IModelRegistry.DatanetVersion[] datanets;
            uint64 base;
            Split split;
            uint64 deadline;
            uint32 reviewTime;
        }
        struct Receipt {
            uint64 modelVersion;
            bytes32 contentHash;
            address compute;
            uint64 evalBefore;
            uint64 evalAfter;
            IModelRegistry.DatanetVersion[] datanets;
        }
        struct Record {
            address client;
            uint64 deadline;
            uint32 reviewTime;
            address provider;
            Status status;
            Split split;
            address evaluator;
            uint64 reviewEnd;
            address compute;
            uint64 base;
            uint128 budget;
            bytes32 datanetsHash;
        }
        struct KeptReceipt {
            bytes32 hash;
            uint64 modelVersion;
            uint64 evalBefore;
            uint64 evalAfter;
            uint64 submittedAt;
        }
        constructor(address models, address datanets, address licences, address contributions, address accumulator);
        event JobOpened(uint64 indexed jobId, address indexed client, address indexed provider, uint256 budget, Job job);
        event TrainingReceipt(uint64 indexed jobId, uint64 indexed modelVersion, address indexed provider, address client, uint64 base, uint256 budget, uint64 reviewEnd, bytes32 receiptHash, Receipt receipt);
        event JobCompleted(uint64 indexed jobId, uint64 indexed modelVersion, uint256 data, uint256 compute, uint256 tuner);
        event DataReturned(uint64 indexed jobId, uint64 indexed modelVersion, address indexed client, uint256 amount);
        event JobRejected(uint64 indexed jobId, address indexed client, bytes32 reasonHash, uint256 budget);
        event JobExpired(uint64 indexed jobId, address indexed client, uint256 budget);
        event Withdrawn(address indexed account, uint256 amount);
        error TrainingJobs_Unknown(uint64 jobId);
        error TrainingJobs_Status(uint64 jobId, Status status);
        error TrainingJobs_NotProvider();
        error TrainingJobs_NotEvaluator();
        error TrainingJobs_Invalid();
        error TrainingJobs_Split();
        error TrainingJobs_Corpus(uint64 datanet);
        error TrainingJobs_Lineage(uint64 modelVersion);
        error TrainingJobs_OtherJob();
        error TrainingJobs_OtherContent();
        error TrainingJobs_Eval(uint64 seq);
        error TrainingJobs_TooEarly(uint64 from);
        error TrainingJobs_TooLate(uint64 end);
        error TrainingJobs_NoAnswer();
        function open(Job calldata job) external payable returns (uint64 jobId);
        function submit(uint64 jobId, Receipt calldata receipt, bytes calldata places) external;
        function complete(uint64 jobId) external;
        function reject(uint64 jobId, bytes32 reasonHash) external;
        function expire(uint64 jobId) external;
        function withdraw(address account) external returns (uint256 amount);
        function jobs() external view returns (uint64 jobs);
        function jobOf(uint64 jobId) external view returns (Record memory record);
        function receiptOf(uint64 jobId) external view returns (KeptReceipt memory receipt);
        function receiptHashOf(uint64 jobId, Receipt calldata receipt) external view returns (bytes32 hash);
        function creditOf(address account) external view returns (uint256 credit);
        function MOST_DATANETS() external view returns (uint256);
        function LEAST_DATA_BPS() external view returns (uint16);
        function MOST_TRAINING_TIME() external view returns (uint64);
        function MODELS() external view returns (address);
        function DATANETS() external view returns (address);
        function LICENCES() external view returns (address);
        function CONTRIBUTIONS() external view returns (address);
        function ACCUMULATOR() external view returns (address);
        function MOST_REVIEW_TIME() external view returns (uint32);
    }
}
