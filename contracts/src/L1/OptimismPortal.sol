// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Calldata } from "@openzeppelin/contracts/utils/Calldata.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { ResourceMetering } from "src/L1/ResourceMetering.sol";
import { AddressAlias } from "src/libraries/AddressAlias.sol";
import { Coin } from "src/libraries/Coin.sol";
import { ProxyAdminOwned } from "src/universal/ProxyAdminOwned.sol";

/// @title OptimismPortal
/// @notice The way into the L2, behind a proxy.
/// @dev What the portal owes the L2 is a counter and never a balance: balances can be raised by anyone.
///      New variables go to the end of the storage, where the way out of the L2 has its place.
contract OptimismPortal is IOptimismPortal, ResourceMetering, ProxyAdminOwned, Initializable, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Version of the deposit event.
    uint256 internal constant DEPOSIT_VERSION = 0;

    /// @dev Gas on the L2 of a deposit by plain transfer.
    uint64 internal constant RECEIVE_DEFAULT_GAS_LIMIT = 100_000;

    /// @dev Most bytes of data: what the OP Stack allows, so that a deposit fits into its messages.
    uint256 internal constant MAX_DATA_LENGTH = 120_000;

    /// @inheritdoc IOptimismPortal
    ISystemConfig public systemConfig;

    /// @dev The token that is the L2's coin; zero for ether. Copied from the configuration once: the coins locked here
    ///      stay what they are whatever happens there.
    address internal token;

    /// @inheritdoc IOptimismPortal
    uint256 public lockedBalance;

    constructor() {
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
        uint256 _genesisLocked,
        address _funder
    ) external payable onlyProxyAdminOrOwner initializer {
        systemConfig = _systemConfig;
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
    function gasPayingToken() external view returns (address token_, uint8 decimals_) {
        return (token == address(0) ? Coin.ETHER : token, Coin.DECIMALS);
    }

    /// @inheritdoc IOptimismPortal
    function superchainConfig() external view returns (ISuperchainConfig) {
        return systemConfig.superchainConfig();
    }

    /// @inheritdoc IOptimismPortal
    function paused() external view returns (bool) {
        return systemConfig.paused();
    }

    /// @inheritdoc IOptimismPortal
    function guardian() external view returns (address) {
        return systemConfig.guardian();
    }

    /// @notice Semantic version. Clients read the major number to learn which functions there are.
    function version() external pure returns (string memory) {
        return "5.0.0";
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
}
