// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelGate, IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { ISettlement } from "interfaces/pay/ISettlement.sol";
import { WOPEN } from "src/L2/WOPEN.sol";
import { FeeRouter } from "src/pay/FeeRouter.sol";
import { PayableAI } from "src/pay/PayableAI.sol";
import { PayoutVault } from "src/pay/PayoutVault.sol";
import { Settlement } from "src/pay/Settlement.sol";
import { Gates } from "test/mocks/Gates.sol";
import { SettlementActors } from "test/utils/SettlementActors.sol";

/// @title EconomyActors
/// @notice The actors of the settlement over real payments: whole fees, from who pays to all who are paid.
contract EconomyActors is SettlementActors {
    PayableAI internal taker;
    FeeRouter internal router;
    address[] internal payees;

    /// @notice All fees, and what of their other shares was handed over.
    uint256 public fees;
    uint256 public sharesHandedOver;

    function setUp() public override {
        if (address(taker) != address(0)) return;
        super.setUp();
        payees = [ALICE, BOB, CAROL];
        WOPEN wopen = new WOPEN();
        uint64 nonce = vm.getNonce(address(this));
        address settled = vm.computeCreateAddress(address(this), nonce + 4);
        address routed = vm.computeCreateAddress(address(this), nonce + 2);
        IModelGate gates = IModelGate(address(new Gates(settled, payees)));
        taker = new PayableAI(gates, settled, routed, wopen, 1 days, 1 days);
        router = new FeeRouter(taker, IModelRegistry(address(gates)), accumulator, address(this), 5_000, 5_000);
        vault = new PayoutVault(ISettlement(settled), contributors, accumulator);
        settlement = new Settlement(
            taker,
            contributors,
            vault,
            accumulator,
            judge,
            judge,
            Settlement.Parameters(INTERVAL, 0, WINDOW, FALLBACK, BOND, FEE)
        );
        taker.setPrices(MODEL, IPayableAI.Prices(1_000_003, 0, 0));
    }

    receive() external payable { }

    /// @dev An answer, asked for with more than it costs.
    function pay(uint96 _amount) external override {
        IPayableAI.Answer memory answer = IPayableAI.Answer({
            modelVersion: MODEL,
            payer: address(this),
            sheet: 0,
            tokensIn: uint32(_amount),
            tokensOut: 0,
            isPublic: false,
            contextRoot: 0,
            outputRoot: 0,
            words: 0
        });
        uint128 fee = taker.feeOf(answer);
        vm.deal(address(this), address(this).balance + fee + 5);
        uint256 order = taker.order{ value: fee + 5 }(MODEL, 0, uint64(block.timestamp) + 1, 0);
        taker.deliver(order, answer);
        fees += fee;
    }

    function distribute(uint256 _range) external {
        if (settlement.cuts() == 0) return;
        router.distribute(uint64(_bound(_range, 0, settlement.cuts() - 1)), MODEL);
    }

    function withdrawShares(uint256 _by) external {
        sharesHandedOver += router.withdraw(_by % 4 == 3 ? address(this) : _who(_by));
    }

    /// @notice Where the coins of all fees are: still with the contract that takes them, divided, destroyed, or on their way to contributors.
    function found() external view returns (uint256 amount_) {
        return dataCoins() + address(taker).balance + address(router).balance + sharesHandedOver + router.burned();
    }

    /// @notice What of the other shares the router owes.
    function owed() external view returns (uint256 amount_) {
        amount_ = router.creditOf(address(this));
        for (uint256 n; n < payees.length; ++n) {
            amount_ += router.creditOf(payees[n]);
        }
    }

    function routerBalance() external view returns (uint256 balance_) {
        return address(router).balance;
    }
}
