import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { buildFirmware } from "../../scripts/vectors/firmware.js";
import { vectorJson } from "../vectors/files.js";
import { runCommand, runModule } from "./support/run.js";

const { folder } = inject("installed");

interface Launch {
  vmm: string;
  vcpus: number;
  boot: object | null;
  measurement: string;
}

const { testGroups } = vectorJson<{ testGroups: { type: string; tests: Launch[] }[] }>("measure/launch.json");
const launches = testGroups.find(({ type }) => type === "launch")?.tests.filter(({ boot }) => boot === null) ?? [];

beforeAll(() => writeFileSync(join(folder, "OVMF.fd"), buildFirmware()));

describe("the installed attestry/measure", () => {
  it.each(launches)("computes the digest of $vcpus vCPUs under $vmm", ({ vmm, vcpus, measurement }) => {
    const args = ["--firmware", "OVMF.fd", "--vmm", vmm, "--vcpu-type", "EPYC-Milan", "--vcpus", String(vcpus)];
    const ended = runCommand(["measure", ...args, "--json"]);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(ended.stdout).measurements).toEqual([{ vcpus, features: "0x1", measurement }]);
  });

  it("explains, and ends with 5 where it cannot", () => {
    const args = ["measure", "explain", "--firmware", "OVMF.fd", "--vmm", "gce", "--max-vcpus", "4", "--actual"];
    const [other] = launches.filter(({ vmm, vcpus }) => vmm === "gce" && vcpus === 2);
    expect(runCommand([...args, other?.measurement ?? ""])).toMatchObject({ status: 0, stderr: "" });
    expect(runCommand([...args, "ab".repeat(48)])).toMatchObject({ status: 5, stderr: "" });
  });

  it("shares its errors with attestry, and takes the digests of attestry/node", () => {
    const ended = runModule(`
      import assert from "node:assert/strict";
      import { isAttestationError, UnsupportedError } from "attestry";
      import { computeLaunchDigest, nobleDigests } from "attestry/measure";
      import { nodeDigests } from "attestry/node";
      import { readFileSync } from "node:fs";
      const firmware = new Uint8Array(readFileSync("OVMF.fd"));
      const guest = { firmware, vmm: "ec2", vcpus: 3 };
      const [one, other] = await Promise.all(
        [nodeDigests, nobleDigests].map((digests) => computeLaunchDigest(guest, { digests })),
      );
      assert.deepEqual(one, other);
      await assert.rejects(computeLaunchDigest({ ...guest, firmware: new Uint8Array(4096) }), (error) => {
        assert(error instanceof UnsupportedError && isAttestationError(error, "ERR_UNSUPPORTED_FIRMWARE"));
        return true;
      });
    `);
    expect(ended).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
