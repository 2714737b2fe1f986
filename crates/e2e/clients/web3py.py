"""The web3.py story. Run: python web3py.py, with web3 from requirements.txt.

The chain under test comes by environment: L2_RPC, CHAIN_ID, and OP_STACK=1 where the chain is an OP Stack one.
"""

import asyncio
import json
import os
import pathlib
import sys

from eth_account import Account
from web3 import AsyncWeb3, Web3, WebSocketProvider
from web3.exceptions import ContractCustomError, ContractLogicError, Web3RPCError
from web3.middleware import SignAndSendRawMiddlewareBuilder

L2_RPC = os.environ.get("L2_RPC", "http://127.0.0.1:9545")
L2_WS = L2_RPC.replace("http", "ws", 1)
CHAIN_ID = int(os.environ.get("CHAIN_ID", "901"))
OP_STACK = bool(os.environ.get("OP_STACK"))
MNEMONIC = "test test test test test test test test test test test junk"

Account.enable_unaudited_hdwallet_features()
account = Account.from_mnemonic(MNEMONIC, account_path="m/44'/60'/0'/0/6")
w3 = Web3(Web3.HTTPProvider(L2_RPC, request_kwargs={"timeout": 30}))
w3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
w3.eth.default_account = account.address
made = {}


def check(holds, message):
    """Unlike an assert statement, also checks under `python -O`."""
    if not holds:
        raise AssertionError(message)


def artifact(name):
    """The ABI and the creation code of a contract of contracts/, compiled by `npm run build`."""
    file = pathlib.Path(__file__).parent / "forge" / "out" / f"{name}.sol" / f"{name}.json"
    compiled = json.loads(file.read_text())
    return {"abi": compiled["abi"], "bytecode": compiled["bytecode"]["object"]}


def mined(transaction_hash):
    """The receipt of a transaction that must succeed."""
    receipt = w3.eth.wait_for_transaction_receipt(transaction_hash, timeout=30, poll_latency=0.1)
    check(receipt.status == 1, f"failed: {receipt}")
    check(int.from_bytes(receipt.blockHash, "big") != 0, f"no block: {receipt}")
    return receipt


def deploy(name, *arguments):
    receipt = mined(w3.eth.contract(**artifact(name)).constructor(*arguments).transact())
    return w3.eth.contract(address=receipt.contractAddress, abi=artifact(name)["abi"])


def the_chain():
    check(w3.is_connected(), f"nothing answers at {L2_RPC}")
    check(w3.eth.chain_id == CHAIN_ID, f"chain id {w3.eth.chain_id}")
    check("/" in w3.client_version, w3.client_version)
    check(w3.eth.get_balance(account.address) > w3.to_wei(1, "ether"), "the development account is empty")
    block = w3.eth.get_block("latest", full_transactions=True)
    check(w3.eth.get_block(block.hash).number == block.number, "block by hash")
    check(w3.eth.gas_price > 0, "gas price")
    check(len(w3.eth.fee_history(2, "latest", [50]).baseFeePerGas) >= 2, "fee history")
    with w3.batch_requests() as batch:
        batch.add(w3.eth.get_block("latest"))
        batch.add(w3.eth.get_block("earliest"))
        answers = batch.execute()
    check(answers[1].number == 0, f"batch: {answers}")


def transfers():
    to = Account.create().address
    receipt = mined(w3.eth.send_transaction({"to": to, "value": 11}))
    check(receipt.gasUsed == 21_000, f"gas {receipt.gasUsed}")
    check(w3.eth.get_balance(to) == 11, "balance after")
    check(w3.eth.get_transaction(receipt.transactionHash).blockHash == receipt.blockHash, "the transaction's block")
    check(len(w3.eth.get_block_receipts(receipt.blockNumber)) > receipt.transactionIndex, "the block's receipts")
    if OP_STACK:
        check(int(receipt.l1Fee, 16) >= 0 and int(receipt.l1GasPrice, 16) >= 0, f"L1 fee: {receipt}")
    legacy = {"to": to, "value": 1, "gas": 21_000, "gasPrice": w3.eth.gas_price * 2, "chainId": CHAIN_ID}
    legacy["nonce"] = w3.eth.get_transaction_count(account.address, "pending")
    mined(w3.eth.send_raw_transaction(account.sign_transaction(legacy).raw_transaction))


def contracts():
    token = made["token"] = deploy("TestToken", account.address, 10**18)
    counter = made["counter"] = deploy("Counter")
    to = Account.create().address
    receipt = mined(token.functions.transfer(to, 9).transact())
    (event,) = token.events.Transfer().process_receipt(receipt)
    check(event.args.value == 9, f"event: {event}")
    check(token.functions.balanceOf(to).call() == 9, "balance of the token")
    check(token.functions.balanceOf(to).call(block_identifier=receipt.blockNumber - 1) == 0, "balance before")
    check(counter.functions.increment("x").estimate_gas() > 21_000, "estimate")


def reverts():
    counter = made["counter"]
    try:
        counter.functions.set(101).call()
        raise AssertionError("no custom error")
    except ContractCustomError as error:
        expected = Web3.keccak(text="TooMuch(uint256,uint256)")[:4].hex()
        check(expected in str(error.data), f"custom error: {error.data}")
    try:
        counter.functions.failWithReason().call()
        raise AssertionError("no reason")
    except ContractLogicError as error:
        check("no such luck" in str(error), f"reason: {error}")
    try:
        w3.eth.send_transaction({"to": account.address, "value": 0, "nonce": 0, "gas": 21_000})
        raise AssertionError("an old nonce was accepted")
    except Web3RPCError as error:
        check("nonce too low" in str(error), f"old nonce: {error}")


def events():
    counter = made["counter"]
    log_filter = counter.events.Incremented.create_filter(from_block="latest")
    receipt = mined(counter.functions.increment("by web3.py").transact())
    seen = []
    while not seen:
        seen = log_filter.get_new_entries()
    check(seen[0].args.note == "by web3.py", f"filter: {seen}")
    logs = counter.events.Incremented.get_logs(
        from_block=receipt.blockNumber, to_block=receipt.blockNumber, argument_filters={"by": account.address}
    )
    check([log.blockHash for log in logs] == [receipt.blockHash], f"logs: {logs}")


def proofs_and_lists():
    counter = made["counter"]
    # web3.py sends the key 0 as "0x0": nodes take it, anvil wants all 32 bytes.
    for key in [0, "0x" + "00" * 32] if OP_STACK else ["0x" + "00" * 32]:
        proof = w3.eth.get_proof(counter.address, [key], "latest")
        check(proof.storageProof[0].value.lstrip(b"\0") == b"\1", f"proof: {proof}")
    call = counter.functions.increment("x").build_transaction({"gas": 100_000})
    # The signing middleware's fields are not part of what the node is asked.
    listed = w3.eth.create_access_list({"from": account.address, "to": counter.address, "data": call["data"]})
    check(listed.accessList[0].address == counter.address, f"access list: {listed}")
    override = {counter.address: {"stateDiff": {"0x" + "00" * 32: "0x" + "00" * 31 + "07"}}}
    check(counter.functions.number().call(state_override=override) == 7, "override")


def delegation():
    batch = deploy("BatchAccount")
    authority = Account.create()
    signed = authority.sign_authorization({"chainId": CHAIN_ID, "address": batch.address, "nonce": 0})
    mined(w3.eth.send_transaction({"to": authority.address, "authorizationList": [signed], "gas": 200_000}))
    code = w3.eth.get_code(authority.address)
    check(code == bytes.fromhex("ef0100" + batch.address[2:]), f"delegation: {code.hex()}")


async def subscriptions_async():
    async with AsyncWeb3(WebSocketProvider(L2_WS)) as socket:
        heads = await socket.eth.subscribe("newHeads")
        logs = await socket.eth.subscribe("logs", {"address": made["counter"].address})
        transaction_hash = await asyncio.to_thread(made["counter"].functions.increment("by subscription").transact)
        seen = {}
        async for message in socket.socket.process_subscriptions():
            seen[message["subscription"]] = message["result"]
            if len(seen) == 2:
                break
        check(seen[heads].number > 0, f"head: {seen[heads]}")
        check(seen[logs].transactionHash == transaction_hash, f"log: {seen[logs]}")
        await asyncio.to_thread(mined, transaction_hash)


def subscriptions():
    asyncio.run(asyncio.wait_for(subscriptions_async(), 60))


STORY = [
    ("the chain", the_chain),
    ("transfers and their receipts", transfers),
    ("deploy, transact, call", contracts),
    ("reverts are decoded", reverts),
    ("events and filters", events),
    ("proofs, access lists, overrides", proofs_and_lists),
    ("EIP-7702", delegation),
    ("subscriptions over WebSocket", subscriptions),
]

if __name__ == "__main__":
    for title, step in STORY:
        print(f"web3.py: {title}", flush=True)
        try:
            step()
        except Exception as error:
            print(f'web3.py: failed at "{title}": {type(error).__name__}: {error}', file=sys.stderr)
            raise SystemExit(1) from error
    print("web3.py: done")
