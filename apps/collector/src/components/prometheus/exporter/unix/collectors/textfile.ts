import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expositionProblem } from "../../../../../signals/prometheus/exposition-problem.ts";
import type { Collector } from "../collector.ts";

/** Larger files are not metrics that somebody writes by hand or script. */
const mostBytes = 16 * 1024 * 1024;

/** Metrics that scripts leave in files. */
export const textfile: Collector = {
  name: "textfile",
  isDefault: true,
  collect(_host, page, { textfile: { directory } }) {
    const failed = page.gauge("node_textfile_scrape_error", "Whether a file could not be read.");
    if (directory === "") {
      failed.sample(0);
      return;
    }
    let errors = 0;
    const changed = page.gauge("node_textfile_mtime_seconds", "When a file was last changed, in seconds since the epoch.");
    for (const name of readdirSync(directory)
      .filter((file) => file.endsWith(".prom"))
      .sort()) {
      const path = join(directory, name);
      try {
        const { size, mtimeMs } = statSync(path);
        if (size > mostBytes) throw new Error(`${size} bytes are more than a file of metrics may have`);
        const text = readFileSync(path, "utf8");
        const problem = expositionProblem(text) ?? timestampProblem(text);
        if (problem !== undefined) throw new Error(problem);
        page.raw(text.endsWith("\n") || text === "" ? text : `${text}\n`);
        changed.sample(mtimeMs / 1000, "file", path);
      } catch {
        errors = 1;
      }
    }
    failed.sample(errors);
  },
};

/** A sample with a time of its own would stay for ever after its file is gone. */
function timestampProblem(text: string): string | undefined {
  const line = text
    .split("\n")
    .find((candidate) => !candidate.startsWith("#") && /\s\S+\s+-?\d+\s*$/.test(candidate.replace(/\{.*\}/, "")));
  return line === undefined ? undefined : `textfile contains unsupported client-side timestamps: ${line}`;
}
