/**
 * Writes src/testing/rsa-prime-steps.ts: how far above its public starting number each test prime lies.
 *
 * Run: npx tsx scripts/make-test-primes.ts. The result is the same each time; it takes a minute.
 */
import { checkPrimeSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { primeStart } from "../src/testing/rsa-primes.js";

const COUNT = 256;
const EXPONENT = 65537n;

/** The smallest number of steps of two from the start to a prime that suits the exponent 65537. */
function stepsToPrime(start: bigint): number {
  for (let step = 0; ; step++) {
    const candidate = start + 2n * BigInt(step);
    if ((candidate - 1n) % EXPONENT !== 0n && checkPrimeSync(candidate)) return step;
  }
}

const steps = Array.from({ length: COUNT }, (_, index) => stepsToPrime(primeStart(index)));
const rows: string[] = [];
for (let row = 0; row < COUNT; row += 16) rows.push(`  ${steps.slice(row, row + 16).join(", ")},`);

writeFileSync(
  new URL("../src/testing/rsa-prime-steps.ts", import.meta.url),
  `/**
 * Steps of two from \`primeStart(index)\` to test prime \`index\`. Public test primes, worthless for trust.
 * Made by scripts/make-test-primes.ts.
 */
// biome-ignore format: sixteen a row
export const PRIME_STEPS: readonly number[] = [
${rows.join("\n")}
];
`,
);
