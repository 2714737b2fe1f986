// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { ISemver } from "interfaces/ISemver.sol";

/// @title IFeeVault
/// @notice Collects one kind of fee; anyone may send what has accrued to the recipient.
interface IFeeVault is ISemver {
    /// @notice The layer on which the recipient is paid.
    enum WithdrawalNetwork {
        L1,
        L2
    }

    /// @notice Read by accounting: fees were paid out.
    event Withdrawal(uint256 value, address to, address from);

    /// @notice Read by accounting: fees were paid out, and on which layer.
    event Withdrawal(uint256 value, address to, address from, WithdrawalNetwork withdrawalNetwork);

    /// @notice Read by governance monitors.
    event MinWithdrawalAmountUpdated(uint256 oldWithdrawalAmount, uint256 newWithdrawalAmount);

    /// @notice Read by governance monitors.
    event RecipientUpdated(address oldRecipient, address newRecipient);

    /// @notice Read by governance monitors.
    event WithdrawalNetworkUpdated(WithdrawalNetwork oldWithdrawalNetwork, WithdrawalNetwork newWithdrawalNetwork);

    /// @notice The vault holds less than the minimum.
    error FeeVault_BelowMinimum(uint256 balance, uint256 minimum);

    /// @notice The recipient on the L2 refused the payment.
    error FeeVault_PaymentFailed();

    /// @notice The caller is not the owner of the ProxyAdmin.
    error FeeVault_NotProxyAdminOwner();

    /// @notice The recipient is the zero address.
    error FeeVault_ZeroRecipient();

    /// @notice Sets the vault up, once.
    /// @param _recipient Who is paid.
    /// @param _minWithdrawalAmount Least balance that is worth a withdrawal, in wei.
    /// @param _withdrawalNetwork Where the recipient is paid.
    function initialize(address _recipient, uint256 _minWithdrawalAmount, WithdrawalNetwork _withdrawalNetwork)
        external;

    /// @notice Pays the whole balance out.
    /// @return value_ Amount paid, in wei.
    function withdraw() external returns (uint256 value_);

    /// @notice Sets the least balance that is worth a withdrawal, in wei.
    function setMinWithdrawalAmount(uint256 _newMinWithdrawalAmount) external;

    /// @notice Sets who is paid.
    function setRecipient(address _newRecipient) external;

    /// @notice Sets where the recipient is paid.
    function setWithdrawalNetwork(WithdrawalNetwork _newWithdrawalNetwork) external;

    /// @notice Everything that was ever paid out, in wei.
    function totalProcessed() external view returns (uint256);

    /// @notice Who is paid.
    function recipient() external view returns (address);

    /// @notice Least balance that is worth a withdrawal, in wei.
    function minWithdrawalAmount() external view returns (uint256);

    /// @notice Where the recipient is paid.
    function withdrawalNetwork() external view returns (WithdrawalNetwork);

    /// @notice The recipient, under its older name.
    function RECIPIENT() external view returns (address);

    /// @notice The least withdrawal, under its older name.
    function MIN_WITHDRAWAL_AMOUNT() external view returns (uint256);

    /// @notice The network, under its older name.
    function WITHDRAWAL_NETWORK() external view returns (WithdrawalNetwork);
}
