//! Who earned what: the settlement, its verifiers, and payouts.

use alloy_sol_types::sol;

sol! {
    /// Says whether a proof shows a fault of an epoch.
    #[sol(abi)]
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
        function verify(Epoch calldata epoch, bytes calldata proof) external view returns (uint8 fault);
    }

    /// Says whether something of an epoch can be demanded, and whether a response shows it.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IDemandVerifier {
        enum What { ANSWER, TILE, SOURCE, CHUNK, PHRASE, MODEL, GIFT, PAYOUT, EARNING }
        struct Demand {
            IDemandVerifier.What what;
            uint64 a;
            uint64 b;
            uint64 c;
        }
        error DemandVerifier_Range();
        function check(IAttributionVerifier.Epoch calldata epoch, Demand calldata demand) external view;
        function verify(IAttributionVerifier.Epoch calldata epoch, Demand calldata demand, bytes calldata response) external view;
    }

    /// Settles ranges of paid answers: postings, demands, faults, what is final. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface ISettlement {
        enum Status { NONE, OPEN, FINAL, FAULTED, DEAD }
        struct Parameters {
            uint64 cutInterval;
            uint128 leastPool;
            uint64 window;
            uint64 fallbackTime;
            uint128 leastBond;
            uint128 demandFee;
        }
        struct Candidate {
            uint64 k;
            uint64 parent;
            uint64 postedAt;
            uint32 openDemands;
            Status status;
            address poster;
            uint128 bond;
            uint128 payoutSum;
            bytes32 answersRoot;
            bytes32 modelsRoot;
            bytes32 payoutRoot;
        }
        struct DemandState {
            address by;
            uint64 until;
            bool isOpen;
            address answerer;
            bool isHandedOn;
        }
        struct Posting {
            uint64 k;
            uint64 parent;
            uint64 anchor;
            bytes32 anchorHash;
            bytes32 answersTop;
            uint64 models;
            bytes32 modelsTop;
            uint128 trainSum;
            bytes32 payoutsTop;
            uint128 payoutSum;
        }
        struct Range {
            uint64 first;
            uint64 end;
            uint64 cutAt;
            uint64 contributors;
            uint128 pool;
            uint64 cutBlock;
            uint64 l1Block;
        }
        constructor(address payments, address contributors, address vault, address accumulator, address verifier, address demandVerifier, Parameters parameters);
        event Answered(uint64 indexed candidate, bytes32 indexed id, address indexed by, bytes response);
        event Credited(address indexed account, uint256 amount);
        event Cut(uint64 indexed k, Range range);
        event Demanded(uint64 indexed candidate, bytes32 indexed id, address indexed by, IDemandVerifier.Demand demand, uint64 until);
        event Died(uint64 indexed candidate, uint64 indexed k);
        event FallbackFed(uint64 indexed k, uint64 indexed modelVersion, uint256 amount);
        event FaultCommitted(bytes32 indexed hash);
        event Faulted(uint64 indexed candidate, uint64 indexed k, uint8 indexed fault, address by, uint256 reward, uint256 burned);
        event FeeHandedOn(uint64 indexed candidate, bytes32 indexed id, address indexed to);
        event FellBack(uint64 indexed candidate, uint64 indexed k, uint128 pool);
        event Finalised(uint64 indexed candidate, uint64 indexed k, bytes32 payoutRoot, bytes32 modelsRoot, uint128 payoutSum);
        event Posted(uint64 indexed candidate, uint64 indexed k, address indexed poster, uint256 bond, Posting posting, bytes dataRef);
        event Withdrawn(address indexed account, uint256 amount);
        error Settlement_Alive(uint64 candidate);
        error Settlement_Anchor(uint64 anchor);
        error Settlement_DataRef();
        error Settlement_Demanded();
        error Settlement_FedBefore(uint64 k, uint64 modelVersion);
        error Settlement_Later(uint64 first);
        error Settlement_NoFallback(uint64 k);
        error Settlement_NotAllowed();
        error Settlement_NotCommitted();
        error Settlement_NotOpen(uint64 candidate);
        error Settlement_NothingPaid();
        error Settlement_OpenDemands(uint32 demands);
        error Settlement_Parameters();
        error Settlement_Parent(uint64 parent);
        error Settlement_Settled(uint64 k);
        error Settlement_Sums();
        error Settlement_TooEarly(uint64 from);
        error Settlement_TooLate(uint64 until);
        error Settlement_Unknown(uint64 id);
        error Settlement_Value(uint256 expected, uint256 found);
        function ACCUMULATOR() external view returns (address);
        function BOND_PART() external view returns (uint256);
        function CONTRIBUTORS() external view returns (address);
        function CUT_INTERVAL() external view returns (uint64);
        function DEMANDS() external view returns (address);
        function DEMAND_FEE() external view returns (uint128);
        function EARLIER_PART() external view returns (uint256);
        function FALLBACK_TIME() external view returns (uint64);
        function LEAST_BOND() external view returns (uint128);
        function LEAST_POOL() external view returns (uint128);
        function MOST_DATA_REF() external view returns (uint256);
        function PAYMENTS() external view returns (address);
        function VAULT() external view returns (address);
        function VERIFIER() external view returns (address);
        function WAITS() external view returns (uint64);
        function WINDOW() external view returns (uint64);
        function answer(uint64 candidate, IDemandVerifier.Demand calldata what, bytes calldata response) external;
        function bondOf(uint64 k, uint64 parent) external view returns (uint256 bond);
        function candidateOf(uint64 candidate) external view returns (Candidate memory candidate);
        function candidates() external view returns (uint64);
        function candidatesOf(uint64 k) external view returns (uint64[] memory candidates);
        function commitFault(bytes32 hash) external;
        function creditOf(address account) external view returns (uint256);
        function cut() external returns (uint64 k);
        function cuts() external view returns (uint64);
        function demand(uint64 candidate, IDemandVerifier.Demand calldata what) external payable returns (bytes32 id);
        function demandOf(uint64 candidate, IDemandVerifier.Demand calldata what) external view returns (DemandState memory state);
        function epochOf(uint64 candidate) external view returns (IAttributionVerifier.Epoch memory epoch);
        function fallBack(uint64 k) external returns (uint64 candidate);
        function faultByDemand(uint64 candidate, IDemandVerifier.Demand calldata what) external;
        function faultHash(uint64 candidate, address caller, bytes calldata proof, bytes32 salt) external view returns (bytes32 hash);
        function feedFallback(uint64 k, uint64 modelVersion) external;
        function finalOf(uint64 k) external view returns (uint64 candidate);
        function finalise(uint64 candidate) external;
        function handOnFee(uint64 candidate, IDemandVerifier.Demand calldata what) external;
        function isFed(uint64 k, uint64 modelVersion) external view returns (bool);
        function pass(uint64 k, uint64 most) external returns (uint64 passed);
        function post(Posting calldata posting, bytes calldata dataRef) external payable returns (uint64 candidate);
        function prove(uint64 candidate, bytes calldata proof, bytes32 salt) external returns (uint8 fault);
        function rangeOf(uint64 k) external view returns (Range memory range);
        function reclaim(uint64 candidate) external;
        function windowEndOf(uint64 candidate) external view returns (uint64 end);
        function withdraw(address account) external returns (uint256 amount);
    }

    /// Pays contributors by final epochs. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPayoutVault {
        constructor(address settlement, address contributors, address accumulator);
        event Settled(uint64 indexed k, bytes32 payoutRoot, bytes32 modelsRoot, uint256 amount);
        event Claimed(uint64 indexed contributor, uint64 indexed k, address indexed to, uint256 amount, bool onL1);
        event Fed(uint64 indexed modelVersion, uint64 indexed k, uint256 amount);
        error PayoutVault_NotSettlement();
        error PayoutVault_NotFinal(uint64 k);
        error PayoutVault_NotShown();
        error PayoutVault_NotAllowed(uint64 contributor);
        error PayoutVault_L1Call(address target, uint256 gasLimit);
        error PayoutVault_FedBefore(uint64 k, uint64 modelVersion);
        function settle(uint64 k, bytes32 payoutRoot, bytes32 modelsRoot) external payable;
        function claim(uint64 k, bytes calldata row, bytes calldata proof) external returns (uint256 amount);
        function claimToL1(uint64 k, bytes calldata row, bytes calldata proof, address target, uint256 gasLimit) external returns (uint256 amount);
        function feed(uint64 k, bytes calldata row, bytes calldata proof) external;
        function payoutRootOf(uint64 k) external view returns (bytes32 root);
        function modelsRootOf(uint64 k) external view returns (bytes32 root);
        function claimedOf(uint64 contributor) external view returns (uint256 claimed);
        function isFed(uint64 k, uint64 modelVersion) external view returns (bool isFed);
        function MOST_L1_GAS() external view returns (uint256);
        function SETTLEMENT() external view returns (address);
        function CONTRIBUTORS() external view returns (address);
        function ACCUMULATOR() external view returns (address);
    }

    /// Pays by training weight. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface ITrainingAccumulator {
        constructor(address models, address contributors);
        event Fed(uint64 indexed modelVersion, address indexed from, uint256 amount, uint128 perWeight, uint128 carry);
        event Claimed(uint64 indexed modelVersion, uint64 indexed contributor, address indexed payee, uint256 amount);
        error TrainingAccumulator_NoModel(uint64 modelVersion);
        error TrainingAccumulator_Overflow();
        error TrainingAccumulator_NotShown();
        error TrainingAccumulator_NotAllowed(uint64 contributor);
        function feed(uint64 modelVersion) external payable;
        function claim(uint64 modelVersion, bytes calldata row, bytes calldata proof) external returns (uint256 amount);
        function accumulatorOf(uint64 modelVersion) external view returns (uint128 perWeight, uint128 carry);
        function claimedOf(uint64 modelVersion, uint64 contributor) external view returns (uint128 claimed);
        function MODELS() external view returns (address);
        function CONTRIBUTORS() external view returns (address);
    }
}
