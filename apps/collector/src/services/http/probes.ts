import type { GraphView } from "../../component/graph-view.ts";
import { type Pages, text } from "./pages.ts";

export interface Probes {
  isReady(): boolean;
  /** What stands against it, or what is worth knowing though it is ready. */
  remark?(): string | undefined;
  /** Reloads the configuration; the text is what stands against it. */
  reload(): Promise<string | undefined>;
  readonly view: GraphView;
}

/**
 * `/-/ready`, `/-/healthy` and `/-/reload`, with the incumbent's answers; and `/-/live`, which answers as long as the process does: what
 * should restart it must not ask for the health of components, which a dead destination takes away.
 */
export function addProbes(pages: Pages, probes: Probes): void {
  pages.set("/-/ready", {
    kind: "page",
    methods: ["GET"],
    handle: () => {
      const remark = probes.remark?.();
      const more = remark === undefined ? "" : `cluster: ${remark}\n`;
      return probes.isReady() ? text(200, `Alloy is ready.\n${more}`) : text(503, `Alloy is not ready.\n${more}`);
    },
  });
  pages.set("/-/healthy", {
    kind: "page",
    methods: ["GET"],
    handle: () => {
      const unhealthy = probes.view.unhealthy();
      if (unhealthy.length === 0) return text(200, "All Alloy components are healthy.\n");
      return text(500, `unhealthy components: ${unhealthy.map(({ id }) => id).join(", ")}\n`);
    },
  });
  pages.set("/-/live", { kind: "page", methods: ["GET"], handle: () => text(200, "Alloy is alive.\n") });
  pages.set("/-/reload", {
    kind: "page",
    methods: ["GET", "POST"],
    handle: async () => {
      const problem = await probes.reload();
      return problem === undefined ? text(200, "config reloaded\n") : text(400, `${problem}\n`);
    },
  });
}
