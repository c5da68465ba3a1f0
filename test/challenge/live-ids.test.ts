import fc from "fast-check";
import { expect, it } from "vitest";
import { LiveIds } from "../../src/challenge/live-ids.js";

it("lets go exactly what has expired, in whatever order it came", () => {
  const steps = fc.array(fc.record({ expiresAt: fc.integer({ min: 1, max: 99 }), now: fc.nat(50) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const ids = new LiveIds();
      let model: { id: string; expiresAt: number }[] = [];
      let forgotten = 0;
      for (const [index, { expiresAt, now }] of list.entries()) {
        ids.keep(`id ${index}`, expiresAt);
        model.push({ id: `id ${index}`, expiresAt });
        ids.forgetExpired(now);
        forgotten = Math.max(forgotten, ...model.filter((one) => one.expiresAt <= now).map((one) => one.expiresAt));
        model = model.filter((one) => one.expiresAt > now);
        expect(ids.size).toBe(model.length);
        expect(model.every(({ id }) => ids.has(id))).toBe(true);
        expect([ids.mayHaveForgotten(forgotten), ids.mayHaveForgotten(forgotten + 1)]).toEqual([forgotten > 0, false]);
      }
      ids.forgetExpired(100);
      expect(ids.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});

it("knows the ids that live and no others", () => {
  const ids = new LiveIds();
  ids.keep("a", 10);
  ids.keep("b", 20);
  expect([ids.has("a"), ids.has("b"), ids.has("c")]).toEqual([true, true, false]);
  ids.forgetExpired(9);
  expect([ids.has("a"), ids.mayHaveForgotten(10)]).toEqual([true, false]);
  ids.forgetExpired(10);
  expect([ids.has("a"), ids.has("b"), ids.mayHaveForgotten(10), ids.mayHaveForgotten(11)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
