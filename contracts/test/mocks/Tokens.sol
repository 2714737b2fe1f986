// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import { IOptimismPortal } from "interfaces/L1/IOptimismPortal.sol";

/// @title OddToken
/// @notice A token that anyone may mint, whose `transferFrom` is not what one expects.
abstract contract OddToken is ERC20 {
    constructor() ERC20("Odd", "ODD") { }

    function mint(address _to, uint256 _amount) external {
        _mint(_to, _amount);
    }
}

/// @title FeeToken
/// @notice Keeps one percent of what is transferred.
contract FeeToken is OddToken {
    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        _burn(_from, _amount / 100);
        return super.transferFrom(_from, _to, _amount - _amount / 100);
    }
}

/// @title GenerousToken
/// @notice Brings one more than what is transferred.
contract GenerousToken is OddToken {
    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        _mint(_to, 1);
        return super.transferFrom(_from, _to, _amount);
    }
}

/// @title LyingToken
/// @notice Says that it has transferred, and has not.
contract LyingToken is OddToken {
    function transferFrom(address, address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @title FalseToken
/// @notice Transfers, and says that it has not.
contract FalseToken is OddToken {
    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        return !super.transferFrom(_from, _to, _amount);
    }
}

/// @title SilentToken
/// @notice Transfers and answers nothing, as some old tokens do.
contract SilentToken is OddToken {
    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        super.transferFrom(_from, _to, _amount);
        assembly {
            return(0, 0)
        }
    }
}

/// @title CoarseToken
/// @notice Has six decimals.
contract CoarseToken is OddToken {
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

/// @title ReentrantToken
/// @notice Deposits again while it is transferred.
contract ReentrantToken is OddToken {
    IOptimismPortal internal portal;
    bool internal withCoins;

    /// @notice Makes the next transfer call the portal: a deposit of coins, or one without.
    function arm(IOptimismPortal _portal, bool _withCoins) external {
        portal = _portal;
        withCoins = _withCoins;
        _mint(address(this), 1 ether);
        _approve(address(this), address(_portal), type(uint256).max);
    }

    function transferFrom(address _from, address _to, uint256 _amount) public override returns (bool) {
        IOptimismPortal target = portal;
        portal = IOptimismPortal(address(0));
        if (address(target) != address(0)) {
            if (withCoins) target.depositERC20Transaction(_from, 1 ether, 0, 21_000, false, "");
            else target.depositTransaction(_from, 0, 21_000, false, "");
        }
        return super.transferFrom(_from, _to, _amount);
    }
}

/// @title TaxingToken
/// @notice Takes one more from the sender of a transfer than what is transferred.
contract TaxingToken is OddToken {
    function transfer(address _to, uint256 _amount) public override returns (bool) {
        _burn(msg.sender, 1);
        return super.transfer(_to, _amount);
    }
}

/// @title IdleToken
/// @notice Says that it has transferred, and has not.
contract IdleToken is OddToken {
    function transfer(address, uint256) public pure override returns (bool) {
        return true;
    }
}

/// @title RefusingToken
/// @notice Transfers nothing, and says so.
contract RefusingToken is OddToken {
    function transfer(address, uint256) public pure override returns (bool) {
        return false;
    }
}

/// @title HookedToken
/// @notice Makes one call while it is transferred, and fails where that fails.
contract HookedToken is OddToken {
    address internal target;
    bytes internal data;

    /// @notice Chooses the call of the next transfer.
    function arm(address _target, bytes calldata _data) external {
        (target, data) = (_target, _data);
        _mint(address(this), 1 ether);
        _approve(address(this), _target, type(uint256).max);
    }

    function _update(address _from, address _to, uint256 _amount) internal override {
        address hook = target;
        if (_from != address(0) && hook != address(0)) {
            target = address(0);
            (bool success, bytes memory answer) = hook.call(data);
            if (!success) {
                assembly {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
        }
        super._update(_from, _to, _amount);
    }
}
