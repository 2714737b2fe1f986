// Deploys EntryPoint v0.7 and the Safe 1.4.1 contracts to a running chain, at the addresses that they have everywhere.
// They are not in the genesis, because their licences are not this project's: whoever wants them brings them along.
//
//   npm install --no-save @account-abstraction/contracts@0.7.0 @safe-global/safe-contracts@1.4.1
//   node script/deploy-canonical.mjs --rpc-url http://127.0.0.1:9545 --private-key 0x...
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DETERMINISTIC_DEPLOYMENT_PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const SAFE_SINGLETON_FACTORY = "0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7";
const NO_SALT = `0x${"00".repeat(32)}`;

const safe = (path, address) => ({
  name: path.split("/").at(-1),
  artifact: `@safe-global/safe-contracts/build/artifacts/contracts/${path}.sol/${path.split("/").at(-1)}.json`,
  factory: SAFE_SINGLETON_FACTORY,
  salt: NO_SALT,
  address,
});

const CONTRACTS = [
  {
    name: "EntryPoint",
    artifact: "@account-abstraction/contracts/artifacts/EntryPoint.json",
    factory: DETERMINISTIC_DEPLOYMENT_PROXY,
    salt: "0x90d8084deab30c2a37c45e8d47f49f2f7965183cb6990a98943ef94940681de3",
    address: "0x0000000071727De22E5E9d8BAf0edAc6f37da032",
  },
  safe("Safe", "0x41675C099F32341bf84BFc5382aF534df5C7461a"),
  safe("SafeL2", "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762"),
  safe("proxies/SafeProxyFactory", "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"),
  safe("libraries/MultiSend", "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526"),
  safe("libraries/MultiSendCallOnly", "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"),
  safe("handler/CompatibilityFallbackHandler", "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"),
];

const { values } = parseArgs({ options: { "rpc-url": { type: "string" }, "private-key": { type: "string" } } });
const rpc = values["rpc-url"];
if (!rpc || !values["private-key"]) {
  console.error("usage: node script/deploy-canonical.mjs --rpc-url URL --private-key KEY");
  process.exit(2);
}

const cast = (...args) =>
  execFileSync(join(ROOT, "node_modules", ".bin", "cast"), args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
const hasCode = (address) => cast("code", address, "--rpc-url", rpc) !== "0x";

function creationCode(artifact) {
  try {
    return JSON.parse(readFileSync(join(ROOT, "node_modules", artifact), "utf8")).bytecode;
  } catch {
    throw new Error(`node_modules/${artifact} is missing: install the packages named at the top of this script`);
  }
}

try {
  for (const { name, artifact, factory, salt, address } of CONTRACTS) {
    if (hasCode(address)) {
      console.log(`${name} ${address} is there`);
      continue;
    }
    if (!hasCode(factory)) throw new Error(`the chain has no factory at ${factory}`);
    const code = creationCode(artifact);
    const expected = cast("create2", "--deployer", factory, "--salt", salt, "--init-code", code);
    if (!expected.includes(address)) throw new Error(`this build of ${name} belongs at ${expected}, not at ${address}`);
    cast("send", factory, salt + code.slice(2), "--rpc-url", rpc, "--private-key", values["private-key"]);
    if (!hasCode(address)) throw new Error(`${name} was sent, but has no code at ${address}`);
    console.log(`${name} ${address} deployed`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
