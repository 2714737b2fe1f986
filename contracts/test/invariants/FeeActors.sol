// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IFeeVault } from "interfaces/L2/IFeeVault.sol";
import { BaseFeeVault } from "src/L2/BaseFeeVault.sol";
import { FeeVault } from "src/L2/FeeVault.sol";
import { L1FeeVault } from "src/L2/L1FeeVault.sol";
import { L2ToL1MessagePasser } from "src/L2/L2ToL1MessagePasser.sol";
import { OperatorFeeVault } from "src/L2/OperatorFeeVault.sol";
import { SequencerFeeVault } from "src/L2/SequencerFeeVault.sol";
import { Predeploys } from "src/libraries/Predeploys.sol";
import { ProxyAdmin } from "src/universal/ProxyAdmin.sol";
import { Refuser } from "test/mocks/Refuser.sol";
import { Caller } from "test/mocks/Targets.sol";
import { Test } from "test/utils/Test.sol";

/// @title Fee_Actors
/// @notice An L2 in this EVM, with the real vaults: blocks that move fees from users to vaults as the execution engine does,
///         deposits that mint, withdrawals, an owner that changes the vaults' settings, and recipients of all kinds.
contract Fee_Actors is Test {
    address internal immutable OWNER = _account("owner");
    address internal immutable REFUSER = address(new Refuser());
    Caller internal immutable REENTRANT = new Caller();
    L2ToL1MessagePasser internal immutable PASSER = L2ToL1MessagePasser(payable(Predeploys.L2_TO_L1_MESSAGE_PASSER));

    FeeVault[4] internal vaults = [
        FeeVault(payable(Predeploys.SEQUENCER_FEE_VAULT)),
        FeeVault(payable(Predeploys.BASE_FEE_VAULT)),
        FeeVault(payable(Predeploys.L1_FEE_VAULT)),
        FeeVault(payable(Predeploys.OPERATOR_FEE_VAULT))
    ];

    /// @notice Sums: what deposits minted, what the passer destroyed, what the vaults got and what they paid.
    uint256 public minted;
    uint256 public destroyed;
    uint256 public received;
    uint256 public paid;
    /// @notice Withdrawals out of a vault that did something else than they should.
    uint256 public wrongWithdrawals;

    /// @notice All coins in the beginning.
    uint256 public immutable GENESIS;

    constructor() {
        _place(Predeploys.SEQUENCER_FEE_VAULT, address(new SequencerFeeVault()));
        _place(Predeploys.BASE_FEE_VAULT, address(new BaseFeeVault()));
        _place(Predeploys.L1_FEE_VAULT, address(new L1FeeVault()));
        _place(Predeploys.OPERATOR_FEE_VAULT, address(new OperatorFeeVault()));
        _place(address(PASSER), address(new L2ToL1MessagePasser()));
        _place(Predeploys.PROXY_ADMIN, address(new ProxyAdmin(OWNER)));
        ProxyAdmin(Predeploys.PROXY_ADMIN).initialize(OWNER);
        for (uint256 i; i < vaults.length; ++i) {
            vaults[i].initialize(
                BOB, 1 ether, i % 2 == 0 ? IFeeVault.WithdrawalNetwork.L2 : IFeeVault.WithdrawalNetwork.L1
            );
        }
        GENESIS = supply();
    }

    /// @dev A transaction of a block, as the engine settles it.
    function payFees(uint256 _base, uint256 _priority, uint256 _l1, uint256 _operator) external {
        uint256[4] memory fees = [_priority, _base, _l1, _operator];
        for (uint256 i; i < fees.length; ++i) {
            uint256 fee = _bound(fees[i], 0, 2 ether);
            if (fee > ALICE.balance) continue;
            vm.deal(ALICE, ALICE.balance - fee);
            vm.deal(address(vaults[i]), address(vaults[i]).balance + fee);
            received += fee;
        }
    }

    /// @dev The only way in which there are more coins than before.
    function mint(uint256 _amount) external {
        uint256 amount = _bound(_amount, 0, 100 ether);
        vm.deal(ALICE, ALICE.balance + amount);
        minted += amount;
    }

    function give(uint8 _vault, uint256 _amount) external {
        uint256 amount = _bound(_amount, 0, 2 ether);
        vm.prank(BOB);
        (bool success,) = address(vaults[_vault % 4]).call{ value: amount }("");
        if (!success) ++wrongWithdrawals;
        received += amount;
    }

    /// @dev Anybody, at any time. It pays everything or nothing.
    function withdraw(uint8 _vault) external {
        FeeVault vault = vaults[_vault % 4];
        uint256 held = address(vault).balance;
        REENTRANT.arm(address(vault), 0, abi.encodeCall(IFeeVault.withdraw, ()));
        bool expected = held >= vault.minWithdrawalAmount()
            && (vault.recipient() != REFUSER || vault.withdrawalNetwork() == IFeeVault.WithdrawalNetwork.L1);
        uint256 registered = PASSER.messageNonce();
        vm.prank(ALICE);
        try vault.withdraw() returns (uint256 value) {
            if (!expected || value != held || address(vault).balance != 0) ++wrongWithdrawals;
            bool onL1 = vault.withdrawalNetwork() == IFeeVault.WithdrawalNetwork.L1;
            if (PASSER.messageNonce() != registered + (onL1 ? 1 : 0)) ++wrongWithdrawals;
            if (onL1 && !PASSER.sentMessages(_hash(registered, vault, held))) ++wrongWithdrawals;
            paid += held;
        } catch {
            if (expected || address(vault).balance != held) ++wrongWithdrawals;
        }
    }

    function configure(uint8 _vault, uint8 _recipient, uint256 _minimum, bool _l1) external {
        address[3] memory recipients = [BOB, REFUSER, address(REENTRANT)];
        FeeVault vault = vaults[_vault % 4];
        vm.startPrank(OWNER);
        vault.setRecipient(recipients[_recipient % 3]);
        vault.setMinWithdrawalAmount(_bound(_minimum, 0, 4 ether));
        vault.setWithdrawalNetwork(_l1 ? IFeeVault.WithdrawalNetwork.L1 : IFeeVault.WithdrawalNetwork.L2);
        vm.stopPrank();
    }

    function withdrawFromL2(uint256 _amount) external {
        uint256 amount = _bound(_amount, 0, 10 ether);
        vm.prank(BOB);
        PASSER.initiateWithdrawal{ value: amount }(BOB, 100_000, "");
    }

    function burn() external {
        uint256 amount = address(PASSER).balance;
        PASSER.burn();
        destroyed += amount;
    }

    /// @notice All coins that there are.
    function supply() public view returns (uint256 sum_) {
        sum_ = ALICE.balance + BOB.balance + address(PASSER).balance + REFUSER.balance + address(REENTRANT).balance;
        return sum_ + held();
    }

    /// @notice Coins that lie in the vaults.
    function held() public view returns (uint256 sum_) {
        for (uint256 i; i < vaults.length; ++i) {
            sum_ += address(vaults[i]).balance;
        }
    }

    /// @notice What the vaults say that they have paid.
    function processed() external view returns (uint256 sum_) {
        for (uint256 i; i < vaults.length; ++i) {
            sum_ += vaults[i].totalProcessed();
        }
    }

    function _hash(uint256 _nonce, FeeVault _vault, uint256 _value) internal view returns (bytes32) {
        return keccak256(abi.encode(_nonce, address(_vault), _vault.recipient(), _value, 400_000, bytes("")));
    }
}
