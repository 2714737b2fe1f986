// A dApp's tests, run on the chain by `hardhat test mocha --network openledger`.
import { expect } from 'chai';
import { network } from 'hardhat';

const { ethers, provider } = await network.create();

describe('TestToken', function () {
  this.timeout(60_000);
  let owner, other, token;

  before(async () => {
    [owner, other] = await ethers.getSigners();
    token = await ethers.deployContract('TestToken', [owner.address, 1_000n], owner);
    await token.waitForDeployment();
  });

  it('starts with the supply at its owner', async () => {
    expect(await token.balanceOf(owner)).to.equal(1_000n);
    expect(await token.name()).to.equal('Test Token');
  });

  it('transfers and emits', async () => {
    const response = await token.transfer(other.address, 7n);
    await expect(response).to.emit(token, 'Transfer').withArgs(owner.address, other.address, 7n);
    const receipt = await response.wait();
    expect(receipt.status).to.equal(1);
    expect(await token.balanceOf(other)).to.equal(7n);
  });

  it('refuses with its custom error', async () => {
    await expect(token.connect(other).mint(other.address, 1n))
      .to.be.revertedWithCustomError(token, 'OwnableUnauthorizedAccount')
      .withArgs(other.address);
    await expect(token.connect(other).transfer(owner.address, 999n)).to.be.revertedWithCustomError(
      token,
      'ERC20InsufficientBalance',
    );
  });

  it('refuses with its reason', async () => {
    const counter = await ethers.deployContract('Counter', owner);
    await counter.waitForDeployment();
    await expect(counter.failWithReason()).to.be.revertedWith('no such luck');
    await expect(counter.failWithPanic(0)).to.be.revertedWithPanic(0x12);
  });

  it('is on the chain that the configuration names', async () => {
    const chainId = await provider.request({ method: 'eth_chainId' });
    expect(BigInt(chainId)).to.equal((await ethers.provider.getNetwork()).chainId);
  });
});
