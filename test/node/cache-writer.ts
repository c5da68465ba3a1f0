/** Runs in a process of its own, which the test kills: writes into a file cache without end. */
import { createFileCache } from "../../src/node/file-cache.js";
import { entryAt } from "./cache-entries.js";

const [folder = "", seed = "0"] = process.argv.slice(2);
const cache = createFileCache(folder, { maxEntries: 40 });
const expiresAt = new Date(Date.now() + 3_600_000);

async function writeWithoutEnd(lane: number): Promise<never> {
  for (let count = 0; ; count++) {
    const { key, bytes } = entryAt(Number(seed) + lane * 1_000_000 + count);
    await cache.set(key, bytes, { expiresAt });
    if (count === 0) process.stdout.write("writing\n");
  }
}

await Promise.all([0, 1, 2, 3].map(writeWithoutEnd));
