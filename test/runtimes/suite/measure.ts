import { computeLaunchDigest } from "attestry/measure";
import { said, same } from "./assert.js";
import { blobOf, type Input, type Launch } from "./input.js";
import type { Case, Suite } from "./suite.js";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000));
}

function launchCase(input: Input, { tcId, comment, measurement, boot, features, ...machine }: Launch): Case {
  const run = async () => {
    const ascii = new TextEncoder();
    const firmware = blobOf(input, input.firmware);
    const kernel =
      boot === null ? {} : { ...boot, kernel: ascii.encode(boot.kernel), initrd: ascii.encode(boot.initrd) };
    const inputs = { ...machine, ...kernel, features: Number(features) };
    same(hex(await computeLaunchDigest({ ...inputs, firmware })), measurement);
    same(hex(await computeLaunchDigest({ ...inputs, firmware: pieces(firmware) })), measurement);
    const cut = computeLaunchDigest({ ...inputs, firmware: firmware.subarray(0, 4000) });
    same((await said(() => cut)).slice(0, 4), "ERR_");
  };
  return { name: `${tcId}: ${comment}`, run };
}

/** Launch digests, from bytes and from a stream. */
export const measureSuite: Suite = {
  name: "measure",
  cases: (input) => input.launches.map((launch) => launchCase(input, launch)),
};
