//! Payments for answers, and the division of fees.

use alloy_sol_types::sol;

sol! {
    /// What the verifier of attribution asks of the contract that takes payments.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPaidAnswers {
        function paidOf(uint64 i) external view returns (bytes32 hash);
        function publishedAt(uint64 i) external view returns (uint64 timestamp);
    }

    /// Takes payments for answers of models. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IPayableAI {
        struct Prices {
            uint72 input;
            uint72 output;
            uint72 flat;
        }
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
        struct Order {
            address payer;
            uint32 sheet;
            uint64 deliverBy;
            uint64 modelVersion;
            uint128 most;
        }
        struct Channel {
            address payer;
            address signer;
            address gateway;
            uint64 closesAt;
            uint128 deposit;
            uint128 spent;
            bytes32 head;
        }
        constructor(address models, address settlement, address feeRouter, address wrapped, uint64 priceNotice, uint64 closeTime);
        event PricesSet(uint64 indexed modelVersion, uint32 indexed sheet, Prices prices, uint64 from);
        event Paid(uint64 indexed i, uint64 indexed modelVersion, address indexed payer, uint64 k, bytes leaf);
        event Ordered(uint256 indexed order, uint64 indexed modelVersion, address indexed payer, uint32 sheet, uint128 most, uint64 deliverBy, bytes32 request);
        event Delivered(uint256 indexed order, uint64 indexed i, uint256 back);
        event Refunded(uint256 indexed order, address indexed payer, uint256 amount);
        event ChannelOpened(uint256 indexed channel, address indexed payer, address indexed gateway, address signer);
        event ChannelFunded(uint256 indexed channel, uint128 deposit);
        event Redeemed(uint256 indexed channel, uint64 indexed first, uint256 answers, uint128 spent, bytes32 head);
        event ChannelClosing(uint256 indexed channel, uint64 closesAt);
        event ChannelClosed(uint256 indexed channel, uint256 back);
        event ChunksPublished(uint64 indexed i, address indexed by, bool indexed isOutput, uint32 first, bytes chunks);
        event Published(uint64 indexed i, address indexed by, bytes context);
        event Credited(address indexed account, uint256 amount);
        event Withdrawn(address indexed account, uint256 amount);
        error PayableAI_NoModel(uint64 modelVersion);
        error PayableAI_NotOwner();
        error PayableAI_Sheet(uint64 modelVersion, uint32 sheet);
        error PayableAI_Fee(uint256 expected, uint256 found);
        error PayableAI_NotGateway();
        error PayableAI_Signature();
        error PayableAI_NotPayer();
        error PayableAI_TooLate(uint256 until);
        error PayableAI_TooEarly(uint256 from);
        error PayableAI_Unknown(uint256 id);
        error PayableAI_Invalid();
        error PayableAI_Overspent(uint256 deposit, uint256 spent);
        error PayableAI_Text();
        error PayableAI_NotAllowed();
        function setPrices(uint64 modelVersion, Prices calldata prices) external returns (uint32 sheet);
        function pay(Answer calldata answer, uint64 validBefore, bytes calldata signature) external payable returns (uint64 i);
        function payWithAuthorization(Answer calldata answer, uint256 validAfter, uint256 validBefore, bytes calldata signature) external returns (uint64 i);
        function order(uint64 modelVersion, uint32 sheet, uint64 deliverBy, bytes32 request) external payable returns (uint256 order);
        function deliver(uint256 order, Answer calldata answer) external returns (uint64 i);
        function refund(uint256 order) external;
        function openChannel(address gateway, address signer) external payable returns (uint256 channel);
        function fundChannel(uint256 channel) external payable;
        function redeem(uint256 channel, Answer[] calldata answers, bytes calldata signature) external returns (uint64 first);
        function closeChannel(uint256 channel) external;
        function settleChannel(uint256 channel) external;
        function publishPart(uint64 i, bool isOutput, bytes calldata chunks) external;
        function publish(bytes calldata answer, bytes calldata context, bytes calldata prompt, bytes calldata output) external;
        function withdraw(address account) external;
        function cut() external returns (uint64 end, uint128 pool);
        function takeRest(uint64 k, uint64 modelVersion) external returns (uint128 data, uint128 rest);
        function answers() external view returns (uint64 answers);
        function epoch() external view returns (uint64 epoch);
        function accruedOf(uint64 k, uint64 modelVersion) external view returns (uint128 data, uint128 rest);
        function pricesOf(uint64 modelVersion) external view returns (uint32 sheet, Prices memory prices);
        function sheetOf(uint64 modelVersion, uint32 sheet) external view returns (Prices memory prices, uint64 from);
        function feeOf(Answer calldata answer) external view returns (uint128 fee);
        function orderOf(uint256 order) external view returns (Order memory order);
        function channelOf(uint256 channel) external view returns (Channel memory channel);
        function creditOf(address account) external view returns (uint256 credit);
        function answerHash(Answer calldata answer) external view returns (bytes32 hash);
        function quoteHash(Answer calldata answer, uint64 validBefore) external view returns (bytes32 hash);
        function voucherHash(uint256 channel, uint128 spent, bytes32 head) external view returns (bytes32 hash);
        function headAfter(bytes32 head, Answer calldata answer) external view returns (bytes32 head);
        event EIP712DomainChanged();
        function eip712Domain() external view returns (bytes1 fields, string memory name, string memory version, uint256 chainId, address verifyingContract, bytes32 salt, uint256[] memory extensions);
        function WRAPPED() external view returns (address);
        function CLOSE_TIME() external view returns (uint64);
        function MOST_ORDER_TIME() external view returns (uint64);
        function MOST_CONTEXT() external view returns (uint256);
        function MODELS() external view returns (address);
        function SETTLEMENT() external view returns (address);
        function FEE_ROUTER() external view returns (address);
        function PRICE_NOTICE() external view returns (uint64);
    }

    /// Divides what fees leave besides the data pool. Amounts are in wei.
    #[sol(abi)]
    #[derive(Debug, PartialEq, Eq)]
    interface IFeeRouter {
        struct Division {
            uint128 platform;
            uint128 burned;
            uint128 licensors;
            uint128 tuner;
            uint128 compute;
            uint128 stakers;
        }
        constructor(address payments, address models, address accumulator, address treasury, uint16 burnBps, uint16 emissionBps);
        event Distributed(uint64 indexed k, uint64 indexed modelVersion, Division division);
        event Credited(address indexed account, uint64 indexed modelVersion, uint256 amount);
        event Withdrawn(address indexed account, uint256 amount);
        event Donated(address indexed from, uint256 amount);
        event Emitted(uint64 indexed modelVersion, uint256 amount);
        error FeeRouter_NotAllowed();
        error FeeRouter_Bounds();
        function distribute(uint64 k, uint64 modelVersion) external returns (Division memory division);
        function withdraw(address account) external returns (uint256 amount);
        function donate() external payable;
        function emitTo(uint64 modelVersion) external returns (uint256 amount);
        function creditOf(address account) external view returns (uint256 credit);
        function burnedOf(uint64 modelVersion) external view returns (uint128 burned);
        function emittedOf(uint64 modelVersion) external view returns (uint128 emitted);
        function burned() external view returns (uint128 burned);
        function emitted() external view returns (uint128 emitted);
        function reserve() external view returns (uint128 reserve);
        function PAYMENTS() external view returns (address);
        function MODELS() external view returns (address);
        function ACCUMULATOR() external view returns (address);
        function TREASURY() external view returns (address);
        function BURN_BPS() external view returns (uint16);
        function EMISSION_BPS() external view returns (uint16);
    }
}
