import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** Where lines go when they do not go to the process's log. */
export interface LineWriter {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens `stdout`, `stderr` and files, to which is appended. `failed` is told why one of them can't be written. */
export function openWriters(paths: readonly string[], failed: (path: string, error: Error) => void): LineWriter {
  const streams = paths.map((path) => {
    if (path === "stdout" || path === "stderr") return { stream: process[path], isOurs: false };
    const stream = createWriteStream(path.replace(/^file:\/\//, ""), { flags: "a" });
    stream.on("error", (error) => failed(path, error));
    return { stream, isOurs: true };
  });
  return {
    async write(text) {
      for (const { stream } of streams) {
        if (stream.destroyed || stream.write(text)) continue;
        await new Promise<void>((resolve) => {
          const go = () => {
            stream.off("drain", go);
            stream.off("close", go);
            resolve();
          };
          stream.on("drain", go);
          stream.on("close", go);
        });
      }
    },
    async close() {
      for (const { stream, isOurs } of streams) {
        if (!isOurs) continue;
        stream.end();
        // A file that failed was reported when it did.
        if (!stream.destroyed) await finished(stream).catch(() => undefined);
      }
    },
  };
}
