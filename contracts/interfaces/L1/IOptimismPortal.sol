// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";
import { IResourceMetering } from "interfaces/L1/IResourceMetering.sol";
import { ISuperchainConfig } from "interfaces/L1/ISuperchainConfig.sol";
import { ISystemConfig } from "interfaces/L1/ISystemConfig.sol";
import { IProxyAdminOwned } from "interfaces/universal/IProxyAdminOwned.sol";

/// @title IOptimismPortal
/// @notice The way into the L2: locks coins, and orders transactions that the L2 must execute whatever its sequencer
///         does (OP Stack specification, "Deposits"). Nobody can stop it, the pause included.
interface IOptimismPortal is ISemver, IResourceMetering, IProxyAdminOwned {
    /// @notice A transaction for the L2. Every node of the chain derives it from this event.
    /// @param from The sender on the L2: a contract's address is aliased.
    /// @param to The receiver; zero for a contract creation.
    /// @param version Version of the event: 0.
    /// @param opaqueData mint (32 bytes), value (32), gas limit (8), whether it is a contract creation (1), data.
    event TransactionDeposited(address indexed from, address indexed to, uint256 indexed version, bytes opaqueData);

    /// @notice A contract creation has no receiver.
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

    /// @notice Connects the portal, opens the market for gas, and locks the coins that the L2 has at its genesis; all
    ///         that in one transaction, once. Only the ProxyAdmin or its owner.
    /// @param _systemConfig The chain's configuration, initialized before: it says which coin is locked here.
    /// @param _genesisLocked Sum of the balances in the L2's genesis. In ether it must be the value of this call.
    /// @param _funder With a token, whose tokens are taken; they need an allowance for this portal.
    function initialize(ISystemConfig _systemConfig, uint256 _genesisLocked, address _funder) external payable;

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

    /// @notice The lowest gas limit of a deposit with this much data: 21,000, and 40 for each byte.
    function minimumGasLimit(uint64 _byteCount) external pure returns (uint64);

    /// @notice Coins locked here for the L2: the genesis's and what was deposited since. Gifts are not in it.
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
