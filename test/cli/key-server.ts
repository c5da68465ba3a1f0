import { afterAll, afterEach, beforeAll } from "vitest";
import { fetchTransport } from "../../src/kds/index.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { type FakeKds, startFakeKds } from "../../src/testing/kds/index.js";
import type { FakeSetting } from "./fake-io.js";
import { filesOf } from "./forged.js";

/** A key server on loopback for the tests of a file, sound and without memory before each test. */
export function keyServer() {
  let kds: FakeKds | undefined;
  let forge: Forge | undefined;
  const mends: (() => void)[] = [];
  beforeAll(async () => {
    forge = await createForge({ seed: "attestry/cli/key-server", productLine: "Genoa" });
    kds = await startFakeKds({ forge, lineEnd: "\r\n" });
  });
  afterEach(() => {
    for (const mend of mends.splice(0)) mend();
    kds?.forget();
  });
  afterAll(async () => await kds?.close());
  const server = (): FakeKds => {
    if (kds === undefined) throw new Error("the key server is started before the tests");
    return kds;
  };
  const forged = (options: Parameters<Forge["evidence"]>[0] = {}) => {
    if (forge === undefined) throw new Error("the forge is made before the tests");
    return forge.evidence(options);
  };
  return {
    /** Forged evidence whose certificates the server has. */
    forged,
    /** The server's URL. */
    url: () => server().url,
    /** The paths that the server was asked for, cut before a query. */
    asked: () => server().requests.map(({ url }) => url.replace(/\?.*$/, "").replace(/[0-9a-f]{16,}/, "CHIP")),
    misbehave: (...args: Parameters<FakeKds["misbehave"]>) => {
      mends.push(server().misbehave(...args));
    },
    /** Files of forged evidence, a clock at which it is good, and the network. */
    setting: (options: Parameters<Forge["evidence"]>[0] = {}, more: FakeSetting = {}): FakeSetting => {
      const { files = {}, ...rest } = more;
      const evidence = forged(options);
      return { files: { ...filesOf(evidence), ...files }, now: evidence.now, transport: fetchTransport, ...rest };
    },
  };
}
