/** Runs in a process of its own, which the test kills: spends the challenges that it is handed, one after the other. */
import { writeSync } from "node:fs";
import { openCopy } from "./redis-client.js";
import { PURPOSE } from "./support.js";

async function spendAll(url: string, nonces: readonly string[]): Promise<void> {
  const { challenger, close } = await openCopy(url);
  writeSync(1, "ready\n");
  for (const nonce of nonces) {
    const verified = await challenger.verify(new Uint8Array(Buffer.from(nonce, "base64")), PURPOSE);
    await challenger.spend(verified);
    // Said at once, before anything else can happen.
    writeSync(1, `${verified.id}\n`);
  }
  close();
}

const [url = "", ...nonces] = process.argv.slice(2);
spendAll(url, nonces).catch((error: unknown) => {
  process.exitCode = 1;
  writeSync(2, `${String(error)}\n`);
});
