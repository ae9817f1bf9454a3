import type { Pages } from "../http/pages.ts";

const longestSeconds = 300;

/** `/debug/pprof/profile` and `/debug/pprof/heap`, under the names that profiling tools ask for. */
export function addProfilePages(pages: Pages): void {
  for (const [path, kind, defaultSeconds] of [
    ["/debug/pprof/profile", "cpuProfile", 30],
    ["/debug/pprof/heap", "heapProfile", 10],
  ] as const)
    pages.set(path, {
      kind: "stream",
      methods: ["GET"],
      handle: async ({ query }, response, signal) => {
        const seconds = Number(query.get("seconds") ?? defaultSeconds);
        if (!(seconds > 0 && seconds <= longestSeconds)) {
          response.writeHead(400, { "Content-Type": "text/plain" }).end(`seconds must be a number up to ${longestSeconds}\n`);
          return;
        }
        const { [kind]: measure } = await import("./profiler.ts");
        const profile = await measure(seconds * 1000, signal);
        if (profile === undefined) response.writeHead(503, { "Content-Type": "text/plain" }).end("another profile is being taken\n");
        else
          response
            .writeHead(200, { "Content-Type": "application/octet-stream", "Content-Disposition": 'attachment; filename="profile.pb.gz"' })
            .end(profile);
      },
    });
}
