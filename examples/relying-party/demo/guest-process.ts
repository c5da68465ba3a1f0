/** The guest as a process of its own: the director says what to do, and hears what became of it. */
import type { Forge } from "attestry/testing";
import { toBase64Url } from "../http/encoding.js";
import type { Command, Misdeed, Reply } from "./commands.js";
import { counterfeit } from "./counterfeit.js";
import {
  type Answer,
  answer,
  askFor,
  denied,
  type GuestKey,
  type HeldChallenge,
  makeKey,
  NOTHING,
  type Outcome,
  open,
  post,
  submission,
} from "./guest.js";
import { openFactory, switchOn } from "./machines.js";
import { exchange } from "./trustee-client.js";

/** Everything a guest remembers of one challenge. */
interface Slot {
  readonly challenge: HeldChallenge;
  readonly key: GuestKey;
  answer: Answer | null;
}

const slots = new Map<string, Slot>();

function slotOf(name: string): Slot {
  const slot = slots.get(name);
  if (slot === undefined) throw new Error(`no challenge is kept as ${name}`);
  return slot;
}

function answerOf({ answer: found }: Slot): Answer {
  if (found === null) throw new Error("the guest has made no evidence yet");
  return found;
}

/** Where a changed byte is sure to be signed: in MEASUREMENT. */
const MEASUREMENT_AT = 0x90;

async function spoil(found: Answer, misdeed: Misdeed): Promise<Answer> {
  if (misdeed === "another key") return { ...found, publicKey: (await makeKey()).publicKey };
  const data = Buffer.from(found.evidence.data, "base64url");
  data.writeUInt8(data.readUInt8(MEASUREMENT_AT) ^ 1, MEASUREMENT_AT);
  return { ...found, evidence: { ...found.evidence, data: data.toString("base64url") } };
}

async function release(slot: Slot, service: string): Promise<Outcome> {
  const answered = answerOf(slot);
  const request = { ...submission(slot.challenge, answered), format: "hpke" };
  return open(await post(`${service}/v1/releases`, request), { ...slot, report: answered.report });
}

async function present(slot: Slot, service: string, token: string): Promise<Outcome> {
  const { policy, nonce } = slot.challenge;
  const response = await post(`${service}/v1/releases`, { policy, nonce, token, format: "hpke" });
  return open(response, { ...slot, report: answerOf(slot).report });
}

async function appraised(slot: Slot, service: string): Promise<string | Outcome> {
  const response = await post(`${service}/v1/appraisals`, submission(slot.challenge, answerOf(slot)));
  if (response.status !== 200) return denied(response);
  const { verdict, token, reasons } = await response.json();
  if (verdict === "accept") return token;
  return { ...NOTHING, code: reasons[0]?.code ?? null, reason: reasons[0]?.text ?? null };
}

async function obey(forge: Forge, command: Command): Promise<Outcome> {
  if (command.do === "rcar") return exchange(command.services, switchOn(forge, command.machine), command.resource);
  if (command.do === "ask") {
    const challenge = await askFor(command.service, command.policy);
    slots.set(command.slot, { challenge, key: await makeKey(), answer: null });
    return { ...NOTHING, status: 201 };
  }
  const slot = slotOf(command.slot);
  if (command.do === "repeat") return release(slot, command.service);
  const machine = switchOn(forge, command.machine);
  const { publicKey } = slot.key;
  slot.answer = await answer(slot.challenge, machine, { publicKey, type: command.type });
  if (command.do === "counterfeit") {
    return present(slot, command.service, await counterfeit(forge, slot.challenge, slot.answer));
  }
  if (command.do === "release") {
    if (command.misdeed !== undefined) slot.answer = await spoil(slot.answer, command.misdeed);
    return release(slot, command.service);
  }
  const token = await appraised(slot, command.service);
  return typeof token === "string" ? present(slot, command.other, token) : token;
}

function reply({ secret, ...rest }: Outcome): Reply {
  return { ...rest, secret: secret === null ? null : toBase64Url(secret) };
}

// The director wrote this argument.
const forge = await openFactory(JSON.parse(process.argv[2] ?? "null"));
process.on("message", (command: Command) => {
  obey(forge, command).then(
    (outcome) => process.send?.(reply(outcome)),
    (error: unknown) => {
      console.error(error);
      process.exit(70);
    },
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
