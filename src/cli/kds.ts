import { createKdsClient } from "../kds/client.js";
import type { Transport } from "../kds/types.js";
import type { CollateralSource, VerifyOptions } from "../verify/types.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { type Need, requestFor } from "./complete.js";
import type { Role } from "./evidence-input.js";
import type { KdsPlan } from "./evidence-plan.js";
import type { CliIo } from "./io.js";
import { tellProgress } from "./progress.js";

/** A key server that can be asked. */
export interface Kds {
  /** For `verifyEvidence`. */
  readonly source: CollateralSource;
  /** What the server has for a role; undefined where it has nothing. */
  fetch(role: Role, need: Need): Promise<Uint8Array | undefined>;
}

/** Keeps the root that comes behind an intermediate: the client hands out the intermediate alone. */
function rootKeeper(transport: Transport) {
  let root: Uint8Array | undefined;
  const keeping: Transport = async (request) => {
    const response = await transport(request);
    if (response.status === 200 && request.url.endsWith("/cert_chain") && looksLikePem(response.body)) {
      [, root] = pemToDer(response.body, "the chain of the key server");
    }
    return response;
  };
  return { keeping, root: () => root };
}

/** Whom to ask, how, and what to verify the answers under. */
interface Asking {
  readonly plan: KdsPlan;
  readonly transport: Transport;
  readonly anchors: VerifyOptions["anchors"];
}

function openKds(io: CliIo, { plan, transport, anchors }: Asking): Kds {
  const { keeping, root } = rootKeeper(transport);
  const source = createKdsClient({
    // Not the time of --at: downloads are of today, whatever moment the evidence is judged at.
    now: () => io.now(),
    transport: keeping,
    ...(anchors === undefined ? {} : { anchors }),
    ...(plan.baseUrl === undefined ? {} : { baseUrl: plan.baseUrl }),
  });
  const ask = async (role: Role, need: Need) => {
    const request = requestFor(role, need);
    return request === undefined ? undefined : await source.get(request, {});
  };
  return {
    source,
    fetch: async (role, need) => {
      if (role !== "root") return await ask(role, need);
      // The client has the intermediate in memory where it was asked for before; a root that came is verified later.
      await ask("intermediate", need);
      return root();
    },
  };
}

/**
 * Runs something with the key server of a plan, or with none, and lets go of its connections afterwards.
 *
 * @param anchors - what downloads are verified under, as the evidence will be
 */
export async function withKds<Result>(
  io: CliIo,
  { kds: plan, anchors }: { readonly kds: KdsPlan | undefined; readonly anchors: VerifyOptions["anchors"] },
  use: (kds: Kds | undefined) => Promise<Result>,
): Promise<Result> {
  if (plan === undefined) return await use(undefined);
  const connections = await io.openTransport();
  const { transport, stop } = tellProgress(io, connections);
  try {
    return await use(openKds(io, { plan, transport, anchors }));
  } finally {
    stop();
    await connections.close();
  }
}
