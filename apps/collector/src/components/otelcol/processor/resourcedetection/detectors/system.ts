import { lookup, lookupService, resolveCname, reverse } from "node:dns/promises";
import { arch, cpus, hostname, networkInterfaces, platform, release, type } from "node:os";
import type { Detector, Surroundings } from "../detector.ts";

const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "arm32",
  ia32: "x86",
  ppc64: "ppc64",
  s390x: "s390x",
};

/** The machine itself. */
export const system: Detector = async (surroundings, settings) => {
  const sources = settings.hostname_sources as readonly string[];
  const name = await firstName(surroundings, sources.length === 0 ? ["dns", "os"] : sources);
  const osRelease = parseAssignments((await surroundings.readText("/etc/os-release")) ?? "");
  const { isEnabled } = settings;
  const interfaces = Object.entries(networkInterfaces()).map(([interfaceName, addresses = []]) => ({ interfaceName, addresses }));
  const outward = interfaces.filter(({ addresses }) => addresses.some(({ internal }) => !internal));
  const cpu = wantsCpu(isEnabled) ? parseCpu((await surroundings.readText("/proc/cpuinfo")) ?? "") : {};
  const kernelVersion = await surroundings.readText("/proc/sys/kernel/version");
  return {
    attributes: {
      "host.name": name,
      "os.type": platform() === "win32" ? "windows" : platform(),
      "os.version": osRelease.VERSION_ID ?? release(),
      "os.name": osRelease.ID,
      "os.build.id": osRelease.BUILD_ID ?? release(),
      "os.description": [
        osRelease.PRETTY_NAME ?? type(),
        `(${[type(), hostname(), release(), kernelVersion?.trim(), machine()].filter(Boolean).join(" ")})`,
      ].join(" "),
      "host.arch": architectures[arch()] ?? arch(),
      "host.id": isEnabled("host.id") ? await machineId(surroundings) : undefined,
      "host.ip": outward.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
      "host.mac": outward.map(({ addresses }) => (addresses[0]?.mac ?? "").toUpperCase().replaceAll(":", "-")),
      "host.interface": interfaces.map(({ interfaceName }) => interfaceName),
      ...cpu,
    },
  };
};

function machine(): string {
  return arch() === "x64" ? "x86_64" : arch() === "arm64" ? "aarch64" : arch();
}

async function machineId({ readText, context }: Surroundings): Promise<string | undefined> {
  const id = ((await readText("/etc/machine-id")) ?? (await readText("/var/lib/dbus/machine-id")) ?? "").trim();
  if (id !== "") return id;
  context.log.warn("failed to get host ID: neither /etc/machine-id nor /var/lib/dbus/machine-id can be read");
  return undefined;
}

const cpuFields: Readonly<Record<string, string>> = {
  vendor_id: "host.cpu.vendor.id",
  "cpu family": "host.cpu.family",
  model: "host.cpu.model.id",
  "model name": "host.cpu.model.name",
  stepping: "host.cpu.stepping",
};

function wantsCpu(isEnabled: (attribute: string) => boolean): boolean {
  return isEnabled("host.cpu.cache.l2.size") || Object.values(cpuFields).some(isEnabled);
}

/** The first processor of `/proc/cpuinfo`. */
function parseCpu(text: string): Record<string, string | number> {
  const found: Record<string, string | number> = {};
  for (const line of (text.split("\n\n")[0] ?? "").split("\n")) {
    const [key = "", value = ""] = line.split(":").map((part) => part.trim());
    const attribute = cpuFields[key];
    if (attribute !== undefined) found[attribute] = value;
    else if (key === "cache size") found["host.cpu.cache.l2.size"] = Number.parseInt(value, 10);
  }
  found["host.cpu.model.name"] ??= cpus()[0]?.model ?? "";
  return found;
}

function parseAssignments(text: string): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values[line.slice(0, equals)] = line.slice(equals + 1).replace(/^["']|["']$/g, "");
  }
  return values;
}

async function firstName(surroundings: Surroundings, sources: readonly string[]): Promise<string> {
  for (const source of sources) {
    try {
      return await hostnames[source as keyof typeof hostnames](surroundings);
    } catch (error) {
      surroundings.context.log.debug("a source of the host's name failed", { source, err: error });
    }
  }
  throw new Error("all hostname sources failed to get hostname");
}

const hostnames = {
  os: async () => hostname(),
  async dns(surroundings: Surroundings): Promise<string> {
    const short = hostname();
    const fromHosts = fullNameIn((await surroundings.readText("/etc/hosts")) ?? "", short);
    if (fromHosts !== undefined) return fromHosts;
    const canonical = await canonicalName(short).catch(() => undefined);
    if (canonical?.includes(".")) return canonical;
    const name = await reverseName(short);
    if (name === undefined) throw new Error(`no address of ${short} has a name`);
    return name;
  },
  cname: () => canonicalName(hostname()),
  async lookup(): Promise<string> {
    const name = await reverseName(hostname());
    if (name === undefined) throw new Error("reverseLookup failed to convert IP addresses to name");
    return name;
  },
} as const;

/** The full name that a hosts file has for a short one. */
function fullNameIn(hosts: string, short: string): string | undefined {
  for (const line of hosts.split("\n")) {
    const [, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (!names.includes(short)) continue;
    const full = names.find((name) => name.startsWith(`${short}.`));
    if (full !== undefined) return full;
  }
  return undefined;
}

async function canonicalName(name: string): Promise<string> {
  const [alias] = await resolveCname(name).catch(() => [] as string[]);
  if (alias !== undefined) return alias.replace(/\.$/, "");
  // Without an alias the name itself is canonical, where it can be looked up at all.
  await lookup(name);
  return name;
}

async function reverseName(name: string): Promise<string | undefined> {
  for (const { address } of await lookup(name, { all: true })) {
    const [found] = await reverse(address).catch(async () => [(await lookupService(address, 0).catch(() => ({ hostname: "" }))).hostname]);
    if (found !== undefined && found !== "" && found !== address) return found.replace(/\.$/, "");
  }
  return undefined;
}
