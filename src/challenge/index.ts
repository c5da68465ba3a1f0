/** `attestry/challenge`: nonces that need no memory until they are spent, and the stores that let them be spent once. */
export type {
  Challenge,
  ChallengeKey,
  ChallengePurpose,
  Challenger,
  ChallengerOptions,
  SpentStore,
  VerifiedChallenge,
} from "./types.js";
