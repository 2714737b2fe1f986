// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { ITrainingJobs } from "interfaces/model/ITrainingJobs.sol";
import { ITrainingAccumulator } from "interfaces/pay/ITrainingAccumulator.sol";

/// @title MoodyAccumulator
/// @notice Takes what it is fed, refuses it for a reason, or without one. Anybody changes the mood.
contract MoodyAccumulator {
    enum Mood {
        TAKES,
        REFUSES,
        FAILS
    }

    Mood public mood;

    function change(Mood _to) external {
        mood = _to;
    }

    function feed(uint64) external payable {
        if (mood == Mood.REFUSES) revert ITrainingAccumulator.TrainingAccumulator_Overflow();
        if (mood == Mood.FAILS) {
            assembly {
                revert(0, 0)
            }
        }
    }
}

/// @title ReenteringAccumulator
/// @notice Does to the job that feeds it all that anyone can, and says what came of it; then it takes the coins, or fails for a reason.
contract ReenteringAccumulator {
    uint64 internal immutable JOB;
    address internal immutable ACCOUNT;
    bool internal immutable FAILS;

    /// @notice Calls that went through.
    uint256 public successes;

    /// @notice What the account was paid by them.
    uint256 public withdrawn;

    constructor(uint64 _jobId, address _account, bool _fails) {
        (JOB, ACCOUNT, FAILS) = (_jobId, _account, _fails);
    }

    function feed(uint64) external payable {
        bytes[3] memory calls = [
            abi.encodeCall(ITrainingJobs.complete, (JOB)),
            abi.encodeCall(ITrainingJobs.reject, (JOB, bytes32(0))),
            abi.encodeCall(ITrainingJobs.expire, (JOB))
        ];
        for (uint256 k; k < calls.length; ++k) {
            (bool success,) = msg.sender.call(calls[k]);
            if (success) ++successes;
        }
        withdrawn += ITrainingJobs(msg.sender).withdraw(ACCOUNT);
        if (FAILS) revert ITrainingAccumulator.TrainingAccumulator_Overflow();
    }
}
