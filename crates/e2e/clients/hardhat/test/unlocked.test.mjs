// The node signs for its development accounts: eth_accounts and eth_sendTransaction.
import { expect } from 'chai';
import { network } from 'hardhat';

const { ethers } = await network.create('unlocked');

describe("the node's own accounts", function () {
  this.timeout(60_000);

  it('sign and send', async () => {
    const signers = await ethers.getSigners();
    expect(signers.length).to.equal(10);
    const signer = signers[8];
    const to = ethers.Wallet.createRandom().address;
    const response = await signer.sendTransaction({ to, value: 3n });
    expect((await response.wait()).status).to.equal(1);
    expect(await ethers.provider.getBalance(to)).to.equal(3n);
  });
});
