import { BlockList, isIP } from "node:net";

/** Which proxy requests go through. */
export interface ProxySettings {
  /** For all requests but those that `noProxy` excludes. */
  readonly url?: URL;
  readonly noProxy?: string;
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in either case, decide. */
  readonly fromEnvironment?: boolean;
  /** Sent to proxies with CONNECT. */
  readonly connectHeaders?: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Says which proxy a URL is reached through, undefined: none. */
export function proxyRule(settings: ProxySettings, environment: Environment): (url: URL) => URL | undefined {
  if (settings.fromEnvironment === true) {
    const named = (name: string) => environment[name.toLowerCase()] || environment[name] || "";
    const [http, https] = [proxyUrl(named("HTTP_PROXY")), proxyUrl(named("HTTPS_PROXY"))];
    const excluded = exclusion(named("NO_PROXY"));
    return (url) => {
      const proxy = url.protocol === "https:" ? https : http;
      return proxy === undefined || excluded(url) ? undefined : proxy;
    };
  }
  const { url: proxy, noProxy } = settings;
  if (proxy === undefined) return () => undefined;
  if (noProxy === undefined || noProxy === "") return () => proxy;
  const excluded = exclusion(noProxy);
  return (url) => (excluded(url) ? undefined : proxy);
}

/** A proxy's address as users write it: the scheme may be left out. */
export function proxyUrl(text: string): URL | undefined {
  if (text === "") return undefined;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return URL.canParse(text) ? new URL(text) : undefined;
  return URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
}

/**
 * Reads `NO_PROXY`: addresses, prefixes, names (with all below them), `.names` (only what is below), each perhaps with a port, or `*`.
 * This machine itself is never reached through a proxy.
 */
function exclusion(list: string): (url: URL) => boolean {
  const entries = list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "");
  if (entries.includes("*")) return () => true;
  const rules = entries.map(exclusionRule).filter((rule) => rule !== undefined);
  return (url) => {
    const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
    const port = url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80";
    return host === "localhost" || isLoopback(host) || rules.some((rule) => rule(host, port));
  };
}

type ExclusionRule = (host: string, port: string) => boolean;

function exclusionRule(entry: string): ExclusionRule | undefined {
  const prefix = /^(.*)\/(\d+)$/.exec(entry);
  if (prefix !== null) return prefixRule(prefix[1] ?? "", Number(prefix[2]));
  const withPort = isIP(entry) !== 0 ? undefined : /^\[?([^\]]*?)\]?:(\d+)$/.exec(entry);
  const host = withPort?.[1] ?? entry.replace(/^\[|\]$/g, "");
  const port = withPort?.[2];
  if (host === "") return undefined;
  const fits = (actual: string) => port === undefined || port === actual;
  if (isIP(host) !== 0) {
    const address = new BlockList();
    address.addAddress(host, family(host));
    return (other, otherPort) => isIP(other) !== 0 && address.check(other, family(other)) && fits(otherPort);
  }
  const name = host.startsWith("*.") ? host.slice(1) : host;
  const below = name.startsWith(".") ? name : `.${name}`;
  const itself = name.startsWith(".") ? undefined : name;
  return (other, otherPort) => isIP(other) === 0 && (other === itself || other.endsWith(below)) && fits(otherPort);
}

function prefixRule(address: string, bits: number): ExclusionRule | undefined {
  if (isIP(address) === 0 || bits > (isIP(address) === 4 ? 32 : 128)) return undefined;
  const subnet = new BlockList();
  subnet.addSubnet(address, bits, family(address));
  return (host) => isIP(host) !== 0 && subnet.check(host, family(host));
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && loopback.check(host, family(host));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
