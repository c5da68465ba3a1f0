/** AMD's key server as a process of its own: the forge's certificates, and a CRL that has revoked Genoa's ASK. */
import { startFakeKds } from "attestry/testing/kds";
import { openFactory } from "./machines.js";

const GENOA = "Genoa";

/** The serial of Genoa's present ASK, as the forge gives it. */
const ASK_SERIAL = 0x020002n;

// The director wrote this argument.
const forge = await openFactory(JSON.parse(process.argv[2] ?? "null"));
const server = await startFakeKds({ forge });
const { der } = forge.crl({ productLine: GENOA, number: 2, revoked: [{ serial: ASK_SERIAL }] });
server.misbehave(
  { kind: "body", body: der },
  { when: ({ kind, productLine }) => kind === "crl" && productLine === GENOA },
);
process.stdout.write(`${JSON.stringify({ event: "listening", port: Number(new URL(server.url).port) })}\n`);
process.on("SIGTERM", () => process.exit(0));
