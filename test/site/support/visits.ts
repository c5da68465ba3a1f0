import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type Look, openSite, type Site, type Visit } from "./site.js";

/** Opens pages of one browser; after each test no page may have said anything, nor asked anybody but the site. */
export function visits(): (look?: Look) => Promise<Visit> {
  let site: Site | undefined;
  const open: Visit[] = [];
  beforeAll(async () => {
    site = await openSite();
  });
  afterEach(async () => {
    const ended = open.splice(0);
    for (const { context } of ended) await context.close();
    expect(ended.flatMap(({ said }) => said)).toEqual([]);
    expect(ended.flatMap(({ foreign }) => foreign)).toEqual([]);
  });
  afterAll(async () => await site?.close());
  return async (look = {}) => {
    if (site === undefined) throw new TypeError("no site before the first test");
    const visit = await site.visit(look);
    open.push(visit);
    return visit;
  };
}
