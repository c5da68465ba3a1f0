import { isIPv6 } from "node:net";
import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";

/** A household has a network of addresses to itself; what is limited is the network. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  // The URL parser writes every address in one way, and does so without a table of ours.
  const groups = new URL(`http://[${address.split("%")[0]}]/`).hostname.slice(1, -1).split("::");
  const [head = "", tail] = groups;
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return `${[...front, ...Array<string>(zeros).fill("0"), ...back].slice(0, 4).join(":")}::/64`;
}

/**
 * Who asks: the address of the connection, or what the last of so many trusted proxies says that it saw. What stands
 * further left in X-Forwarded-For is the client's own tale.
 */
export function clientFinder(trustedProxies: number): (context: Context) => string {
  return (context) => {
    const seen = getConnInfo(context).remote.address ?? "unknown";
    const told = (context.req.header("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
    const chain = [...told.filter((part) => part !== ""), seen];
    return networkOf(chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? seen);
  };
}
