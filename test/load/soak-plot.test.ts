import { describe, expect, it } from "vitest";
import { growth, type Sample, sampleAt, soakPlot, soakTable } from "./soak-plot.js";

const sample = (minutes: number, heap: readonly number[]): Sample => {
  return { minutes, chips: Math.round(10 * minutes), flows: Math.round(100 * minutes), heap, buffers: [1e6, 2e6] };
};
const SAMPLES = [sample(0, [20e6, 21e6]), sample(2.01, [30e6, 40e6]), sample(10, [33e6, 38e6])];

describe("the samples of a soak", () => {
  it("are compared with the first one at the minute or later", () => {
    expect(sampleAt(SAMPLES, 2)).toBe(SAMPLES[1]);
    expect(() => sampleAt(SAMPLES, 11)).toThrow("minute 11");
  });

  it("grow as much as the copy that grows most", () => {
    expect(growth(sample(2, [30e6, 40e6]), sample(10, [33e6, 38e6]))).toBeCloseTo(10);
    expect(growth(sample(2, [30e6, 40e6]), sample(10, [27e6, 38e6]))).toBeCloseTo(-5);
  });

  it("become a row each", () => {
    const lines = soakTable(SAMPLES).split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[3]).toBe("| 2.0 | 20 | 201 | 30.0 | 40.0 | 1.0 | 2.0 |");
  });

  it("become two lines of a picture, within it", () => {
    const svg = soakPlot(SAMPLES, sampleAt(SAMPLES, 2));
    const lines = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = ""]) => points.split(" "));
    expect(lines.map((points) => points.length)).toEqual([3, 3]);
    const heights = lines.flat().map((point) => Number(point.split(",")[1]));
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(16);
    for (const height of heights) expect(height).toBeLessThanOrEqual(204);
    expect(svg).toContain("44.0 MB");
  });
});
