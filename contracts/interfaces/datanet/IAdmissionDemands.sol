// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title IAdmissionDemands
/// @notice Documents of a contribution can be asked for before a Datanet can accept it, so that everybody can know what is in one. By the method of
///         docs/attribution-method.md, "Admission".
/// @dev Who is asked for something of what they stated shows it, or loses the contribution and its bond. Who asks for what is shown has paid for showing it.
interface IAdmissionDemands {
    /// @notice What can be demanded.
    enum What {
        /// A leaf D, and that it is of what was committed to.
        DOCUMENT,
        /// A chunk of a document, or that it has no such chunk.
        CHUNK,
        /// The sketch of a document.
        SKETCH
    }

    /// @notice A demand. It names the statement that it is about: with another statement it is void.
    /// @param commitSeq The contribution.
    /// @param batchRoot What it states.
    /// @param statedAt When that was stated, in seconds.
    /// @param what What is demanded.
    /// @param index The document, by its place in the contribution.
    /// @param chunk Of CHUNK the chunk's place in the document; else zero.
    struct Demand {
        uint32 commitSeq;
        bytes32 batchRoot;
        uint64 statedAt;
        What what;
        uint32 index;
        uint8 chunk;
    }

    /// @notice What became of a demand.
    /// @param by Who demanded; zero when nobody did.
    /// @param until When it is not answered any more, in seconds.
    /// @param isOpen Whether its fee was not handed on yet.
    struct DemandState {
        address by;
        uint64 until;
        bool isOpen;
    }

    /// @notice Something is demanded of a contribution. Read by its contributor, and by whoever has it.
    event Demanded(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, Demand demand, uint64 until);

    /// @notice A demand was answered. Read by attributors and watchers.
    event Answered(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, bytes response);

    /// @notice What was demanded was not shown, and the contribution is expelled. Read by watchers.
    event Withheld(uint32 indexed commitSeq, bytes32 indexed id, address indexed by, uint256 reward);

    /// @notice A fee went back, since what the demand was about does not stand any more. Read by wallets.
    event FeeReturned(uint32 indexed commitSeq, bytes32 indexed id, address indexed to);

    /// @notice The value is not the fee.
    error Admission_Fee(uint256 expected, uint256 found);

    /// @notice There can be no such thing.
    error Admission_Range();

    /// @notice It was demanded before.
    error Admission_Demanded();

    /// @notice It was not demanded, or is not open any more.
    error Admission_NotDemanded(bytes32 id);

    /// @notice What the demand is about still stands.
    error Admission_Standing(uint32 commitSeq);

    /// @notice Demands that something of a contribution is shown. By anyone, in the first third of its time of admission, with the fee as value.
    /// @return id_ The demand's hash.
    function demand(Demand calldata what) external payable returns (bytes32 id_);

    /// @notice Shows what was demanded, and earns the fee. By anyone, within a third of the time of admission.
    /// @param response The ABI encoding of its struct; see the method.
    function answer(Demand calldata what, bytes calldata response) external;

    /// @notice Expels a contribution of which something was demanded and not shown in time: its reward, and the fee, are for who demanded. By anyone.
    function expelByDemand(Demand calldata what) external;

    /// @notice Gives the fee of a demand back to who demanded, where the contribution states something else, or is expelled. By anyone.
    function returnFee(Demand calldata what) external;

    /// @notice What a demand costs, in wei; who answers gets it.
    function DEMAND_FEE() external view returns (uint128 fee_);

    /// @notice What became of a demand.
    function demandOf(Demand calldata what) external view returns (DemandState memory state_);
}
