import { addressText, parseAddress } from "../address.ts";

/** Where a client connects to, as gRPC's name syntax says it. */
export type Target =
  /** Resolved anew when connections break. */
  | { readonly kind: "name"; readonly host: string; readonly port: number }
  | { readonly kind: "addresses"; readonly addresses: readonly { readonly host: string; readonly port: number }[] }
  | { readonly kind: "unix"; readonly path: string };

const defaultPort = 443;

/** Reads `host:port`, `http(s)://host:port`, `dns:///host:port`, `passthrough:///…`, `ipv4:…`, `ipv6:…` or `unix:…`. Text: what is wrong with it. */
export function parseTarget(endpoint: string): Target | string {
  const unix = /^unix:(\/\/)?(.*)$/.exec(endpoint)?.[2];
  if (unix !== undefined) return unix === "" ? "unix socket path cannot be empty" : { kind: "unix", path: unix };
  const list = /^ipv[46]:(.+)$/.exec(endpoint)?.[1];
  if (list !== undefined) return parseList(list);
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.*)$/i.exec(endpoint) ?? [undefined, undefined, endpoint];
  const isGrpcScheme = scheme === "dns" || scheme === "passthrough";
  if (scheme !== undefined && !isGrpcScheme && scheme !== "http" && scheme !== "https")
    return `the scheme "${scheme}" of "${endpoint}" is none of dns, passthrough, unix, http, https`;
  // A resolver's scheme may name a server to ask before the path; http has none. A path behind the port, as in an endpoint that was written
  // for HTTP, says nothing to gRPC: configurations in use have one, and the incumbent accepts them.
  const text = isGrpcScheme ? rest.replace(/^[^/]*\//, "") : rest.replace(/^dns:/, "").replace(/\/.*$/, "");
  const address = parseAddress(hasPort(text) ? text : `${text}:${defaultPort}`);
  if (typeof address === "string") return address;
  if (address.host === undefined) return `"${endpoint}" names no host`;
  return { kind: "name", host: address.host, port: address.port };
}

/** What goes into `:authority` unless the user says otherwise. */
export function authorityOf(target: Target): string {
  switch (target.kind) {
    case "name":
      return addressText(target.host, target.port);
    case "addresses":
      return target.addresses[0] === undefined ? "" : addressText(target.addresses[0].host, target.addresses[0].port);
    case "unix":
      return "localhost";
    default:
      return target satisfies never;
  }
}

function parseList(list: string): Target | string {
  const addresses: { host: string; port: number }[] = [];
  for (const text of list.split(",")) {
    const address = parseAddress(text);
    if (typeof address === "string") return address;
    if (address.host === undefined) return `"${text}" names no host`;
    addresses.push({ host: address.host, port: address.port });
  }
  return { kind: "addresses", addresses };
}

function hasPort(text: string): boolean {
  return /:[^:\]]*$/.test(text) && !/^[^[]*:[^:]*:/.test(text);
}
