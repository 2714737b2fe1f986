// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { IContributionRegistry } from "interfaces/datanet/IContributionRegistry.sol";
import { IDatanetRegistry } from "interfaces/datanet/IDatanetRegistry.sol";
import { ContributionRegistry } from "src/datanet/ContributionRegistry.sol";
import { DatanetTest } from "test/utils/DatanetTest.sol";
import { Vm } from "test/utils/Vm.sol";

/// @title ContributionRegistry_Gas_Test
/// @notice What transactions cost, with the real registers. Everything that a call touches is cold.
contract ContributionRegistry_Gas_Test is DatanetTest {
    uint32[3] internal documents = [uint32(1), 100, 10_000];
    bytes32 internal constant ROOT = "documents";

    function setUp() public override {
        super.setUp();
        licences.add("train and derive", 9, "");
        _create(IDatanetRegistry.Policy.INDIVIDUAL);
        vm.startPrank(CAROL);
        for (uint256 k; k < 3; ++k) {
            contributions.commit(contributions.commitHashOf(CAROL, _batch(documents[k]), CID, "salt"));
        }
        // Documents, and what was made of the last of them.
        contributions.commit(contributions.commitHashOf(CAROL, _batch(7), CID, "salt"));
        contributions.reveal{ value: 30_000 }(4, _batch(7), CID, "salt", ROOT);
        contributions.commit(contributions.commitHashOf(CAROL, _child(), CID, "salt"));
        vm.stopPrank();
    }

    function _child() internal pure returns (IContributionRegistry.Batch memory batch_) {
        batch_ = _batch(1);
        (batch_.kinds, batch_.parent) = (2, uint64(4) << 32 | 6);
    }

    function _batch(uint32 _documents) internal pure returns (IContributionRegistry.Batch memory batch_) {
        return IContributionRegistry.Batch({
            contentRoot: "content",
            datanet: 0,
            contributor: 0,
            documents: _documents,
            size: 10_000,
            licence: 1,
            kinds: 1,
            parent: 0,
            isInline: false
        });
    }

    function test_commit_gas_succeeds() public {
        vm.prank(CAROL);
        contributions.commit("hash");
        _snapshot("commit", abi.encodeCall(contributions.commit, ("hash")));
    }

    function test_reveal_gas_one_succeeds() public {
        _revealed(1, _batch(1), "reveal, of 1 documents");
    }

    function test_reveal_gas_hundred_succeeds() public {
        _revealed(2, _batch(100), "reveal, of 100 documents");
    }

    function test_reveal_gas_tenThousand_succeeds() public {
        _revealed(3, _batch(10_000), "reveal, of 10000 documents");
    }

    function test_reveal_gas_withParent_succeeds() public {
        _revealed(5, _child(), "reveal, with a parent");
    }

    /// @dev Rows in the call's data, which everybody has with the chain: the floor of its price is what counts, and the log costs nothing more.
    function test_reveal_gas_inline_succeeds() public {
        IContributionRegistry.Batch memory batch = _batch(1);
        bytes memory rows = bytes("forty bytes of rows, sixteen times over\n");
        for (uint256 k; k < 4; ++k) {
            rows = bytes.concat(rows, rows);
        }
        (batch.isInline, batch.size) = (true, uint64(rows.length));
        vm.startPrank(CAROL);
        uint32 commitSeq = contributions.commit(contributions.commitHashOf(CAROL, batch, rows, "salt"));
        bytes memory data = abi.encodeCall(IContributionRegistry.reveal, (commitSeq, batch, rows, "salt", ROOT));
        contributions.reveal{ value: 3 * rows.length }(commitSeq, batch, rows, "salt", ROOT);
        vm.stopPrank();
        _snapshot("reveal, of 640 bytes inline", data);
    }

    function test_restate_gas_succeeds() public {
        vm.prank(CAROL);
        contributions.restate(4, "others");
        _snapshot("restate", abi.encodeCall(contributions.restate, (4, "others")));
    }

    function _revealed(uint32 _commitSeq, IContributionRegistry.Batch memory _of, string memory _name) internal {
        bytes memory data = abi.encodeCall(IContributionRegistry.reveal, (_commitSeq, _of, CID, "salt", ROOT));
        vm.prank(CAROL);
        contributions.reveal{ value: 30_000 }(_commitSeq, _of, CID, "salt", ROOT);
        _snapshot(_name, data);
    }

    function _snapshot(string memory _name, bytes memory _data) internal {
        uint256 gas = _transactionGas(_data);
        // What is counted for coverage is not optimized.
        if (vm.isContext(Vm.ForgeContext.Coverage)) return;
        vm.snapshotValue("ContributionRegistry", _name, gas);
        vm.assertLe(gas, 130_000);
    }
}
