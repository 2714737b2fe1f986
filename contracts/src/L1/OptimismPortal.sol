// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Calldata } from "@openzeppelin/contracts/utils/Calldata.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IAnchorStateRegistry } from "interfaces/L1/IAnchorStateRegistry.sol";
import { IDisputeGame } from "interfaces/L1/IDisputeGame.sol";
import { IDisputeGameFactory } from "interfaces/L1/IDisputeGameFactory.sol";
import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { ResourceMetering } from "src/L1/ResourceMetering.sol";
import { AddressAlias } from "src/libraries/AddressAlias.sol";
import { Coin } from "src/libraries/Coin.sol";
import { SafeCall } from "src/libraries/SafeCall.sol";
import { Withdrawals } from "src/libraries/Withdrawals.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title OptimismPortal
/// @notice The way into the L2 and out of it, behind a proxy.
/// @dev What the portal owes the L2 is a counter and never a balance: balances can be raised by anyone.
///      New variables go to the end of the storage.
contract OptimismPortal is IOptimismPortal, ResourceMetering, ProxyAdminOwned, Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Version of the deposit event.
    uint256 internal constant DEPOSIT_VERSION = 0;

    /// @dev Gas on the L2 of a deposit by plain transfer.
    uint64 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 100_000;

    /// @dev Most bytes of data: what the OP Stack allows, so that a deposit fits into its messages.
    uint256 internal constant MAX_DATA_LENGTH = 120_000;

    /// @dev The only version of the output root's format.
    bytes32 internal constant OUTPUT_VERSION = 0;

    /// @dev What `l2Sender` says while no withdrawal is being finalized.
    address internal constant NO_L2_SENDER = 0x000000000000000000000000000000000000dEaD;

    /// @dev Whoever estimates gas sends from here: no key exists for it.
    address internal constant ESTIMATION_ADDRESS = address(1);

    /// @dev Gas kept from a withdrawal's call for what is done after it: a log and the end of the transaction.
    uint256 internal constant GAS_AFTER_CALL = 10_000;

    /// @inheritdoc IOptimismPortal
    uint256 public immutable proofMaturityDelaySeconds;

    /// @inheritdoc IOptimismPortal
    ISystemConfig public systemConfig;

    /// @dev The token that is the L2's coin; zero for ether. Copied from the configuration once: the coins locked here
    ///      stay what they are whatever happens there.
    address internal token;

    /// @inheritdoc IOptimismPortal
    uint256 public lockedBalance;

    /// @inheritdoc IOptimismPortal
    IAnchorStateRegistry public anchorStateRegistry;

    /// @inheritdoc IOptimismPortal
    mapping(bytes32 withdrawalHash => bool) public finalizedWithdrawals;

    /// @inheritdoc IOptimismPortal
    mapping(bytes32 withdrawalHash => mapping(address proofSubmitter => ProvenWithdrawal)) public provenWithdrawals;

    /// @inheritdoc IOptimismPortal
    mapping(bytes32 withdrawalHash => address[]) public proofSubmitters;

    /// @dev The sender on the L2 of the withdrawal that is being finalized. Nobody there has the zero address, so it stands
    ///      for none.
    address internal transient finalizedSender;

    /// @dev Not while withdrawals are paused.
    modifier whenNotPaused() {
        if (paused()) revert OptimismPortal_CallPaused();
        _;
    }

    /// @param _proofMaturityDelaySeconds A proof must be older than this to be finalized.
    constructor(uint256 _proofMaturityDelaySeconds) {
        proofMaturityDelaySeconds = _proofMaturityDelaySeconds;
        _disableInitializers();
    }

    /// @notice On a chain whose coin is ether, deposits the value to the sender's own address on the L2. For accounts
    ///         with a key; a contract would send it to its alias.
    receive() external payable {
        _depositEther(msg.sender, msg.value, RECEIVE_DEFAULT_GAS_LIMIT, false, Calldata.emptyBytes());
    }

    /// @inheritdoc IOptimismPortal
    function initialize(
        ISystemConfig _systemConfig,
        IAnchorStateRegistry _anchorStateRegistry,
        uint256 _genesisLocked,
        address _funder
    ) external payable onlyProxyAdminOrOwner initializer {
        systemConfig = _systemConfig;
        anchorStateRegistry = _anchorStateRegistry;
        _openMarket();
        if (_systemConfig.isCustomGasToken()) {
            (token,) = _systemConfig.gasPayingToken();
            if (msg.value > 0) revert OptimismPortal_EtherNotAccepted();
            _lockTokens(_funder, _genesisLocked);
        } else {
            if (msg.value != _genesisLocked) revert OptimismPortal_TransferMismatch(_genesisLocked, msg.value);
            _lock(_genesisLocked);
        }
    }

    /// @inheritdoc IOptimismPortal
    function depositTransaction(
        address _to,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external payable {
        _depositEther(_to, _value, _gasLimit, _isCreation, _data);
    }

    /// @inheritdoc IOptimismPortal
    function depositERC20Transaction(
        address _to,
        uint256 _mint,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) external nonReentrant metered(_gasLimit) {
        if (token == address(0)) revert OptimismPortal_NoGasPayingToken();
        _lockTokens(msg.sender, _mint);
        _deposit(_to, _mint, _value, _gasLimit, _isCreation, _data);
    }

    /// @inheritdoc IOptimismPortal
    function donateETH() external payable {
        if (token != address(0)) revert OptimismPortal_EtherNotAccepted();
    }

    /// @inheritdoc IOptimismPortal
    function proveWithdrawalTransaction(
        WithdrawalTransaction calldata _tx,
        uint256 _disputeGameIndex,
        OutputRootProof calldata _outputRootProof,
        bytes[] calldata _withdrawalProof
    ) external whenNotPaused {
        _checkTarget(_tx.target);
        bytes32 withdrawalHash = Withdrawals.hash(_tx);
        if (finalizedWithdrawals[withdrawalHash]) revert OptimismPortal_AlreadyFinalized();
        IDisputeGame game = _provableGame(_disputeGameIndex);
        // Of another version the parts might mean something else.
        if (_outputRootProof.version != OUTPUT_VERSION) revert OptimismPortal_InvalidOutputRootProof();
        if (Withdrawals.outputRoot(_outputRootProof) != game.rootClaim()) {
            revert OptimismPortal_InvalidOutputRootProof();
        }
        if (!Withdrawals.isRegistered(withdrawalHash, _outputRootProof.messagePasserStorageRoot, _withdrawalProof)) {
            revert OptimismPortal_InvalidMerkleProof();
        }

        ProvenWithdrawal storage proven = provenWithdrawals[withdrawalHash][msg.sender];
        if (proven.timestamp == 0) proofSubmitters[withdrawalHash].push(msg.sender);
        (proven.disputeGameProxy, proven.timestamp) = (game, uint64(block.timestamp));
        emit WithdrawalProven(withdrawalHash, _tx.sender, _tx.target);
        emit WithdrawalProvenExtension1(withdrawalHash, msg.sender);
    }

    /// @inheritdoc IOptimismPortal
    function finalizeWithdrawalTransaction(WithdrawalTransaction calldata _tx) external {
        finalizeWithdrawalTransactionExternalProof(_tx, msg.sender);
    }

    /// @inheritdoc IOptimismPortal
    function numProofSubmitters(bytes32 _withdrawalHash) external view returns (uint256) {
        return proofSubmitters[_withdrawalHash].length;
    }

    /// @inheritdoc IOptimismPortal
    function l2Sender() external view returns (address) {
        return finalizedSender == address(0) ? NO_L2_SENDER : finalizedSender;
    }

    /// @inheritdoc IOptimismPortal
    function disputeGameFactory() external view returns (IDisputeGameFactory) {
        return anchorStateRegistry.disputeGameFactory();
    }

    /// @inheritdoc IOptimismPortal
    function disputeGameFinalityDelaySeconds() external view returns (uint256) {
        return anchorStateRegistry.disputeGameFinalityDelaySeconds();
    }

    /// @inheritdoc IOptimismPortal
    function respectedGameType() external view returns (uint32) {
        return anchorStateRegistry.respectedGameType();
    }

    /// @inheritdoc IOptimismPortal
    function respectedGameTypeUpdatedAt() external view returns (uint64) {
        return anchorStateRegistry.retirementTimestamp();
    }

    /// @inheritdoc IOptimismPortal
    function disputeGameBlacklist(address _game) external view returns (bool) {
        return anchorStateRegistry.disputeGameBlacklist(_game);
    }

    /// @inheritdoc IOptimismPortal
    function gasPayingToken() external view returns (address token_, uint8 decimals_) {
        return (token == address(0) ? Coin.ETHER : token, Coin.DECIMALS);
    }

    /// @inheritdoc IOptimismPortal
    function superchainConfig() external view returns (ISuperchainConfig) {
        return systemConfig.superchainConfig();
    }

    /// @inheritdoc IOptimismPortal
    function guardian() external view returns (address) {
        return systemConfig.guardian();
    }

    /// @notice Semantic version. Clients read the major number to learn which functions there are.
    function version() external pure returns (string memory) {
        return "5.1.0";
    }

    /// @inheritdoc IOptimismPortal
    function finalizeWithdrawalTransactionExternalProof(
        WithdrawalTransaction calldata _tx,
        address _proofSubmitter
    ) public whenNotPaused {
        if (finalizedSender != address(0)) revert OptimismPortal_NoReentrancy();
        if (_reentrancyGuardEntered()) revert OptimismPortal_NoReentrancy();
        _checkTarget(_tx.target);
        bytes32 withdrawalHash = Withdrawals.hash(_tx);
        checkWithdrawal(withdrawalHash, _proofSubmitter);

        finalizedWithdrawals[withdrawalHash] = true;
        finalizedSender = _tx.sender;
        bool success = _pay(_tx);
        finalizedSender = address(0);

        emit WithdrawalFinalized(withdrawalHash, success);
        // A call that fails for lack of gas must not look like one that needs this much.
        if (!success && tx.origin == ESTIMATION_ADDRESS) revert OptimismPortal_GasEstimation();
    }

    /// @inheritdoc IOptimismPortal
    function paused() public view returns (bool) {
        return systemConfig.paused();
    }

    /// @inheritdoc IOptimismPortal
    function checkWithdrawal(bytes32 _withdrawalHash, address _proofSubmitter) public view {
        ProvenWithdrawal memory proven = provenWithdrawals[_withdrawalHash][_proofSubmitter];
        if (finalizedWithdrawals[_withdrawalHash]) revert OptimismPortal_AlreadyFinalized();
        if (proven.timestamp == 0) revert OptimismPortal_Unproven();
        if (proven.timestamp <= proven.disputeGameProxy.createdAt()) revert OptimismPortal_InvalidProofTimestamp();
        if (block.timestamp - proven.timestamp <= proofMaturityDelaySeconds) revert OptimismPortal_ProofNotOldEnough();
        if (!anchorStateRegistry.isGameClaimValid(address(proven.disputeGameProxy))) {
            revert OptimismPortal_InvalidRootClaim();
        }
    }

    /// @inheritdoc IOptimismPortal
    function minimumGasLimit(uint64 _byteCount) public pure returns (uint64) {
        return _byteCount * 40 + 21_000;
    }

    /// @dev A deposit whose coins, if any, are the value of the present call.
    function _depositEther(
        address _to,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) internal metered(_gasLimit) {
        if (msg.value > 0) {
            if (token != address(0)) revert OptimismPortal_EtherNotAccepted();
            _lock(msg.value);
        }
        _deposit(_to, msg.value, _value, _gasLimit, _isCreation, _data);
    }

    /// @dev Checks a transaction and orders it from the L2. The coins are locked already.
    function _deposit(
        address _to,
        uint256 _mint,
        uint256 _value,
        uint64 _gasLimit,
        bool _isCreation,
        bytes calldata _data
    ) internal {
        if (_isCreation && _to != address(0)) revert OptimismPortal_BadTarget();
        if (_data.length > MAX_DATA_LENGTH) revert OptimismPortal_CalldataTooLarge();
        // Data costs the L2 resources even where it buys no execution.
        if (_gasLimit < minimumGasLimit(uint64(_data.length))) revert OptimismPortal_GasLimitTooLow();

        emit TransactionDeposited(
            AddressAlias.ofSender(),
            _to,
            DEPOSIT_VERSION,
            abi.encodePacked(_mint, _value, _gasLimit, _isCreation, _data)
        );
    }

    /// @dev Takes tokens into the lock. A token that keeps a fee, or brings less than it says in any other way, is
    ///      refused: the L2 would have more coins than stand here.
    function _lockTokens(address _from, uint256 _amount) internal {
        if (_amount == 0) return;
        _lock(_amount);
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(_from, address(this), _amount);
        uint256 arrived = IERC20(token).balanceOf(address(this)) - before;
        if (arrived != _amount) revert OptimismPortal_TransferMismatch(_amount, arrived);
    }

    /// @dev Counts coins as locked. A deposit's mint is a 128-bit number on the L2, and so is every sum of them.
    function _lock(uint256 _amount) internal {
        if (_amount > type(uint128).max - lockedBalance) revert OptimismPortal_TooManyCoins();
        lockedBalance += _amount;
    }

    /// @dev Pays a withdrawal's coins to its target and makes its call.
    function _pay(WithdrawalTransaction calldata _tx) internal returns (bool success_) {
        if (_tx.value > lockedBalance) revert OptimismPortal_TooFewCoins();
        lockedBalance -= _tx.value;
        if (token == address(0)) return _call(_tx, _tx.value);
        if (_tx.value > 0) _transferTokens(_tx.target, _tx.value);
        return _tx.data.length == 0 || _call(_tx, 0);
    }

    /// @dev Makes a withdrawal's call. Without its gas limit everything reverts, so that nobody can spend somebody else's
    ///      withdrawal on a call that cannot succeed.
    function _call(WithdrawalTransaction calldata _tx, uint256 _value) internal returns (bool) {
        return SafeCall.callWithMinGas(_tx.target, _tx.gasLimit, GAS_AFTER_CALL, _value, _tx.data);
    }

    /// @dev Takes tokens out of the lock. Exactly as many must leave, and the token must not deposit meanwhile.
    function _transferTokens(address _to, uint256 _amount) internal nonReentrant {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransfer(_to, _amount);
        uint256 left = before - IERC20(token).balanceOf(address(this));
        if (left != _amount) revert OptimismPortal_TransferMismatch(_amount, left);
    }

    /// @dev No withdrawal makes the portal call itself, where it would be the sender of a deposit, nor the token, where
    ///      everybody's coins would obey.
    function _checkTarget(address _target) internal view {
        if (_target == address(this) || (token != address(0) && _target == token)) revert OptimismPortal_BadTarget();
    }

    /// @dev The game at a place in the factory's list, if something can be proven against it.
    function _provableGame(uint256 _index) internal view returns (IDisputeGame game_) {
        (,, address proxy) = anchorStateRegistry.disputeGameFactory().gameAtIndex(_index);
        if (!anchorStateRegistry.isGameProper(proxy)) revert OptimismPortal_ImproperDisputeGame();
        game_ = IDisputeGame(proxy);
        if (!game_.wasRespectedGameTypeWhenCreated()) revert OptimismPortal_InvalidDisputeGame();
        if (game_.status() == IDisputeGame.GameStatus.CHALLENGER_WINS) revert OptimismPortal_InvalidDisputeGame();
        if (block.timestamp <= game_.createdAt()) revert OptimismPortal_InvalidProofTimestamp();
    }
}
