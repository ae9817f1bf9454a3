import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export type PartName =
  | "prometheus"
  | "loki"
  | "node-exporter"
  | "h2spec"
  | "helm"
  | "helm-4.1"
  | "helm-4.2"
  | "telemetrygen"
  | "ways-in"
  | "clients"
  | "prometheus-receiver"
  | "bridges"
  | "connectors"
  | "ottl"
  | "kubernetes"
  | "coredns"
  | "pause"
  | "kwok"
  | "jaeger"
  | "chromium";

/** Either the program's path, or why a test has to be skipped: `test("…", { skip: part.skip }, …)`. */
export type RealPart = { readonly path: string; readonly skip?: undefined } | { readonly path?: undefined; readonly skip: string };

/** Finds the program that `ci/install` built or installed, else one of that name on PATH. */
export function realPart(name: PartName): RealPart {
  const found = [...(name === "chromium" ? [] : [cachedBinary(name)]), ...onPath(programs[name])].find(isExecutable);
  return found === undefined ? { skip: `no ${name}: run ci/install` } : { path: found };
}

/** The path of a part that has to be there; a test which may be skipped asks `realPart` first. */
export function requirePart(name: PartName): string {
  const part = realPart(name);
  if (part.path === undefined) throw new Error(part.skip);
  return part.path;
}

const programs: Record<PartName, string> = {
  prometheus: "prometheus",
  loki: "loki",
  "node-exporter": "node_exporter",
  h2spec: "h2spec",
  helm: "helm",
  // One of the machine's own would be of any version.
  "helm-4.1": "helm-4.1",
  "helm-4.2": "helm-4.2",
  telemetrygen: "telemetrygen",
  "ways-in": "ways-in",
  clients: "invar-clients",
  "prometheus-receiver": "invar-prometheus-receiver",
  bridges: "bridges",
  connectors: "connectors",
  ottl: "ottl",
  kubernetes: "hyperkube",
  coredns: "coredns",
  pause: "pause",
  kwok: "kwok",
  jaeger: "jaeger-all-in-one",
  chromium: "chromium",
};

// The same name as in ci/install: the hash of the part's go.mod, and of its program where that is ours, says which build this is.
function cachedBinary(name: PartName): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const hash = createHash("sha256").update(readFileSync(join(import.meta.dirname, name, "go.mod")));
  const ownProgram = join(import.meta.dirname, name, "main.go");
  if (existsSync(ownProgram)) hash.update(readFileSync(ownProgram));
  return join(cache, "invar", "bin", `${name}-${hash.digest("hex").slice(0, 12)}`);
}

function onPath(program: string): string[] {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Absent, or not for us: either way it cannot be run.
    return false;
  }
}
