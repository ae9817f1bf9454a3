import { isIP } from "node:net";

export interface Address {
  /** Undefined: all addresses of this machine, IPv6 and IPv4. */
  readonly host: string | undefined;
  readonly port: number;
}

/** Reads `host:port` as Go does: the host may be left out, IPv6 stands in brackets. Returns what is wrong with it as text. */
export function parseAddress(text: string): Address | string {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text) ?? [];
  if (bracketed === undefined && plain === undefined) return `"${text}" must be host:port, as in "0.0.0.0:4317"`;
  if (bracketed !== undefined && isIP(bracketed.replace(/%.*$/, "")) !== 6) return `"${bracketed}" in brackets must be an IPv6 address`;
  const number = /^\d+$/.test(port) ? Number(port) : (namedPorts[port] ?? -1);
  if (number < 0 || number > 65535) return `"${port}" in "${text}" must be a port from 0 to 65535`;
  const host = bracketed ?? plain;
  return { host: host === "" ? undefined : host, port: number };
}

/** The names that Go resolves and that occur in addresses. */
const namedPorts: Readonly<Record<string, number>> = { "": 0, http: 80, https: 443 };

/** As messages show it. */
export function addressText(host: string | undefined, port: number): string {
  if (host === undefined) return `:${port}`;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The error of a listener in the words that users search for. */
export function listenError(error: unknown, host: string | undefined, port: number): Error {
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === "EADDRINUSE"
      ? "bind: address already in use"
      : code === "EACCES"
        ? "bind: permission denied"
        : code === "EADDRNOTAVAIL"
          ? "bind: cannot assign requested address"
          : error instanceof Error
            ? error.message
            : String(error);
  return new Error(`listen tcp ${addressText(host, port)}: ${reason}`, { cause: error });
}
