import { lookup, resolveSrv } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "../../component/clock.ts";
import { addressText } from "../../transport/address.ts";
import type { AddressSource } from "./address-source.ts";

/** What of DNS is used; tests bring their own. */
export interface NameService {
  addresses(name: string): Promise<readonly string[]>;
  services(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
}

export const systemNames: NameService = {
  addresses: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  services: (name) => resolveSrv(name),
};

interface Surroundings {
  readonly names: NameService;
  readonly clock: Clock;
  /** Where an address has no port. */
  readonly defaultPort: number;
  /** 0: what was found once is not looked up again. */
  readonly refreshMs: number;
}

/** One of `--cluster.join-addresses`: `10.0.0.1`, `host:12345`, `dns+host`, `dnssrv+_http._tcp.host`, `dnssrvnoa+_http._tcp.host`. */
export interface JoinAddress {
  readonly text: string;
  readonly kind: "address" | "any" | "dns" | "dnssrv" | "dnssrvnoa";
  readonly host: string;
  readonly port: number | undefined;
}

const retryMs = 1_000;
const slowestRetryMs = 5_000;
/** Names are looked up again at least so often: members come and go. */
const mostRefreshMs = 5_000;

export function parseJoinAddress(text: string): JoinAddress {
  const [, mode, rest = ""] = /^(?:(dns|dnssrv|dnssrvnoa)\+)?(.*)$/.exec(text) ?? [];
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(rest) ?? [undefined, undefined, rest, undefined];
  const host = bracketed ?? plain;
  const kind = (mode as JoinAddress["kind"] | undefined) ?? (isIP(host) === 0 ? "any" : "address");
  return { text, kind, host, port: port === undefined ? undefined : Number(port) };
}

/** Looks names up again and again, for ever. Names that can't be resolved do not hide those that can. */
export function dnsSource(joins: readonly JoinAddress[], around: Surroundings): AddressSource {
  const { clock, refreshMs } = around;
  const isStatic = joins.every(({ kind }) => kind === "address");
  return {
    description: joins.map(({ text }) => text).join(","),
    isAuthoritative: joins.every(({ kind }) => kind !== "address"),
    start(listener) {
      let isEnded = false;
      let failures = 0;
      let cancel = () => {};
      // What a name led to stays while it can't be looked up.
      const known = new Map<JoinAddress, readonly string[]>();
      const look = async () => {
        const outcomes = await Promise.allSettled(joins.map(async (join) => known.set(join, await resolve(join, around))));
        if (isEnded) return;
        const found = new Set([...known.values()].flat());
        const problems = outcomes.flatMap((outcome, i) =>
          outcome.status === "rejected"
            ? [`${joins[i]?.text}: ${outcome.reason instanceof Error ? outcome.reason.message : outcome.reason}`]
            : [],
        );
        if (problems.length === 0 || found.size > 0) listener.found([...found]);
        if (problems.length > 0) listener.failed(`failed to resolve join addresses: ${problems.join("; ")}`);
        failures = problems.length > 0 ? failures + 1 : 0;
        if (failures > 0) cancel = clock.after(Math.min(retryMs * failures, slowestRetryMs), () => void look());
        else if (refreshMs > 0 && !isStatic) cancel = clock.after(Math.min(refreshMs, mostRefreshMs), () => void look());
      };
      void look();
      return () => {
        isEnded = true;
        cancel();
      };
    },
  };
}

async function resolve(join: JoinAddress, { names, defaultPort }: Surroundings): Promise<string[]> {
  const { host, kind } = join;
  const port = join.port ?? defaultPort;
  const addressed = async (name: string, at: number) => (await names.addresses(name)).map((address) => addressText(address, at));
  // The port that was written or is usual, not that of the record: so it is documented.
  const services = async () => (await names.services(host)).map(({ name }) => name);
  switch (kind) {
    case "address":
      return [addressText(host, port)];
    case "dns":
      return addressed(host, port);
    case "dnssrv":
      return (await Promise.all((await services()).map((name) => addressed(name, port)))).flat();
    case "dnssrvnoa":
      return (await services()).map((name) => addressText(name, port));
    case "any": {
      const found = await addressed(host, port).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
      if (Array.isArray(found) && found.length > 0) return found;
      const named = await services().catch(() => {
        // What is said of the plain name tells more than that there is no service of that name.
        throw found instanceof Error ? found : new Error(`${host} has no addresses`);
      });
      return (await Promise.all(named.map((name) => addressed(name, port)))).flat();
    }
    default:
      return kind satisfies never;
  }
}
