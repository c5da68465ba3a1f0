/**
 * Writes the forged evidences of vectors/evidence and the cases of vectors/cases. Run: npm run vectors.
 *
 * The schema and the README of vectors/ are written by hand and stay.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildVectors } from "./vectors/build.js";

const root = fileURLToPath(new URL("../vectors/", import.meta.url));
rmSync(join(root, "evidence"), { recursive: true, force: true });

const files = await buildVectors();
for (const [path, bytes] of files) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}
console.log(`${files.size} files`);
