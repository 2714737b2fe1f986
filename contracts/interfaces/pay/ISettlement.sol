// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IAttributionVerifier } from "interfaces/pay/IAttributionVerifier.sol";
import { IDemandVerifier } from "interfaces/pay/IDemandVerifier.sol";

/// @title ISettlement
/// @notice Settles ranges of paid answers: who earned what is posted by anyone with a bond, can be shown to be wrong by anyone as long as a window is open, and is
///         final afterwards. Amounts are in wei of the native coin.
/// @dev Nobody owns this contract, nothing can be paused, and nobody can override what is final.
///      Windows are counted in blocks of the L1 ({IL1Block.number}), so that they do not pass while only the sequencer can write: whatever it leaves out is forced
///      through the L1 within its sequencing window.
///      Coins that leave are credited and handed over by {withdraw}, so that nobody who refuses coins can hold anything up.
interface ISettlement {
    /// @notice A range of answers, as it was when it was cut.
    /// @param first The first answer.
    /// @param end One more than the last.
    /// @param cutAt When it was cut, in seconds.
    /// @param contributors How many there were.
    /// @param pool Data pools of all its answers together.
    /// @param cutBlock The block of this chain that it was cut in.
    /// @param l1Block The L1's block then.
    struct Range {
        uint64 first;
        uint64 end;
        uint64 cutAt;
        uint64 contributors;
        uint128 pool;
        uint64 cutBlock;
        uint64 l1Block;
    }

    /// @notice What is posted. The contract makes the roots of it, with the numbers of rows that it knows.
    /// @param k The range.
    /// @param parent The candidate for the range before that it goes on from, final or open; zero for the first range.
    /// @param anchor A block of this chain, 256 back at most, before neither the one that the range was cut in nor the one that the parent was posted in; or zero,
    ///               for a posting that is forced through the L1 and may be included much later: then its poster bears the risk of a reorganisation.
    /// @param anchorHash Its hash: after a reorganisation the posting is refused.
    /// @param answersTop Top of the rows A.
    /// @param models How many rows M there are.
    /// @param modelsTop Top of the rows M.
    /// @param trainSum Sum of the rows M.
    /// @param payoutsTop Top of the rows P.
    /// @param payoutSum Sum of the rows P: all that was earned since the first range.
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

    /// @notice What became of a candidate.
    enum Status {
        /// There is none with this number.
        NONE,
        /// It can still be shown to be wrong, or waits for the range before.
        OPEN,
        /// It never changes again.
        FINAL,
        /// It was shown to be wrong.
        FAULTED,
        /// It went on from one that is not final, or another one won; its bond went back.
        DEAD
    }

    /// @notice A posting, and what became of it.
    /// @param postedAt The L1's block then.
    /// @param openDemands Demands that nobody has answered yet.
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

    /// @notice What became of a demand.
    /// @param by Who demanded; zero when nobody did.
    /// @param until The L1's block from which on it is not answered any more.
    /// @param isOpen Whether it was not answered yet.
    /// @param answerer Who answered it.
    /// @param isHandedOn Whether its fee was handed on.
    struct DemandState {
        address by;
        uint64 until;
        bool isOpen;
        address answerer;
        bool isHandedOn;
    }

    /// @notice A range was cut. Read by attributors and indexer.
    event Cut(uint64 indexed k, Range range);

    /// @notice Somebody says who earned what. Read by watchers, attributors and indexer.
    /// @param dataRef Where all rows can be had.
    event Posted(uint64 indexed candidate, uint64 indexed k, address indexed poster, uint256 bond, Posting posting, bytes dataRef);

    /// @notice Something is demanded of a candidate. Read by its poster, and by whoever has it.
    event Demanded(uint64 indexed candidate, bytes32 indexed id, address indexed by, IDemandVerifier.Demand demand, uint64 until);

    /// @notice A demand was answered. Read by watchers.
    event Answered(uint64 indexed candidate, bytes32 indexed id, address indexed by, bytes response);

    /// @notice A demand's fee was handed on. Read by wallets.
    event FeeHandedOn(uint64 indexed candidate, bytes32 indexed id, address indexed to);

    /// @notice Somebody will show a fault. Read by nobody: it says nothing.
    event FaultCommitted(bytes32 indexed hash);

    /// @notice A candidate was wrong. Read by watchers, attributors, indexer and explorer.
    /// @param fault 0 to 10; see docs/attribution-method.md.
    event Faulted(uint64 indexed candidate, uint64 indexed k, uint8 indexed fault, address by, uint256 reward, uint256 burned);

    /// @notice A candidate is no more, and its bond went back. Read by its poster and the indexer.
    event Died(uint64 indexed candidate, uint64 indexed k);

    /// @notice A range is settled, for ever. Read by everybody who is paid.
    event Finalised(uint64 indexed candidate, uint64 indexed k, bytes32 payoutRoot, bytes32 modelsRoot, uint128 payoutSum);

    /// @notice Nobody settled a range: its data pools go to the training weights. Read by indexer and explorer.
    event FellBack(uint64 indexed candidate, uint64 indexed k, uint128 pool);

    /// @notice The training weights of a model version got the data pools of a range that nobody settled. Read by indexer and explorer.
    event FallbackFed(uint64 indexed k, uint64 indexed modelVersion, uint256 amount);

    /// @notice An account has coins here. Read by wallets.
    event Credited(address indexed account, uint256 amount);

    /// @notice They were handed over. Read by wallets.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice An interval of zero, a window of fewer than six blocks, a fallback before a candidate could be final, or no bond.
    error Settlement_Parameters();

    /// @notice Only the contract that takes payments sends coins here.
    error Settlement_NotAllowed();

    /// @notice There is no such range, candidate or demand.
    error Settlement_Unknown(uint64 id);

    /// @notice Nothing was paid since the last cut.
    error Settlement_NothingPaid();

    /// @notice It is not time yet: seconds where a range is cut, else a block of the L1.
    error Settlement_TooEarly(uint64 from);

    /// @notice The time is over, by the L1's blocks.
    error Settlement_TooLate(uint64 until);

    /// @notice The range is settled.
    error Settlement_Settled(uint64 k);

    /// @notice The parent is no candidate for the range before that is final or open.
    error Settlement_Parent(uint64 parent);

    /// @notice The block is not one of the chain, is before the cut or the parent's posting, or 256 and more back.
    error Settlement_Anchor(uint64 anchor);

    /// @notice A tree without leaves has a top, or the sums are not the range's data pool.
    error Settlement_Sums();

    /// @notice The value is less than the bond, or not the fee.
    error Settlement_Value(uint256 expected, uint256 found);

    /// @notice More than 1,024 bytes, or none.
    error Settlement_DataRef();

    /// @notice The candidate is not open.
    error Settlement_NotOpen(uint64 candidate);

    /// @notice The candidate is not dead.
    error Settlement_Alive(uint64 candidate);

    /// @notice It was demanded before.
    error Settlement_Demanded();

    /// @notice There are demands that nobody has answered.
    error Settlement_OpenDemands(uint32 demands);

    /// @notice A fault is shown by who committed to it, a block later or more.
    error Settlement_NotCommitted();

    /// @notice Another candidate comes first.
    error Settlement_Later(uint64 first);

    /// @notice The training weights had it before.
    error Settlement_FedBefore(uint64 k, uint64 modelVersion);

    /// @notice The range did not fall back.
    error Settlement_NoFallback(uint64 k);

    /// @notice Cuts the next range. By anyone, when something was paid and an interval has passed; 24 of them where the data pools are together less than what is worth a
    ///         bond.
    /// @return k_ Its number, from zero on.
    function cut() external returns (uint64 k_);

    /// @notice Says who earned what in a range. By anyone, with the bond of {bondOf} as value; what is more is credited.
    /// @param dataRef Where all rows can be had: 1 to 1,024 bytes.
    /// @return candidate_ The next number, from one on.
    function post(Posting calldata posting, bytes calldata dataRef) external payable returns (uint64 candidate_);

    /// @notice Demands that something of a candidate is shown. By anyone, in the first half of its window, with the fee as value: it is for who answers, or comes back
    ///         where the candidate is faulted, so that asking about what is wrong costs nothing.
    /// @return id_ The demand's hash.
    function demand(uint64 candidate, IDemandVerifier.Demand calldata what) external payable returns (bytes32 id_);

    /// @notice Shows what was demanded. By anyone, within a sixth of the window: three demands that follow from each other's answers fit in, and a third of the window is
    ///         left for proofs of what they bring to light.
    function answer(uint64 candidate, IDemandVerifier.Demand calldata what, bytes calldata response) external;

    /// @notice Overturns a candidate of which something was demanded and not shown in time (F0): half of its bond, and the fee, are for who demanded. By anyone.
    function faultByDemand(uint64 candidate, IDemandVerifier.Demand calldata what) external;

    /// @notice Hands a demand's fee on, when it is known what became of its candidate: to who demanded where it is faulted, or dead before there was an answer; else to who
    ///         answered. By anyone.
    function handOnFee(uint64 candidate, IDemandVerifier.Demand calldata what) external;

    /// @notice Keeps a hash, {faultHash}, so that who copies a proof comes too late. By anyone.
    function commitFault(bytes32 hash) external;

    /// @notice Overturns a candidate by a proof (F1 to F10): half of its bond is for the caller, the other half is destroyed. By who committed to it in
    ///         an earlier block, as long as it is open.
    /// @return fault_ The number of the fault.
    function prove(uint64 candidate, bytes calldata proof, bytes32 salt) external returns (uint8 fault_);

    /// @notice Makes a candidate final: its window is over, its parent is final, nothing demanded is missing, and none that was posted before is left. By
    ///         anyone. The vault gets its roots and the data pool.
    function finalise(uint64 candidate) external;

    /// @notice Gives the bond of a dead candidate back: its parent is faulted, dead or not the final one, or its range is settled by another. By anyone.
    function reclaim(uint64 candidate) external;

    /// @notice Passes candidates of a range that can not be final any more, in the order in which they were posted and so many at most, so that whoever makes
    ///         a later one final need not pass all of them at once. By anyone.
    /// @return passed_ How many of the range's candidates were passed so far.
    function pass(uint64 k, uint64 most) external returns (uint64 passed_);

    /// @notice Gives up on a range that nobody settled: the range before is settled, the time is over, and no candidate is left that could be final. What
    ///         contributors had earned before stays as it was. By anyone.
    function fallBack(uint64 k) external returns (uint64 candidate_);

    /// @notice Gives the training weights of a model version the data pools of its answers in a range that fell back, once. By anyone.
    function feedFallback(uint64 k, uint64 modelVersion) external;

    /// @notice Hands over an account's coins. By anyone.
    function withdraw(address account) external returns (uint256 amount_);

    /// @notice How many ranges were cut.
    function cuts() external view returns (uint64 cuts_);

    /// @notice A range.
    function rangeOf(uint64 k) external view returns (Range memory range_);

    /// @notice How many candidates there are.
    function candidates() external view returns (uint64 candidates_);

    /// @notice A candidate.
    function candidateOf(uint64 candidate) external view returns (Candidate memory candidate_);

    /// @notice All candidates for a range, in the order in which they were posted.
    function candidatesOf(uint64 k) external view returns (uint64[] memory candidates_);

    /// @notice The candidate that settled a range; zero as long as none has.
    function finalOf(uint64 k) external view returns (uint64 candidate_);

    /// @notice Whether the training weights of a model version have the data pools of a range that fell back.
    function isFed(uint64 k, uint64 modelVersion) external view returns (bool isFed_);

    /// @notice What a candidate for a range that goes on from another is to be bonded with now: a quarter of the range's data pool and of what the
    ///         vault has, and a sixteenth of the pools of ranges before it that are not settled, since all of this it could take; or the least bond; doubled for each open candidate that goes on from the same.
    function bondOf(uint64 k, uint64 parent) external view returns (uint256 bond_);

    /// @notice The L1's block from which on a candidate can be final.
    function windowEndOf(uint64 candidate) external view returns (uint64 end_);

    /// @notice A candidate as the verifiers see it.
    function epochOf(uint64 candidate) external view returns (IAttributionVerifier.Epoch memory epoch_);

    /// @notice What became of a demand.
    function demandOf(
        uint64 candidate,
        IDemandVerifier.Demand calldata what
    ) external view returns (DemandState memory state_);

    /// @notice What {commitFault} takes.
    function faultHash(
        uint64 candidate,
        address caller,
        bytes calldata proof,
        bytes32 salt
    ) external view returns (bytes32 hash_);

    /// @notice What an account can have handed over.
    function creditOf(address account) external view returns (uint256 credit_);
}
