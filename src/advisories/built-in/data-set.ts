import { deepFreeze } from "../../policy/json.js";
import type { AdvisoryDocument } from "../schema.js";
import { batteringRam, ciphertext, heckler, milanSeed, pwrLeak, teeFail } from "./others.js";
import { badRam, breakFast, fabricked, iommuWriteBuffer, oldMilan } from "./platform.js";
import { SOURCES } from "./sources.js";
import { entrySign, rmpocalypse, stackWarp } from "./steppings.js";

function makeAdvisories(): AdvisoryDocument {
  const advisories = [
    oldMilan(),
    badRam(),
    entrySign(),
    rmpocalypse(),
    stackWarp(),
    iommuWriteBuffer(),
    fabricked(),
    breakFast(),
    ciphertext(),
    pwrLeak(),
    heckler(),
    milanSeed(),
    teeFail(),
    batteringRam(),
  ];
  return deepFreeze({
    version: 1,
    id: "attestry-advisories",
    publishedAt: "2026-11-22T00:00:00Z",
    sources: SOURCES,
    advisories,
  });
}

/**
 * The built-in data set: what was public by its own date, for `defineAdvisories`. AMD's bulletins themselves could not
 * be read; every number is quoted from somebody who did, with a word on how sure it is (docs/advisories.md). What has
 * no number in public is left out.
 */
export const ADVISORIES: AdvisoryDocument = /* @__PURE__ */ makeAdvisories();
