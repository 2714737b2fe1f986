//! Answers of the model, and the ways to pay for them.

use crate::people::{PAYER, World, prose};
use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
use anyhow::{Context as _, Result};
use openledger_attribution::{
    Leaf, ReferenceModel, Text, WordId,
    leaf::{Answer, Context},
    model::Temperature,
    words,
};
use openledger_attributor::chunks;
use openledger_contracts::{IPayableAI, addresses};
use openledger_e2e::{Account, Economy, Receipt, WOPEN, deposit_call};
use serde_json::json;

sol! {
    /// EIP-712 of ERC-3009 and of the token.
    struct Authorization {
        bytes32 typehash;
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }
    interface IToken {
        function DOMAIN_SEPARATOR() external view returns (bytes32);
    }
}

const RECEIVE: &str = "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";

/// What a model has said, with its texts.
#[derive(Debug, Clone)]
pub struct Said {
    pub answer: IPayableAI::Answer,
    context: Context,
    prompt: Text,
    output: Text,
}

impl World {
    /// Lets the model go on after some words of a contributor's text.
    pub fn ask(
        &self,
        economy: &mut Economy,
        payer: &Account,
        begin: &str,
        is_public: bool,
    ) -> Result<Said> {
        let corpus = economy
            .follower
            .contributions
            .activate(self.model_version)?;
        let model = ReferenceModel::new(corpus.clone());
        let question = format!("{} {begin}", prose("payer", 12));
        let prompt: Vec<WordId> = words(&question).map(|word| word.id()).collect();
        let seed = keccak256(&question);
        let output = model.generate(&prompt, 70, Temperature::GREEDY, seed);
        let salt =
            |of: &'static str| move |index: u32| keccak256((seed, of, index).abi_encode_params());
        let prompt = Text::new(prompt, salt("prompt"))?;
        let output = Text::new(output, salt("output"))?;
        let context = Context::new(prompt.root(), &[]).context("no items")?;
        Ok(Said {
            answer: IPayableAI::Answer {
                modelVersion: self.model_version,
                payer: payer.address,
                sheet: 0,
                tokensIn: prompt.words().len() as u32,
                tokensOut: output.words().len() as u32,
                isPublic: is_public,
                contextRoot: context.root(),
                outputRoot: output.root(),
                words: output.words().len() as u32,
            },
            context,
            prompt,
            output,
        })
    }

    /// In the native coin, by the gateway's offer.
    pub async fn pay(&self, economy: &Economy, by: &Account, said: &Said) -> Result<Receipt> {
        let quote = IPayableAI::quoteHashCall {
            answer: said.answer.clone(),
            validBefore: u64::MAX,
        };
        let hash = economy.view(addresses::PAYABLE_AI, quote).await?;
        let call = IPayableAI::payCall {
            answer: said.answer.clone(),
            validBefore: u64::MAX,
            signature: Economy::sign(&self.gateway, hash)?,
        };
        let fee = said.fee(economy).await?;
        economy.pay(by, addresses::PAYABLE_AI, call, fee).await
    }

    /// In WOPEN, by an authorization that the gateway brings.
    pub async fn pay_wrapped(
        &self,
        economy: &Economy,
        by: &Account,
        said: &Said,
    ) -> Result<Receipt> {
        let fee = said.fee(economy).await?;
        let nonce = economy.l2.nonce(by.address, "pending").await?;
        let wrap = deposit_call(fee.to());
        let (hash, raw) = by.sign(economy.l2.chain_id().await?, nonce, wrap)?;
        economy
            .l2
            .call("eth_sendRawTransaction", json!([raw]))
            .await?;
        economy.l2.mined(hash).await?;
        let domain = economy.view(WOPEN, IToken::DOMAIN_SEPARATORCall {}).await?;
        let nonce = IPayableAI::answerHashCall {
            answer: said.answer.clone(),
        };
        let valid_before = U256::from(u64::from(u32::MAX));
        let authorization = Authorization {
            typehash: keccak256(RECEIVE),
            from: by.address,
            to: addresses::PAYABLE_AI,
            value: fee,
            validAfter: U256::ZERO,
            validBefore: valid_before,
            nonce: economy.view(addresses::PAYABLE_AI, nonce).await?,
        };
        let struct_hash = keccak256(authorization.abi_encode());
        let digest = [&[0x19, 0x01][..], domain.as_slice(), struct_hash.as_slice()];
        let call = IPayableAI::payWithAuthorizationCall {
            answer: said.answer.clone(),
            validAfter: U256::ZERO,
            validBefore: valid_before,
            signature: Economy::sign(by, keccak256(digest.concat()))?,
        };
        economy
            .send(&self.gateway, addresses::PAYABLE_AI, call)
            .await
    }

    /// By an order with more than the answer costs, of which the rest goes back.
    pub async fn order(&self, economy: &Economy, by: &Account, said: &Said) -> Result<Receipt> {
        let newest = economy.l2.block("latest").await?;
        let order = IPayableAI::orderCall {
            modelVersion: self.model_version,
            sheet: 0,
            deliverBy: openledger_e2e::quantity(&newest, "timestamp")? + 600,
            request: keccak256("what is bread?"),
        };
        let most = said.fee(economy).await? * U256::from(2);
        let receipt = economy.pay(by, addresses::PAYABLE_AI, order, most).await?;
        let deliver = IPayableAI::deliverCall {
            order: receipt.event::<IPayableAI::Ordered>()?.order,
            answer: said.answer.clone(),
        };
        economy
            .send(&self.gateway, addresses::PAYABLE_AI, deliver)
            .await
    }

    /// From a channel, all of them by one voucher; what is left of the channel.
    pub async fn by_voucher(
        &self,
        economy: &Economy,
        by: &Account,
        said: &[Said],
    ) -> Result<(Receipt, U256)> {
        let open = IPayableAI::openChannelCall {
            gateway: self.gateway.address,
            signer: by.address,
        };
        let mut spent = U256::ZERO;
        let mut head = B256::ZERO;
        for one in said {
            spent += one.fee(economy).await?;
            let next = IPayableAI::headAfterCall {
                head,
                answer: one.answer.clone(),
            };
            head = economy.view(addresses::PAYABLE_AI, next).await?;
        }
        let left = U256::from(77);
        let receipt = economy
            .pay(by, addresses::PAYABLE_AI, open, spent + left)
            .await?;
        let channel = receipt.event::<IPayableAI::ChannelOpened>()?.channel;
        let voucher = IPayableAI::voucherHashCall {
            channel,
            spent: spent.to(),
            head,
        };
        let voucher = economy.view(addresses::PAYABLE_AI, voucher).await?;
        let redeem = IPayableAI::redeemCall {
            channel,
            answers: said.iter().map(|one| one.answer.clone()).collect(),
            signature: Economy::sign(by, voucher)?,
        };
        let receipt = economy
            .send(&self.gateway, addresses::PAYABLE_AI, redeem)
            .await?;
        Ok((receipt, left))
    }
}

impl Said {
    /// What it costs.
    pub async fn fee(&self, economy: &Economy) -> Result<U256> {
        let call = IPayableAI::feeOfCall {
            answer: self.answer.clone(),
        };
        let fee = economy.view(addresses::PAYABLE_AI, call).await?;
        Ok(U256::from(fee))
    }

    /// Puts its text on the chain.
    pub async fn publish(&self, economy: &Economy, by: &Account, paid: &Receipt) -> Result<()> {
        let leaf: Bytes = paid.event::<IPayableAI::Paid>()?.leaf;
        let answer = Answer::decode(&leaf)?;
        anyhow::ensure!(answer.output_root == self.output.root(), "another answer");
        let call = IPayableAI::publishCall {
            answer: leaf,
            context: self.context.bytes().clone(),
            prompt: chunks(&self.prompt),
            output: chunks(&self.output),
        };
        economy.send(by, addresses::PAYABLE_AI, call).await?;
        Ok(())
    }
}

/// The payer.
pub fn payer() -> Result<Account> {
    Account::development(PAYER)
}
