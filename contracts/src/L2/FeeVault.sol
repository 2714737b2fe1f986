// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { IFeeVault } from "interfaces/L2/IFeeVault.sol";
import { IL2ToL1MessagePasser } from "interfaces/L2/IL2ToL1MessagePasser.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";

/// @title FeeVault
/// @notice What the four fee vaults have in common. The execution engine credits their balances; the rules here only
///         say where the balance goes, never how much is charged.
abstract contract FeeVault is IFeeVault, Initializable {
    /// @dev Gas on the L1 for the payment to the recipient: enough for a contract wallet.
    uint256 internal constant WITHDRAWAL_MIN_GAS = 400_000;

    /// @inheritdoc IFeeVault
    uint256 public totalProcessed;

    /// @inheritdoc IFeeVault
    uint256 public minWithdrawalAmount;

    /// @inheritdoc IFeeVault
    address public recipient;

    /// @inheritdoc IFeeVault
    WithdrawalNetwork public withdrawalNetwork;

    /// @dev Only the owner of the ProxyAdmin, who could replace the vault's code anyway.
    modifier onlyProxyAdminOwner() {
        if (msg.sender != Ownable(Predeploys.PROXY_ADMIN).owner()) revert FeeVault_NotProxyAdminOwner();
        _;
    }

    constructor() {
        _disableInitializers();
    }

    /// @notice Fees arrive by themselves; gifts are welcome.
    receive() external payable { }

    /// @inheritdoc IFeeVault
    function initialize(
        address _recipient,
        uint256 _minWithdrawalAmount,
        WithdrawalNetwork _withdrawalNetwork
    ) external initializer {
        _setRecipient(_recipient);
        minWithdrawalAmount = _minWithdrawalAmount;
        withdrawalNetwork = _withdrawalNetwork;
    }

    /// @inheritdoc IFeeVault
    function withdraw() external returns (uint256 value_) {
        value_ = address(this).balance;
        if (value_ < minWithdrawalAmount) revert FeeVault_BelowMinimum(value_, minWithdrawalAmount);

        totalProcessed += value_;
        emit Withdrawal(value_, recipient, msg.sender);
        emit Withdrawal(value_, recipient, msg.sender, withdrawalNetwork);

        if (withdrawalNetwork == WithdrawalNetwork.L2) {
            (bool paid,) = recipient.call{ value: value_ }("");
            if (!paid) revert FeeVault_PaymentFailed();
        } else {
            IL2ToL1MessagePasser(Predeploys.L2_TO_L1_MESSAGE_PASSER).initiateWithdrawal{ value: value_ }(
                recipient, WITHDRAWAL_MIN_GAS, ""
            );
        }
    }

    /// @inheritdoc IFeeVault
    function setMinWithdrawalAmount(uint256 _newMinWithdrawalAmount) external onlyProxyAdminOwner {
        emit MinWithdrawalAmountUpdated(minWithdrawalAmount, _newMinWithdrawalAmount);
        minWithdrawalAmount = _newMinWithdrawalAmount;
    }

    /// @inheritdoc IFeeVault
    function setRecipient(address _newRecipient) external onlyProxyAdminOwner {
        emit RecipientUpdated(recipient, _newRecipient);
        _setRecipient(_newRecipient);
    }

    /// @inheritdoc IFeeVault
    function setWithdrawalNetwork(WithdrawalNetwork _newWithdrawalNetwork) external onlyProxyAdminOwner {
        emit WithdrawalNetworkUpdated(withdrawalNetwork, _newWithdrawalNetwork);
        withdrawalNetwork = _newWithdrawalNetwork;
    }

    /// @inheritdoc IFeeVault
    function RECIPIENT() external view returns (address) {
        return recipient;
    }

    /// @inheritdoc IFeeVault
    function MIN_WITHDRAWAL_AMOUNT() external view returns (uint256) {
        return minWithdrawalAmount;
    }

    /// @inheritdoc IFeeVault
    function WITHDRAWAL_NETWORK() external view returns (WithdrawalNetwork) {
        return withdrawalNetwork;
    }

    /// @notice Semantic version.
    function version() external pure returns (string memory) {
        return "1.0.0";
    }

    /// @dev Refuses the address at which the fees would be lost.
    function _setRecipient(address _newRecipient) internal {
        if (_newRecipient == address(0)) revert FeeVault_ZeroRecipient();
        recipient = _newRecipient;
    }
}
