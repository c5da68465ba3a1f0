/** `attestry/challenge`: nonces that need no memory until they are spent, and the stores that let them be spent once. */
export { createChallenger } from "./challenger.js";
export { type MemorySpentStoreOptions, memorySpentStore } from "./memory-store.js";
export { type RedisSpentStoreOptions, redisSpentStore } from "./redis-store.js";
export { CHALLENGE_CLOCK_SKEW_MS } from "./time.js";
export type {
  Challenge,
  ChallengeKey,
  ChallengePurpose,
  Challenger,
  ChallengerOptions,
  SpentStore,
  VerifiedChallenge,
} from "./types.js";
