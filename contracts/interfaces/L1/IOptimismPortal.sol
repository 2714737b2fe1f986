// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title IOptimismPortal
/// @notice The way into the L2 and out of it (OP Stack specification, "Deposits" and "Withdrawals").
///         In: locks coins, and orders transactions that the L2 must execute whatever its sequencer does. Nobody can stop
///         it, the pause included.
///         Out: a withdrawal that the L2 registered is first proven against a dispute game's claim, and finalized when
///         proof and game are old enough. Then its coins are paid out and its call is made, once.
interface IOptimismPortal is ISemver, IResourceMetering, IProxyAdminOwned {
    /// @notice A withdrawal, as the L2's L2ToL1MessagePasser made it.
    /// @param nonce Number of the withdrawal, with the version of the message.
    /// @param sender Who made it on the L2.
    /// @param target Who gets the coins and is called.
    /// @param value The coins, in wei.
    /// @param gasLimit The least gas that the call gets.
    /// @param data Calldata. Without any a token's target is not called.
    struct WithdrawalTransaction {
        uint256 nonce;
        address sender;
        address target;
        uint256 value;
        uint256 gasLimit;
        bytes data;
    }

    /// @notice What an output root is the hash of.
    /// @param version Version of the format: 0.
    /// @param stateRoot State root of the L2 block.
    /// @param messagePasserStorageRoot Storage root of its L2ToL1MessagePasser.
    /// @param latestBlockhash Hash of the L2 block.
    struct OutputRootProof {
        bytes32 version;
        bytes32 stateRoot;
        bytes32 messagePasserStorageRoot;
        bytes32 latestBlockhash;
    }

    /// @notice What somebody proved a withdrawal with.
    /// @param disputeGameProxy The game.
    /// @param timestamp When, in seconds.
    struct ProvenWithdrawal {
        IDisputeGame disputeGameProxy;
        uint64 timestamp;
    }

    /// @notice A transaction for the L2. Every node of the chain derives it from this event.
    /// @param from The sender on the L2: a contract's address is aliased.
    /// @param to The receiver; zero for a contract creation.
    /// @param version Version of the event: 0.
    /// @param opaqueData mint (32 bytes), value (32), gas limit (8), whether it is a contract creation (1), data.
    event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData);

    /// @notice A withdrawal was proven.
    /// @param withdrawalHash The withdrawal.
    /// @param from Its sender on the L2.
    /// @param to Its target.
    event WithdrawalProven(bytes32 indexed withdrawalHash, address indexed from, address indexed to);

    /// @notice The same, with who proved it.
    event WithdrawalProvenExtension1(bytes32 indexed withdrawalHash, address indexed proofSubmitter);

    /// @notice A withdrawal was finalized, which happens once.
    /// @param withdrawalHash The withdrawal.
    /// @param success Whether its call succeeded.
    event WithdrawalFinalized(bytes32 indexed withdrawalHash, bool success);

    /// @notice A contract creation has no receiver; and no withdrawal goes to the portal itself or to the coin's token.
    error OptimismPortal_BadTarget();

    /// @notice The gas limit is below `minimumGasLimit` for this much data.
    error OptimismPortal_GasLimitTooLow();

    /// @notice The data has more than 120,000 bytes.
    error OptimismPortal_CalldataTooLarge();

    /// @notice Ether was sent to a chain whose coin is a token.
    error OptimismPortal_EtherNotAccepted();

    /// @notice The chain's coin is ether.
    error OptimismPortal_NoGasPayingToken();

    /// @notice What arrived is not what was announced.
    error OptimismPortal_TransferMismatch(uint256 announced, uint256 arrived);

    /// @notice More would be locked than the L2 can count: 2^128 - 1.
    error OptimismPortal_TooManyCoins();

    /// @notice More would be paid out than is locked.
    error OptimismPortal_TooFewCoins();

    /// @notice Withdrawals are paused.
    error OptimismPortal_CallPaused();

    /// @notice The withdrawal was finalized before.
    error OptimismPortal_AlreadyFinalized();

    /// @notice Nothing was proven by that account.
    error OptimismPortal_Unproven();

    /// @notice The proof is not younger than its game.
    error OptimismPortal_InvalidProofTimestamp();

    /// @notice The proof is not old enough.
    error OptimismPortal_ProofNotOldEnough();

    /// @notice The game's claim is not valid, or not yet.
    error OptimismPortal_InvalidRootClaim();

    /// @notice The game is not one of this chain's, or it was retired or set aside.
    error OptimismPortal_ImproperDisputeGame();

    /// @notice Withdrawals are not proven against games of its type, or the claim was rejected.
    error OptimismPortal_InvalidDisputeGame();

    /// @notice The output root is not the game's claim, or of an unknown version.
    error OptimismPortal_InvalidOutputRootProof();

    /// @notice The withdrawal is not registered in that state of the L2.
    error OptimismPortal_InvalidMerkleProof();

    /// @notice A withdrawal cannot be finalized within another one, nor within a deposit.
    error OptimismPortal_NoReentrancy();

    /// @notice The withdrawal's call failed while its gas was being estimated.
    error OptimismPortal_GasEstimation();

    /// @notice Connects the portal, opens the market for gas, and locks the coins that the L2 has at its genesis; all
    ///         that in one transaction, once. Only the ProxyAdmin or its owner.
    /// @param _systemConfig The chain's configuration, initialized before: it says which coin is locked here.
    /// @param _anchorStateRegistry The judge of the games that withdrawals are proven against.
    /// @param _genesisLocked Sum of the balances in the L2's genesis. In ether it must be the value of this call.
    /// @param _funder With a token, whose tokens are taken; they need an allowance for this portal.
    function initialize(
        ISystemConfig _systemConfig,
        IAnchorStateRegistry _anchorStateRegistry,
        uint256 _genesisLocked,
        address _funder
    ) external payable;

    /// @notice Deposits a transaction and, on a chain whose coin is ether, the value of this call. On a chain whose coin
    ///         is a token it must come without value.
    /// @param _to Receiver on the L2.
    /// @param _value Value that the transaction sends there. It may differ from what is deposited.
    /// @param _gasLimit Gas on the L2, paid by burning gas here.
    /// @param _isCreation Whether the transaction creates a contract; then `_to` is zero.
    /// @param _data Calldata, or creation code.
    function depositTransaction(
        address _to,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external payable;

    /// @notice Deposits a transaction and tokens, on a chain whose coin is a token. The portal needs an allowance.
    /// @param _to Receiver on the L2.
    /// @param _mint Tokens to lock here, and coins that the sender gets on the L2, even if the transaction fails there.
    /// @param _value Value that the transaction sends to `_to`. It may differ from `_mint`.
    /// @param _gasLimit Gas on the L2, paid by burning gas here.
    /// @param _isCreation Whether the transaction creates a contract; then `_to` is zero.
    /// @param _data Calldata, or creation code.
    function depositERC20Transaction(
        address _to,
        uint256 _mint,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external;

    /// @notice Takes a gift of ether. Nothing is deposited and nothing is counted. Not where the coin is a token:
    ///         nobody could ever take the gift out.
    function donateETH() external payable;

    /// @notice Proves that the L2 registered a withdrawal. Whoever proves it again replaces the own proof, and its time.
    /// @param _tx The withdrawal.
    /// @param _disputeGameIndex Place of the game in the factory's list.
    /// @param _outputRootProof What the game's claim is the hash of.
    /// @param _withdrawalProof Nodes of the L2ToL1MessagePasser's storage trie, from the root to the withdrawal.
    function proveWithdrawalTransaction(
        WithdrawalTransaction calldata _tx,
        uint256 _disputeGameIndex,
        OutputRootProof calldata _outputRootProof,
        bytes[] calldata _withdrawalProof
    ) external;

    /// @notice Finalizes a withdrawal that the caller proved.
    function finalizeWithdrawalTransaction(WithdrawalTransaction calldata _tx) external;

    /// @notice Finalizes a withdrawal: pays its coins to the target and makes the call. It is final whether or not that call
    ///         succeeds, provided that it gets its gas limit; with less, nothing happens.
    /// @param _tx The withdrawal.
    /// @param _proofSubmitter Who proved it.
    function finalizeWithdrawalTransactionExternalProof(
        WithdrawalTransaction calldata _tx,
        address _proofSubmitter
    ) external;

    /// @notice Reverts, saying why, unless the withdrawal could be finalized now.
    function checkWithdrawal(bytes32 _withdrawalHash, address _proofSubmitter) external view;

    /// @notice Who made the withdrawal that is being finalized, on the L2; 0x...dEaD while none is.
    function l2Sender() external view returns (address);

    /// @notice Whether a withdrawal was finalized.
    function finalizedWithdrawals(bytes32 _withdrawalHash) external view returns (bool);

    /// @notice What an account proved a withdrawal with, last.
    function provenWithdrawals(
        bytes32 _withdrawalHash,
        address _proofSubmitter
    ) external view returns (IDisputeGame disputeGameProxy, uint64 timestamp);

    /// @notice Who proved a withdrawal, in the order of their first proofs.
    function proofSubmitters(bytes32 _withdrawalHash, uint256 _index) external view returns (address);

    /// @notice How many accounts proved it.
    function numProofSubmitters(bytes32 _withdrawalHash) external view returns (uint256);

    /// @notice A proof must be older than this to be finalized, in seconds.
    function proofMaturityDelaySeconds() external view returns (uint256);

    /// @notice A game must have been resolved for longer than this, in seconds.
    function disputeGameFinalityDelaySeconds() external view returns (uint256);

    /// @notice The judge of the games.
    function anchorStateRegistry() external view returns (IAnchorStateRegistry);

    /// @notice Their factory.
    function disputeGameFactory() external view returns (IDisputeGameFactory);

    /// @notice The type of game that withdrawals are proven against.
    function respectedGameType() external view returns (uint32);

    /// @notice Games created until then are retired, in seconds. The name is that of older portals.
    function respectedGameTypeUpdatedAt() external view returns (uint64);

    /// @notice Whether the guardian set a game aside.
    function disputeGameBlacklist(address _game) external view returns (bool);

    /// @notice The lowest gas limit of a deposit with this much data: 21,000, and 40 for each byte.
    function minimumGasLimit(uint64 _byteCount) external pure returns (uint64);

    /// @notice Coins locked here for the L2: the genesis's and what was deposited since, less what was withdrawn. Gifts are
    ///         not in it.
    function lockedBalance() external view returns (uint256);

    /// @notice The L2's coin: a token, or 0xEeee... for ether, and its decimals. Fixed at initialization.
    function gasPayingToken() external view returns (address token_, uint8 decimals_);

    /// @notice The chain's configuration.
    function systemConfig() external view returns (ISystemConfig);

    /// @notice The pause.
    function superchainConfig() external view returns (ISuperchainConfig);

    /// @notice Whether withdrawals are paused. Deposits never are.
    function paused() external view returns (bool);

    /// @notice Who may pause.
    function guardian() external view returns (address);
}
