// Rebuilds creation.hex and runtime.hex from TestToken.sol: `npm ci` in contracts/, then `node benches/token/build.mjs`.
// The compiler and OpenZeppelin are the ones that contracts/package-lock.json pins. `--check` compares instead of writing.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const contracts = path.join(here, "../../contracts");
const solc = createRequire(path.join(contracts, "package.json"))("solc");

const input = {
  language: "Solidity",
  sources: { "TestToken.sol": { content: fs.readFileSync(path.join(here, "TestToken.sol"), "utf8") } },
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.deployedBytecode.object"] } },
  },
};
const readImport = (name) => ({ contents: fs.readFileSync(path.join(contracts, "node_modules", name), "utf8") });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));
const errors = (output.errors ?? []).filter((entry) => entry.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((entry) => entry.formattedMessage).join("\n"));
  process.exit(1);
}

const { bytecode, deployedBytecode } = output.contracts["TestToken.sol"].TestToken.evm;
let stale = false;
for (const [name, code] of [["creation.hex", bytecode.object], ["runtime.hex", deployedBytecode.object]]) {
  const file = path.join(here, name);
  if (!process.argv.includes("--check")) {
    fs.writeFileSync(file, `${code}\n`);
  } else if (fs.readFileSync(file, "utf8") !== `${code}\n`) {
    console.error(`benches/token/${name} is stale: run node benches/token/build.mjs`);
    stale = true;
  }
}
process.exit(stale ? 1 : 0);
