// A deployment as Ignition's users declare it: a vault over a token, filled by calls that depend on both.
import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';

export default buildModule('Vault', (m) => {
  const owner = m.getAccount(0);
  const token = m.contract('TestToken', [owner, 1_000n]);
  const vault = m.contract('TestVault', [token]);
  const approve = m.call(token, 'approve', [vault, 100n]);
  m.call(vault, 'deposit', [100n, owner], { after: [approve] });
  return { token, vault };
});
