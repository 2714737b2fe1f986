// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import { IModelRegistry } from "interfaces/model/IModelRegistry.sol";
import { IModelFacts, IPaidAnswers } from "interfaces/pay/IAttributionFacts.sol";

/// @title IModelGate
/// @notice The register of models, with what the contract that takes payments asks of it besides.
interface IModelGate is IModelRegistry {
    /// @notice Who answers for a model version, and how it is paid for. Reverts when there is no such version.
    /// @return isActive_ Whether it answers: its notice is over, and it was not retired.
    /// @return activeFrom_ When its notice is over.
    /// @return gateway_ Whose signature an answer has.
    /// @return settlement_ The contract that settles its answers.
    /// @return terms_ How a fee is divided.
    function gateOf(uint64 modelVersion)
        external
        view
        returns (
            bool isActive_,
            uint64 activeFrom_,
            address gateway_,
            address settlement_,
            IModelFacts.Terms memory terms_
        );

    /// @notice Who owns the model that a version is of. Reverts when there is no such version.
    function ownerOfVersion(uint64 modelVersion) external view returns (address owner_);
}

/// @title IPayableAI
/// @notice Takes payments for answers of models, in the native coin or in its ERC-20, and keeps of each answer the hash of its leaf R. Amounts are in wei.
/// @dev Nobody owns this contract, and nothing can be paused. A fee is
///      `ceil(tokensIn * input / 1000) + ceil(tokensOut * output / 1000) + flat` by a price sheet of the model version that the payer names. Tokens in and out
///      are the gateway's word; what a payer can lose by it is what they said they would pay at most.
///      The data pool of an answer waits here until its range is cut, then in the settlement; the rest of its fee waits for {IFeeRouter}.
///      Nobody pays for somebody else's answers here: who signs, or sends, is the payer, and there is no answer that was sponsored.
interface IPayableAI is IPaidAnswers {
    /// @notice A price sheet, each price in wei.
    /// @param input For 1,000 tokens in.
    /// @param output For 1,000 tokens out.
    /// @param flat For the answer.
    struct Prices {
        uint72 input;
        uint72 output;
        uint72 flat;
    }

    /// @notice An answer as its gateway attests it.
    /// @param modelVersion Who answered.
    /// @param payer Who pays.
    /// @param sheet The number of the price sheet.
    /// @param tokensIn Tokens that the model was given.
    /// @param tokensOut Tokens that it made.
    /// @param isPublic Whether its text may be published, and is attributed to who wrote its words.
    /// @param contextRoot Of what the model was given; see docs/attribution-method.md.
    /// @param outputRoot Of the chunks of the output.
    /// @param words Of the output.
    struct Answer {
        uint64 modelVersion;
        address payer;
        uint32 sheet;
        uint32 tokensIn;
        uint32 tokensOut;
        bool isPublic;
        bytes32 contextRoot;
        bytes32 outputRoot;
        uint32 words;
    }

    /// @notice What an answer is asked for with.
    /// @param payer Zero of an order that was delivered or refunded.
    /// @param sheet The price sheet.
    /// @param deliverBy Until when it is delivered, in seconds; from then on it is refunded.
    /// @param modelVersion Who is to answer.
    /// @param most What the payer pays at most.
    struct Order {
        address payer;
        uint32 sheet;
        uint64 deliverBy;
        uint64 modelVersion;
        uint128 most;
    }

    /// @notice Prepaid answers of one gateway.
    /// @param payer Who pays, and gets back what is left.
    /// @param signer Whose vouchers count: the payer, or a key that is trusted with what the channel holds and no more. What a key signed it can not take
    ///        back, whatever code its account is given; a contract can, at any time.
    /// @param gateway Who redeems.
    /// @param closesAt From when the payer can take back what is left; zero while it is open.
    /// @param deposit What was paid into it in all.
    /// @param spent What was redeemed.
    /// @param head Hash of all answers redeemed: of the head before and the answer.
    struct Channel {
        address payer;
        address signer;
        address gateway;
        uint64 closesAt;
        uint128 deposit;
        uint128 spent;
        bytes32 head;
    }

    /// @notice A model version has other prices from a time on. Read by gateways and wallets.
    event PricesSet(uint64 indexed modelVersion, uint32 indexed sheet, Prices prices, uint64 from);

    /// @notice An answer was paid. Read by indexer, explorer, attributors and wallets.
    /// @param i Its place among all answers.
    /// @param k The range that it is in.
    /// @param leaf Its leaf R.
    event Paid(uint64 indexed i, uint64 indexed modelVersion, address indexed payer, uint64 k, bytes leaf);

    /// @notice An answer was asked for. Read by its gateway.
    /// @param request Hash of what is asked, or whatever the gateway wants there.
    event Ordered(
        uint256 indexed order,
        uint64 indexed modelVersion,
        address indexed payer,
        uint32 sheet,
        uint128 most,
        uint64 deliverBy,
        bytes32 request
    );

    /// @notice An order was delivered, and what is left of its payment went back. Read by wallets.
    event Delivered(uint256 indexed order, uint64 indexed i, uint256 back);

    /// @notice An order was not delivered in time, and its payment went back. Read by wallets.
    event Refunded(uint256 indexed order, address indexed payer, uint256 amount);

    /// @notice There is a channel. Read by its gateway.
    event ChannelOpened(uint256 indexed channel, address indexed payer, address indexed gateway, address signer);

    /// @notice A channel has more. Read by its gateway.
    event ChannelFunded(uint256 indexed channel, uint128 deposit);

    /// @notice A channel's answers were redeemed. Read by wallets.
    event Redeemed(uint256 indexed channel, uint64 indexed first, uint256 answers, uint128 spent, bytes32 head);

    /// @notice A channel closes. Read by its gateway, which redeems what it has before.
    event ChannelClosing(uint256 indexed channel, uint64 closesAt);

    /// @notice What was left of a channel went back. Read by wallets.
    event ChannelClosed(uint256 indexed channel, uint256 back);

    /// @notice Chunks of an answer's text were put on the chain. Read by attributors.
    /// @param by Who put them there; chunks of one are not mixed with those of another.
    /// @param isOutput Whether of the output, else of the prompt.
    /// @param first Index of the first.
    /// @param chunks The leaves C, one behind the other.
    event ChunksPublished(
        uint64 indexed i, address indexed by, bool indexed isOutput, uint32 first, bytes chunks
    );

    /// @notice All of an answer's text is on the chain: it is open to attribution in ranges that are cut from now on. Read by attributors and explorer.
    event Published(uint64 indexed i, address indexed by, bytes context);

    /// @notice Coins could not be handed over, and wait for {withdraw}. Read by wallets.
    event Credited(address indexed account, uint256 amount);

    /// @notice Waiting coins were handed over. Read by wallets.
    event Withdrawn(address indexed account, uint256 amount);

    /// @notice The model version does not answer, or another settlement settles its answers.
    error PayableAI_NoModel(uint64 modelVersion);

    /// @notice The caller does not own the model.
    error PayableAI_NotOwner();

    /// @notice There is no such price sheet, or it is not the one that counts now.
    error PayableAI_Sheet(uint64 modelVersion, uint32 sheet);

    /// @notice The fee is not what was paid, is more than the payer wants to pay, or more than 2^128 - 1.
    error PayableAI_Fee(uint256 expected, uint256 found);

    /// @notice Neither the caller nor the signature is the gateway's.
    error PayableAI_NotGateway();

    /// @notice The signature is not of who it should be of.
    error PayableAI_Signature();

    /// @notice The caller is not the payer.
    error PayableAI_NotPayer();

    /// @notice The offer, order or channel is not valid any more, or a delivery is to be made too late.
    error PayableAI_TooLate(uint256 until);

    /// @notice It is not time yet.
    error PayableAI_TooEarly(uint256 from);

    /// @notice There is no such order or channel, it is over, or it is somebody else's.
    error PayableAI_Unknown(uint256 id);

    /// @notice A channel without a gateway, a redemption of no answers, an order that there is, or an ERC-20 that takes any authorization.
    error PayableAI_Invalid();

    /// @notice The vouchers are for more than the channel has.
    error PayableAI_Overspent(uint256 deposit, uint256 spent);

    /// @notice The text is not the answer's, is not well formed, is not public, or was published before.
    error PayableAI_Text();

    /// @notice Only the settlement cuts, and only the router of fees takes what is left of them.
    error PayableAI_NotAllowed();

    /// @notice Sets the prices of a model version: the first ones at once, others after a notice. By the owner of the model.
    /// @return sheet_ The number of the sheet, from zero on.
    function setPrices(uint64 modelVersion, Prices calldata prices) external returns (uint32 sheet_);

    /// @notice Pays for an answer that its gateway offers: the value is the fee. By the payer, who can do so again as long as the offer stands: each time it is
    ///         an answer more, and a fee.
    /// @param validBefore Until when the gateway's offer stands, in seconds.
    /// @param signature The gateway's, of {quoteHash}.
    /// @return i_ The answer's place.
    function pay(
        Answer calldata answer,
        uint64 validBefore,
        bytes calldata signature
    ) external payable returns (uint64 i_);

    /// @notice The same in WOPEN, by an authorization of ERC-3009 (`receiveWithAuthorization`) over exactly the fee, with {answerHash} as nonce: the payer
    ///         agrees to this answer and to no other. By the gateway.
    function payWithAuthorization(
        Answer calldata answer,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) external returns (uint64 i_);

    /// @notice Asks for an answer. The value is what the payer pays at most.
    /// @param sheet The price sheet, which counts now.
    /// @param deliverBy At most 30 days from now.
    /// @param request Hash of what is asked. Of two orders with all of this the same, one is over before the other.
    /// @return order_ Its number, which follows from all of this and from the payer.
    function order(
        uint64 modelVersion,
        uint32 sheet,
        uint64 deliverBy,
        bytes32 request
    ) external payable returns (uint256 order_);

    /// @notice Delivers an order, and hands back what is left of the payment. By the gateway, in time.
    /// @param answer Its model version, payer and sheet are the order's.
    function deliver(uint256 order, Answer calldata answer) external returns (uint64 i_);

    /// @notice Gives the payment for an order that was not delivered in time back to the payer. By anyone.
    function refund(uint256 order) external;

    /// @notice Opens a channel with the value.
    /// @param gateway Who redeems.
    /// @param signer Whose vouchers count; zero for the caller's.
    /// @return channel_ The next number, from one on.
    function openChannel(address gateway, address signer) external payable returns (uint256 channel_);

    /// @notice Adds the value to a channel, which closes no more if it was about to. By its payer.
    function fundChannel(uint256 channel) external payable;

    /// @notice Redeems answers. By the channel's gateway, as long as the payer has not taken back what is left.
    /// @param answers All that were answered since the last redemption, in order; of model versions that this gateway answers for.
    /// @param signature The signer's, of {voucherHash} with what was spent, and the head, after the last of them.
    /// @return first_ The place of the first; the others are behind it.
    function redeem(
        uint256 channel,
        Answer[] calldata answers,
        bytes calldata signature
    ) external returns (uint64 first_);

    /// @notice Begins to close a channel: a time in which the gateway can redeem. By its payer.
    function closeChannel(uint256 channel) external;

    /// @notice Hands back what is left of a channel when that time is over. By anyone, to the payer.
    function settleChannel(uint256 channel) external;

    /// @notice Puts chunks of an answer's text on the chain, where all of them do not fit into one transaction. By anyone; each for themselves.
    /// @param chunks Leaves C, one behind the other, which go on with what the caller published before.
    function publishPart(uint64 i, bool isOutput, bytes calldata chunks) external;

    /// @notice Puts the rest of an answer's text on the chain. By anyone who has it.
    /// @param answer The leaf R of a public answer.
    /// @param context What the model was given.
    /// @param prompt Leaves C of the prompt, or what is missing of them.
    /// @param output Leaves C of the output, or what is missing of them.
    function publish(
        bytes calldata answer,
        bytes calldata context,
        bytes calldata prompt,
        bytes calldata output
    ) external;

    /// @notice Hands over coins that an account would not take. By anyone.
    function withdraw(address account) external;

    /// @notice Ends the range of answers: what is paid from now on belongs to the next. By the settlement, which gets the data pool.
    /// @return end_ The number of answers so far.
    /// @return pool_ What was sent.
    function cut() external returns (uint64 end_, uint128 pool_);

    /// @notice Hands over what the fees of a model version leave besides the data pool, in a range that was cut. By the router of fees.
    /// @return data_ Data pools of its answers in the range.
    /// @return rest_ What was sent.
    function takeRest(uint64 k, uint64 modelVersion) external returns (uint128 data_, uint128 rest_);

    /// @notice How many answers were paid.
    function answers() external view returns (uint64 answers_);

    /// @notice The range that answers belong to now: how many were cut.
    function epoch() external view returns (uint64 epoch_);

    /// @notice The data pools of the answers of a model version in a range, and what of its other shares was not handed over yet.
    function accruedOf(uint64 k, uint64 modelVersion) external view returns (uint128 data_, uint128 rest_);

    /// @notice The price sheet that counts now, and its number. Reverts where there is none.
    function pricesOf(uint64 modelVersion) external view returns (uint32 sheet_, Prices memory prices_);

    /// @notice A price sheet, and from when it counts, until the next one does.
    function sheetOf(uint64 modelVersion, uint32 sheet) external view returns (Prices memory prices_, uint64 from_);

    /// @notice The fee of an answer.
    function feeOf(Answer calldata answer) external view returns (uint128 fee_);

    /// @notice An order; all zero when it is over.
    function orderOf(uint256 order) external view returns (Order memory order_);

    /// @notice A channel; all zero when it is over.
    function channelOf(uint256 channel) external view returns (Channel memory channel_);

    /// @notice What waits for {withdraw}.
    function creditOf(address account) external view returns (uint256 credit_);

    /// @notice The hash of an answer for signatures by EIP-712, and the nonce of an authorization for it.
    function answerHash(Answer calldata answer) external view returns (bytes32 hash_);

    /// @notice What a gateway signs (EIP-712) to offer an answer.
    function quoteHash(Answer calldata answer, uint64 validBefore) external view returns (bytes32 hash_);

    /// @notice What the signer of a channel signs (EIP-712).
    /// @param spent All that the channel will have spent with the last answer.
    /// @param head The channel's head with the last answer; see {headAfter}.
    function voucherHash(uint256 channel, uint128 spent, bytes32 head) external view returns (bytes32 hash_);

    /// @notice The head of a channel with one more answer.
    function headAfter(bytes32 head, Answer calldata answer) external view returns (bytes32 head_);
}
