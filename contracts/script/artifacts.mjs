// Writes artifacts/*.json, the compiled contracts that the Rust crates embed; they are committed, so that a build of the
// node needs no Solidity compiler.
//
//   node script/artifacts.mjs           build and write
//   node script/artifacts.mjs --check   build and compare; exits 1 naming each artifact that is stale
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { preinstalls } from "./preinstalls.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = join(ROOT, "artifacts");

// Everything that is deployed, on either layer, and what the tests of the Rust crates deploy.
const CONTRACTS = [
  "node_modules/@openzeppelin/contracts/governance/TimelockController.sol",
  "src/L1/AnchorStateRegistry.sol",
  "src/L1/DisputeGameFactory.sol",
  "src/L1/OPEN.sol",
  "src/L1/OptimismPortal.sol",
  "src/L1/PermissionedDisputeGame.sol",
  "src/L1/SuperchainConfig.sol",
  "src/L1/SystemConfig.sol",
  "src/L2/BaseFeeVault.sol",
  "src/L2/GasPriceOracle.sol",
  "src/L2/L1Block.sol",
  "src/L2/L1FeeVault.sol",
  "src/L2/L2ToL1MessagePasser.sol",
  "src/L2/OperatorFeeVault.sol",
  "src/L2/SequencerFeeVault.sol",
  "src/L2/WOPEN.sol",
  "src/datanet/Admission.sol",
  "src/datanet/ContributionRegistry.sol",
  "src/datanet/ContributorRegistry.sol",
  "src/datanet/DatanetRegistry.sol",
  "src/datanet/LicenseRegistry.sol",
  "src/model/ModelRegistry.sol",
  "src/model/TrainingJobs.sol",
  "src/pay/AttributionVerifier.sol",
  "src/pay/FeeRouter.sol",
  "src/pay/PayableAI.sol",
  "src/pay/PayoutVault.sol",
  "src/pay/Settlement.sol",
  "src/pay/TrainingAccumulator.sol",
  "src/pay/attribution/DemandVerifier.sol",
  "src/pay/attribution/EpochVerifier.sol",
  "src/pay/attribution/TilingVerifier.sol",
  "src/universal/Proxy.sol",
  "src/universal/ProxyAdmin.sol",
  "test/mocks/TestToken.sol",
];

// Contracts that are taken as the OP Stack's authors compiled and published them: messages and tokens between the layers.
const PACKAGE = "@eth-optimism/contracts-bedrock";
const PACKAGED = [
  "src/L1/L1CrossDomainMessenger.sol",
  "src/L1/L1StandardBridge.sol",
  "src/L2/L2CrossDomainMessenger.sol",
  "src/L2/L2StandardBridge.sol",
  "src/universal/OptimismMintableERC20Factory.sol",
];

// forge's storage layouts name types by ids that change with every build; the slots are what matters.
function storageLayout({ storage, types }) {
  return storage.map(({ label, slot, offset, type }) => ({
    label,
    slot: Number(slot),
    offset,
    bytes: Number(types[type].numberOfBytes),
    type: types[type].label,
  }));
}

// A list of {start, length} by id becomes one flat list: every place that construction fills in.
function immutableReferences(references = {}) {
  return Object.values(references)
    .flat()
    .sort((a, b) => a.start - b.start);
}

function nameOf(source) {
  return source.split("/").at(-1).replace(".sol", "");
}

function compiled(source) {
  const name = nameOf(source);
  return artifact(name, source, join(ROOT, "out", `${name}.sol`, `${name}.json`));
}

function packaged(source) {
  const name = nameOf(source);
  const directory = join(ROOT, "node_modules", PACKAGE);
  const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return artifact(
    name,
    `${PACKAGE}@${version}/${source}`,
    join(directory, "forge-artifacts", `${name}.sol`, `${name}.json`),
  );
}

function artifact(name, source, file) {
  const built = JSON.parse(readFileSync(file, "utf8"));
  return [
    `${name}.json`,
    {
      name,
      source,
      abi: built.abi,
      bytecode: built.bytecode.object,
      deployedBytecode: built.deployedBytecode.object,
      immutableReferences: immutableReferences(built.deployedBytecode.immutableReferences),
      storageLayout: storageLayout(built.storageLayout),
    },
  ];
}

function current(file) {
  try {
    return readFileSync(join(TARGET, file), "utf8");
  } catch {
    return undefined;
  }
}

// The native binary: the wrapper in node_modules/.bin ends with 0 even when forge fails, and stale output would pass.
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
const forge = join(ROOT, "node_modules", "@foundry-rs", `forge-${platform}`, "bin", "forge");
execFileSync(forge, ["build", "--quiet"], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });

const wanted = new Map(
  [...CONTRACTS.map(compiled), ...PACKAGED.map(packaged), ["preinstalls.json", preinstalls(ROOT)]].map(([file, content]) => [
    file,
    `${JSON.stringify(content, null, 1)}\n`,
  ]),
);

mkdirSync(TARGET, { recursive: true });
const extra = readdirSync(TARGET).filter((file) => !wanted.has(file));
const stale = [...wanted].filter(([file, text]) => current(file) !== text).map(([file]) => file);

if (process.argv.includes("--check")) {
  for (const file of stale) console.error(`stale: artifacts/${file} is not what the sources compile to`);
  for (const file of extra) console.error(`stale: artifacts/${file} belongs to no source`);
  if (stale.length + extra.length > 0) {
    console.error("run `npm run artifacts` in contracts/ and commit the result");
    process.exitCode = 1;
  }
} else {
  for (const file of stale) writeFileSync(join(TARGET, file), wanted.get(file));
  for (const file of extra) rmSync(join(TARGET, file));
  console.log(`artifacts: ${wanted.size} files, ${stale.length} written, ${extra.length} removed`);
}
