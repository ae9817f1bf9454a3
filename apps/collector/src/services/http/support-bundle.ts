import type { GraphView } from "../../component/graph-view.ts";
import type { Pages } from "./pages.ts";

export interface SupportBundle {
  readonly version: string;
  readonly view: GraphView;
  /** The flags that were given, each as one text. */
  readonly flags: readonly string[];
  exposition(): string;
  /** The last lines of the process's log. */
  recentLog(): string;
}

const defaultSeconds = 30;
const longestSeconds = 300;

/** `/-/support`: what somebody who helps wants to see, as a zip. Values of environment variables and secrets are not in it. */
export function addSupportBundle(pages: Pages, bundle: SupportBundle): void {
  pages.set("/-/support", {
    kind: "stream",
    methods: ["GET"],
    handle: async ({ query }, response, signal) => {
      const seconds = Number(query.get("duration") ?? defaultSeconds);
      if (!(seconds > 0 && seconds <= longestSeconds)) {
        response.writeHead(400, { "Content-Type": "text/plain" }).end(`duration must be a number of seconds up to ${longestSeconds}\n`);
        return;
      }
      const files = await collect(bundle, seconds * 1000, signal);
      // Loaded when asked for: its tables cost every start 15 ms.
      const { zipSync } = await import("fflate");
      response.writeHead(200, {
        "Content-Type": "application/zip",
        "Content-Disposition": 'attachment; filename="invar-support-bundle.zip"',
      });
      response.end(zipSync(files));
    },
  });
}

async function collect(bundle: SupportBundle, durationMs: number, signal: AbortSignal): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  const add = (name: string, content: string | Uint8Array) => {
    files[name] = typeof content === "string" ? new TextEncoder().encode(content) : content;
  };
  const { cpuProfile, heapProfile } = await import("../profiles/profiler.ts");
  add("alloy-metrics-sample-start.txt", bundle.exposition());
  const cpu = await cpuProfile(durationMs, signal);
  const heap = await heapProfile(Math.min(durationMs, 5_000), signal);
  if (cpu !== undefined) add("pprof/cpu.pprof", cpu);
  if (heap !== undefined) add("pprof/heap.pprof", heap);
  add("alloy-metrics-sample-end.txt", bundle.exposition());
  add("alloy-components.json", JSON.stringify(allComponents(bundle.view), null, 2));
  add("alloy-runtime-flags.txt", bundle.flags.join("\n"));
  add("alloy-environment.txt", Object.keys(process.env).sort().join("\n"));
  add("alloy-logs.txt", bundle.recentLog());
  const { node, v8 } = process.versions;
  add(
    "alloy-metadata.yaml",
    [
      `build_version: v${bundle.version}`,
      `os: ${process.platform}`,
      `architecture: ${process.arch}`,
      `uptime: ${process.uptime()}`,
      `node: ${node}`,
      `v8: ${v8}`,
      "",
    ].join("\n"),
  );
  return files;
}

/** Every component's page, arguments and exports included, in which secrets are hidden already. */
function allComponents(view: GraphView): unknown[] {
  const found: unknown[] = [];
  const visit = (moduleId: string) => {
    for (const summary of view.list(moduleId) ?? []) {
      found.push(view.detail(moduleId === "" ? summary.localID : `${moduleId}/${summary.localID}`));
      for (const id of summary.createdModuleIDs ?? []) visit(id);
    }
  };
  visit("");
  return found;
}
