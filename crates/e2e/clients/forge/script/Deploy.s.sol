// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {TestToken} from "../../contracts/TestToken.sol";
import {TestVault} from "../../contracts/TestVault.sol";
import {Counter} from "../../contracts/Counter.sol";

/// @dev The cheat codes that this script needs, so that it does not need forge-std.
interface Vm {
    function envUint(string calldata name) external view returns (uint256);
    function addr(uint256 key) external pure returns (address);
    function startBroadcast(uint256 key) external;
    function stopBroadcast() external;
}

/// @notice A deployment as dApps write them: contracts that refer to each other, a CREATE2 deployment through the
/// deterministic proxy, an upgradeable proxy with an initializer, and calls in between.
contract Deploy {
    bool public constant IS_SCRIPT = true;
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        uint256 key = VM.envUint("DEPLOYER_KEY");
        address deployer = VM.addr(key);

        VM.startBroadcast(key);
        TestToken token = new TestToken(deployer, 1_000 ether);
        TestVault vault = new TestVault(token);
        token.approve(address(vault), 100 ether);
        vault.deposit(100 ether, deployer);
        Counter logic = new Counter{salt: bytes32(VM.envUint("SALT"))}();
        Counter counter = Counter(address(new ERC1967Proxy(address(logic), abi.encodeCall(Counter.initialize, (40)))));
        counter.increment("by script");
        VM.stopBroadcast();

        require(vault.balanceOf(deployer) == 100 ether, "shares");
        require(token.balanceOf(address(vault)) == 100 ether, "assets");
        require(counter.number() == 41, "counter");
    }
}
