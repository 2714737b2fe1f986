// Runtime code of contracts that other people wrote and that every chain is expected to have at one known address.
// The code is read out of an npm package of the lock file. Only permissively licensed contracts are taken: README.md
// names those left out.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCE = "@eth-optimism/contracts-bedrock";
const FILE = "src/libraries/Preinstalls.sol";

// name, the constants' names in the source, the licence of the contract itself.
const TAKEN = [
  { name: "Multicall3", constant: "MultiCall3", licence: "MIT" },
  { name: "Create2Deployer", constant: "Create2Deployer", licence: "MIT" },
  // The two are the same 69 bytes, which the package @safe-global/safe-singleton-factory publishes under MIT.
  { name: "DeterministicDeploymentProxy", constant: "DeterministicDeploymentProxy", licence: "MIT" },
  { name: "SafeSingletonFactory", constant: "SafeSingletonFactory", licence: "MIT" },
  // The code has two immutables, which the genesis builder fills: the chain id and the EIP-712 domain separator.
  {
    name: "Permit2",
    constant: "Permit2",
    code: "Permit2TemplateCode",
    licence: "MIT",
    immutables: { chainId: 6945, domainSeparator: 6983 },
  },
];

/** The preinstalls, in a fixed order, as `artifacts/preinstalls.json` lists them. */
export function preinstalls(root) {
  const { version } = JSON.parse(readFileSync(join(root, "node_modules", SOURCE, "package.json"), "utf8"));
  const text = readFileSync(join(root, "node_modules", SOURCE, FILE), "utf8");
  const read = (pattern, what) => {
    const match = text.match(pattern);
    if (!match) throw new Error(`${SOURCE}/${FILE} has no ${what}`);
    return match[1];
  };
  return {
    source: `${SOURCE}@${version}/${FILE}`,
    contracts: TAKEN.map(({ name, constant, code, licence, immutables }) => {
      const codeConstant = code ?? `${constant}Code`;
      return {
        name,
        address: read(new RegExp(`address internal constant ${constant} = (0x[0-9a-fA-F]{40});`), constant),
        licence,
        ...(immutables && { immutables }),
        code: `0x${read(new RegExp(`bytes internal constant ${codeConstant} =\\s*hex"([0-9a-f]+)";`), codeConstant)}`,
      };
    }),
  };
}
