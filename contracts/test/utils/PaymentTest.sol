// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { WOPEN } from "src/L2/WOPEN.sol";
import { FeeRouter } from "src/pay/FeeRouter.sol";
import { PayableAI } from "src/pay/PayableAI.sol";
import { TrainingAccumulator } from "src/pay/TrainingAccumulator.sol";
import { ModelTest } from "test/utils/ModelTest.sol";

/// @title PaymentTest
/// @notice The contracts that take and divide fees, over the real registers, and a model version of Alice's that answers. The test is the settlement.
abstract contract PaymentTest is ModelTest {
    WOPEN internal wopen;
    PayableAI internal payments;
    FeeRouter internal router;
    TrainingAccumulator internal accumulator;

    /// @dev The model version.
    uint64 internal version;

    /// @dev Who answers, who pays, and whose vouchers count in a channel of theirs.
    address internal gateway;
    uint256 internal gatewayKey;
    address internal payer;
    uint256 internal payerKey;
    address internal signer;
    uint256 internal signerKey;

    address internal immutable LICENSOR = _account("licensor");
    address internal immutable TUNER = _account("tuner");
    address internal immutable COMPUTE = _account("compute");
    address internal immutable STAKERS = _account("stakers");
    address internal immutable TREASURY = _account("treasury");

    uint64 internal constant PRICE_NOTICE = 1 days;
    uint64 internal constant CLOSE_TIME = 2 days;
    uint16 internal constant BURN_BPS = 5_000;
    uint16 internal constant EMISSION_BPS = 9_000;

    bytes32 internal constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    function setUp() public virtual override {
        super.setUp();
        (gateway, gatewayKey) = _accountAndKey("gateway");
        (payer, payerKey) = _accountAndKey("payer");
        (signer, signerKey) = _accountAndKey("signer");
        wopen = new WOPEN();
        accumulator = new TrainingAccumulator(models, contributors);
        (payments, router) = _deploy(address(this));
        version = _publish(_ours());
        vm.prank(ALICE);
        payments.setPrices(version, _prices());
        vm.prank(payer);
        wopen.deposit{ value: 1_000 ether }();
    }

    /// @dev The data pools of ranges that are cut.
    receive() external payable { }

    /// @dev Another pair of the contracts, which know each other's address before it is there.
    function _deploy(address _settlement) internal returns (PayableAI payments_, FeeRouter router_) {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        payments_ = new PayableAI(models, _settlement, next, wopen, PRICE_NOTICE, CLOSE_TIME);
        router_ = new FeeRouter(payments_, models, accumulator, TREASURY, BURN_BPS, EMISSION_BPS);
    }

    /// @dev A base with everybody in it an account of their own, which this test settles.
    function _ours() internal view returns (IModelRegistry.Publication memory of_) {
        of_ = _base();
        of_.payees = IModelRegistry.Payees(LICENSOR, TUNER, COMPUTE, STAKERS);
        of_.gateway = gateway;
    }

    function _prices() internal pure returns (IPayableAI.Prices memory prices_) {
        return IPayableAI.Prices({ input: 0.5 ether, output: 2 ether, flat: 0.01 ether });
    }

    /// @dev A sealed answer of `version` to `payer`: 0.406 + 0.466 + 0.01 coins.
    function _answer() internal view returns (IPayableAI.Answer memory of_) {
        of_ = IPayableAI.Answer({
            modelVersion: version,
            payer: payer,
            sheet: 0,
            tokensIn: 812,
            tokensOut: 233,
            isPublic: false,
            contextRoot: keccak256("context"),
            outputRoot: keccak256("output"),
            words: 171
        });
    }

    uint128 internal constant FEE = 0.882 ether;

    /// @dev The same with another context, so that no two are the same.
    function _answer(uint256 _salt) internal view returns (IPayableAI.Answer memory of_) {
        of_ = _answer();
        of_.contextRoot = keccak256(abi.encode(_salt));
    }

    function _sign(uint256 _key, bytes32 _hash) internal pure returns (bytes memory signature_) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, _hash);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The other signature of the same key that a curve has for a hash.
    function _twin(uint256 _key, bytes32 _hash) internal pure returns (bytes memory signature_) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key, _hash);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        return abi.encodePacked(r, order - uint256(s), v == 27 ? 28 : 27);
    }

    /// @dev What the gateway signs.
    function _quote(IPayableAI.Answer memory _of, uint64 _validBefore) internal view returns (bytes memory signature_) {
        return _sign(gatewayKey, payments.quoteHash(_of, _validBefore));
    }

    /// @dev What the payer signs, for an hour.
    function _authorization(
        IPayableAI.Answer memory _of,
        uint256 _value
    ) internal view returns (bytes memory signature_) {
        return _sign(payerKey, _authorizationHash(_of.payer, _value, payments.answerHash(_of)));
    }

    function _authorizationHash(address _payer, uint256 _value, bytes32 _nonce) internal view returns (bytes32 hash_) {
        uint256 until = block.timestamp + 1 hours;
        bytes32 structHash = keccak256(abi.encode(RECEIVE, _payer, payments, _value, 0, until, _nonce));
        return MessageHashUtils.toTypedDataHash(wopen.DOMAIN_SEPARATOR(), structHash);
    }

    /// @dev Pays for an answer, as its payer.
    function _pay(IPayableAI.Answer memory _of) internal returns (uint64 i_) {
        uint64 until = uint64(block.timestamp) + 1 hours;
        bytes memory signature = _quote(_of, until);
        uint128 fee = payments.feeOf(_of);
        vm.prank(_of.payer);
        return payments.pay{ value: fee }(_of, until, signature);
    }

    /// @dev The same in WOPEN.
    function _payInWOPEN(IPayableAI.Answer memory _of) internal returns (uint64 i_) {
        bytes memory signature = _authorization(_of, payments.feeOf(_of));
        vm.prank(gateway);
        return payments.payWithAuthorization(_of, 0, block.timestamp + 1 hours, signature);
    }

    /// @dev Asks for an answer, with an hour's time; another one each time.
    function _order(uint128 _most) internal returns (uint256 order_) {
        bytes32 request = bytes32(++_requests);
        vm.prank(payer);
        return payments.order{ value: _most }(version, 0, uint64(block.timestamp) + 1 hours, request);
    }

    uint256 private _requests;

    /// @dev A channel of the payer's, in which the signer's vouchers count.
    function _channel(uint128 _deposit) internal returns (uint256 channel_) {
        vm.prank(payer);
        return payments.openChannel{ value: _deposit }(gateway, signer);
    }

    /// @dev A voucher for answers behind those that were redeemed.
    function _voucher(
        uint256 _channel_,
        IPayableAI.Answer[] memory _answers
    ) internal view returns (bytes memory signature_) {
        return _sign(signerKey, _voucherHash(_channel_, _answers));
    }

    function _voucherHash(uint256 _of, IPayableAI.Answer[] memory _answers) internal view returns (bytes32 hash_) {
        IPayableAI.Channel memory channel = payments.channelOf(_of);
        (uint128 spent, bytes32 head) = (channel.spent, channel.head);
        for (uint256 k; k < _answers.length; ++k) {
            spent += payments.feeOf(_answers[k]);
            head = payments.headAfter(head, _answers[k]);
        }
        return payments.voucherHash(_of, spent, head);
    }

    function _redeem(uint256 _of, IPayableAI.Answer[] memory _answers) internal returns (uint64 first_) {
        bytes memory signature = _voucher(_of, _answers);
        vm.prank(gateway);
        return payments.redeem(_of, _answers, signature);
    }

    function _one(IPayableAI.Answer memory _of) internal pure returns (IPayableAI.Answer[] memory answers_) {
        answers_ = new IPayableAI.Answer[](1);
        answers_[0] = _of;
    }

    /// @dev So many different answers.
    function _several(uint256 _count, uint256 _salt) internal view returns (IPayableAI.Answer[] memory answers_) {
        answers_ = new IPayableAI.Answer[](_count);
        for (uint256 k; k < _count; ++k) {
            answers_[k] = _answer(_salt + k);
        }
    }

    /// @dev An answer's leaf R.
    function _leafR(IPayableAI.Answer memory _of, uint64 _i, uint128 _fee) internal pure returns (bytes memory leaf_) {
        leaf_ = abi.encodePacked("R", _i, _of.modelVersion, _of.payer, _fee, _of.tokensIn, _of.tokensOut);
        return abi.encodePacked(leaf_, _of.isPublic, _of.contextRoot, _of.outputRoot, _of.words);
    }

    /// @dev What the data pool of `FEE` is.
    uint128 internal constant DATA = 0.33516 ether;
}
