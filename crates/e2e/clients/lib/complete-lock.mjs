// Completes package-lock.json after `npm install`, where the registry at hand serves only this platform's builds of a
// package: npm then leaves the other platforms' optional packages out, and `npm ci` refuses the file. Adds them, with
// the version that their dependent names and the platform that their own name tells.
//
//   node lib/complete-lock.mjs [folder with a package-lock.json ...]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The platform fields of a package named like `tool-linux-arm64-gnu`; null when the name tells no platform. */
function platform(name) {
  const words = name.split('/').at(-1).split('-');
  const os = words.find((word) => ['darwin', 'linux', 'win32'].includes(word));
  const cpu = { amd64: 'x64', x64: 'x64', arm64: 'arm64' }[words.find((word) => /^(amd64|x64|arm64)$/.test(word))];
  if (!os || !cpu) return null;
  const libc = { gnu: 'glibc', musl: 'musl' }[words.at(-1)];
  return { cpu: [cpu], ...(libc && { libc: [libc] }), os: [os] };
}

const folders = process.argv.length > 2 ? process.argv.slice(2) : ['.'];
for (const folder of folders) {
  const file = join(folder, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const added = [];
  for (const dependent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(dependent.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      const fields = platform(name);
      if (lock.packages[key] || !fields || !/^[0-9]/.test(version)) continue;
      lock.packages[key] = { version, ...fields, dev: true, optional: true };
      added.push(name);
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${file}: ${added.length} added`);
}
