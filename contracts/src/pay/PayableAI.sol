// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IModelGate, IPayableAI } from "interfaces/pay/IPayableAI.sol";
import { WOPEN } from "src/L2/WOPEN.sol";
import { AnswerTexts } from "src/pay/answers/AnswerTexts.sol";
import { PaidAnswers } from "src/pay/answers/PaidAnswers.sol";

/// @title PayableAI
/// @notice See {IPayableAI}: the ways to pay.
contract PayableAI is AnswerTexts, EIP712 {
    using SafeCast for uint256;

    /// @notice The native coin as an ERC-20.
    WOPEN public immutable WRAPPED;

    /// @notice Seconds in which a gateway can redeem after its channel began to close.
    uint64 public immutable CLOSE_TIME;

    /// @notice The longest time an order has.
    uint64 public constant MOST_ORDER_TIME = 30 days;

    /// @notice Gas for an account that is handed coins; with one that needs more they wait for {withdraw}.
    uint256 internal constant STIPEND = 10_000;

    bytes32 internal constant ANSWER_TYPEHASH = keccak256(
        "Answer(uint64 modelVersion,address payer,uint32 sheet,uint32 tokensIn,uint32 tokensOut,bool isPublic,bytes32 contextRoot,bytes32 outputRoot,uint32 words)"
    );
    bytes32 internal constant QUOTE_TYPEHASH = keccak256(
        "Quote(Answer answer,uint64 validBefore)Answer(uint64 modelVersion,address payer,uint32 sheet,uint32 tokensIn,uint32 tokensOut,bool isPublic,bytes32 contextRoot,bytes32 outputRoot,uint32 words)"
    );
    bytes32 internal constant VOUCHER_TYPEHASH = keccak256("Voucher(uint256 channel,uint128 spent,bytes32 head)");

    /// @dev What of an order does not follow from its number. One slot; there is less than 2^96 wei.
    struct Payment {
        address payer;
        uint96 most;
    }

    uint256 internal _channelCount;
    mapping(uint256 order => Payment) internal _orders;
    mapping(uint256 channel => Channel) internal _channels;

    /// @inheritdoc IPayableAI
    mapping(address account => uint256) public creditOf;

    constructor(
        IModelGate _models,
        address _settlement,
        address _feeRouter,
        WOPEN _wrapped,
        uint64 _priceNotice,
        uint64 _closeTime
    ) PaidAnswers(_models, _settlement, _feeRouter, _priceNotice) EIP712("OpenLedger PayableAI", "1") {
        WRAPPED = _wrapped;
        CLOSE_TIME = _closeTime;
        // A token with a fallback and without this function would say that every payment was made.
        try _wrapped.receiveWithAuthorization(address(0), address(this), 0, 0, 0, 0, "") {
            revert PayableAI_Invalid();
        } catch { }
    }

    /// @notice Takes what the ERC-20 unwraps.
    receive() external payable {
        if (msg.sender != address(WRAPPED)) revert PayableAI_NotAllowed();
    }

    /// @inheritdoc IPayableAI
    function pay(
        Answer calldata _answer,
        uint64 _validBefore,
        bytes calldata _signature
    ) external payable returns (uint64 i_) {
        if (_answer.payer != msg.sender) revert PayableAI_NotPayer();
        if (block.timestamp >= _validBefore) revert PayableAI_TooLate(_validBefore);
        _checkOffer(_answer.modelVersion, _answer.sheet);
        address gateway = MODELS.gatewayOf(_answer.modelVersion);
        _checkSignature(gateway, quoteHash(_answer, _validBefore), _signature);
        uint128 fee = _fee(_answer);
        if (msg.value != fee) revert PayableAI_Fee(fee, msg.value);
        return _record(_answer, fee);
    }

    /// @inheritdoc IPayableAI
    function payWithAuthorization(
        Answer calldata _answer,
        uint256 _validAfter,
        uint256 _validBefore,
        bytes calldata _signature
    ) external returns (uint64 i_) {
        _checkOffer(_answer.modelVersion, _answer.sheet);
        _checkGateway(_answer.modelVersion);
        uint128 fee = _fee(_answer);
        i_ = _record(_answer, fee);
        // The nonce is used once, and so is the authorization.
        bytes32 nonce = answerHash(_answer);
        address payer = _answer.payer;
        WRAPPED.receiveWithAuthorization(payer, address(this), fee, _validAfter, _validBefore, nonce, _signature);
    }

    /// @inheritdoc IPayableAI
    function order(
        uint64 _modelVersion,
        uint32 _sheet,
        uint64 _deliverBy,
        bytes32 _request
    ) external payable returns (uint256 order_) {
        _checkOffer(_modelVersion, _sheet);
        if (_deliverBy <= block.timestamp) revert PayableAI_TooLate(_deliverBy);
        if (_deliverBy > block.timestamp + MOST_ORDER_TIME) revert PayableAI_TooEarly(_deliverBy);
        order_ = uint256(_modelVersion) << 192 | uint256(_sheet) << 160 | uint256(_deliverBy) << 96
            | uint96(uint256(keccak256(abi.encode(msg.sender, _request))));
        if (_orders[order_].payer != address(0)) revert PayableAI_Invalid();
        uint96 most = msg.value.toUint96();
        _orders[order_] = Payment(msg.sender, most);
        emit Ordered(order_, _modelVersion, msg.sender, _sheet, most, _deliverBy, _request);
    }

    /// @inheritdoc IPayableAI
    function deliver(uint256 _order, Answer calldata _answer) external returns (uint64 i_) {
        Order memory order_ = orderOf(_order);
        bool isIts = order_.payer != address(0) && order_.payer == _answer.payer && order_.sheet == _answer.sheet
            && order_.modelVersion == _answer.modelVersion;
        if (!isIts) revert PayableAI_Unknown(_order);
        if (block.timestamp >= order_.deliverBy) revert PayableAI_TooLate(order_.deliverBy);
        _checkGateway(_answer.modelVersion);
        uint128 fee = _fee(_answer);
        if (fee > order_.most) revert PayableAI_Fee(fee, order_.most);
        delete _orders[_order];
        i_ = _record(_answer, fee);
        uint256 back = order_.most - fee;
        emit Delivered(_order, i_, back);
        _handBack(order_.payer, back);
    }

    /// @inheritdoc IPayableAI
    function refund(uint256 _order) external {
        Order memory order_ = orderOf(_order);
        if (order_.payer == address(0)) revert PayableAI_Unknown(_order);
        if (block.timestamp < order_.deliverBy) revert PayableAI_TooEarly(order_.deliverBy);
        delete _orders[_order];
        emit Refunded(_order, order_.payer, order_.most);
        _handBack(order_.payer, order_.most);
    }

    /// @inheritdoc IPayableAI
    function openChannel(address _gateway, address _signer) external payable returns (uint256 channel_) {
        if (_gateway == address(0)) revert PayableAI_Invalid();
        channel_ = ++_channelCount;
        Channel storage channel = _channels[channel_];
        channel.payer = msg.sender;
        channel.signer = _signer == address(0) ? msg.sender : _signer;
        channel.gateway = _gateway;
        channel.deposit = msg.value.toUint128();
        emit ChannelOpened(channel_, msg.sender, _gateway, channel.signer);
        emit ChannelFunded(channel_, channel.deposit);
    }

    /// @inheritdoc IPayableAI
    function fundChannel(uint256 _channel) external payable {
        Channel storage channel = _byPayer(_channel);
        channel.closesAt = 0;
        channel.deposit += msg.value.toUint128();
        emit ChannelFunded(_channel, channel.deposit);
    }

    /// @inheritdoc IPayableAI
    function redeem(
        uint256 _channel,
        Answer[] calldata _answers,
        bytes calldata _signature
    ) external returns (uint64 first_) {
        Channel storage channel = _channels[_channel];
        if (channel.gateway != msg.sender) revert PayableAI_NotGateway();
        if (_answers.length == 0) revert PayableAI_Invalid();
        (address payer, uint128 spent, bytes32 head) = (channel.payer, channel.spent, channel.head);
        first_ = _range.answers;
        for (uint256 n; n < _answers.length; ++n) {
            spent += _redeem(payer, _answers[n]);
            head = headAfter(head, _answers[n]);
        }
        if (spent > channel.deposit) revert PayableAI_Overspent(channel.deposit, spent);
        _checkSignature(channel.signer, voucherHash(_channel, spent, head), _signature);
        (channel.spent, channel.head) = (spent, head);
        emit Redeemed(_channel, first_, _answers.length, spent, head);
    }

    /// @inheritdoc IPayableAI
    function closeChannel(uint256 _channel) external {
        Channel storage channel = _byPayer(_channel);
        if (channel.closesAt != 0) return;
        channel.closesAt = uint64(block.timestamp) + CLOSE_TIME;
        emit ChannelClosing(_channel, channel.closesAt);
    }

    /// @inheritdoc IPayableAI
    function settleChannel(uint256 _channel) external {
        Channel memory channel = _channels[_channel];
        if (channel.payer == address(0)) revert PayableAI_Unknown(_channel);
        uint64 from = channel.closesAt == 0 ? type(uint64).max : channel.closesAt;
        if (block.timestamp < from) revert PayableAI_TooEarly(from);
        delete _channels[_channel];
        uint256 back = channel.deposit - channel.spent;
        emit ChannelClosed(_channel, back);
        _handBack(channel.payer, back);
    }

    /// @inheritdoc IPayableAI
    function withdraw(address _account) external {
        uint256 amount = creditOf[_account];
        if (amount == 0) return;
        creditOf[_account] = 0;
        emit Withdrawn(_account, amount);
        Address.sendValue(payable(_account), amount);
    }

    /// @inheritdoc IPayableAI
    function orderOf(uint256 _order) public view returns (Order memory order_) {
        Payment memory payment = _orders[_order];
        if (payment.payer == address(0)) return order_;
        return Order({
            payer: payment.payer,
            sheet: uint32(_order >> 160),
            deliverBy: uint64(_order >> 96),
            modelVersion: uint64(_order >> 192),
            most: payment.most
        });
    }

    /// @inheritdoc IPayableAI
    function channelOf(uint256 _channel) external view returns (Channel memory channel_) {
        return _channels[_channel];
    }

    /// @inheritdoc IPayableAI
    function answerHash(Answer calldata _answer) public view returns (bytes32 hash_) {
        return _hashTypedDataV4(_structHash(_answer));
    }

    /// @inheritdoc IPayableAI
    function quoteHash(Answer calldata _answer, uint64 _validBefore) public view returns (bytes32 hash_) {
        return _hashTypedDataV4(keccak256(abi.encode(QUOTE_TYPEHASH, _structHash(_answer), _validBefore)));
    }

    /// @inheritdoc IPayableAI
    function voucherHash(uint256 _channel, uint128 _spent, bytes32 _head) public view returns (bytes32 hash_) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, _channel, _spent, _head)));
    }

    /// @inheritdoc IPayableAI
    function headAfter(bytes32 _head, Answer calldata _answer) public pure returns (bytes32 head_) {
        return keccak256(abi.encode(_head, _structHash(_answer)));
    }

    /// @dev One answer of a redemption: its fee.
    function _redeem(address _payer, Answer calldata _answer) internal returns (uint128 fee_) {
        if (_answer.payer != _payer) revert PayableAI_NotPayer();
        _checkGateway(_answer.modelVersion);
        fee_ = _fee(_answer);
        _record(_answer, fee_);
    }

    /// @dev A channel, by its payer.
    function _byPayer(uint256 _channel) internal view returns (Channel storage channel_) {
        channel_ = _channels[_channel];
        if (channel_.payer == address(0)) revert PayableAI_Unknown(_channel);
        if (channel_.payer != msg.sender) revert PayableAI_NotPayer();
    }

    /// @dev Passes with the signature of an account. A key's counts whatever code its account has by now (EIP-7702), or a payer could take vouchers back;
    ///      else the account is a contract, which is asked (ERC-1271).
    function _checkSignature(address _of, bytes32 _hash, bytes calldata _signature) internal view {
        (address by, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(_hash, _signature);
        bool isIts = error == ECDSA.RecoverError.NoError && by == _of
            || SignatureChecker.isValidERC1271SignatureNowCalldata(_of, _hash, _signature);
        if (!isIts) revert PayableAI_Signature();
    }

    /// @dev Hands coins to a payer. Where they are not taken they wait, so that nobody who refuses coins can stop a delivery.
    function _handBack(address _to, uint256 _amount) internal {
        if (_amount == 0) return;
        bool success;
        // What it answers is not copied: that would be at the cost of who delivers.
        assembly ("memory-safe") {
            success := call(STIPEND, _to, _amount, 0, 0, 0, 0)
        }
        if (success) return;
        creditOf[_to] += _amount;
        emit Credited(_to, _amount);
    }

    /// @inheritdoc PaidAnswers
    function _send(address _to, uint128 _amount) internal override {
        // Fees that came as ERC-20.
        uint256 wrapped = IERC20(address(WRAPPED)).balanceOf(address(this));
        if (wrapped != 0) WRAPPED.withdraw(wrapped);
        super._send(_to, _amount);
    }

    function _structHash(Answer calldata _answer) internal pure returns (bytes32 hash_) {
        return keccak256(abi.encode(ANSWER_TYPEHASH, _answer));
    }
}
