import pino from "pino";
import type { Logger } from "../../component/context.ts";
import { logfmtLine } from "./logfmt.ts";

export type Level = "debug" | "info" | "warn" | "error";
export type Format = "logfmt" | "json";

const mostRecent = 1_000;

/** Takes each line that the process logs, besides stderr. */
export type LogTee = (line: string, timestampMs: number) => void;

/**
 * The process's log: one line an entry on stderr, in logfmt or JSON. Level, format and further takers change while it runs; what is
 * logged before the configuration is known waits for nothing.
 */
export class ProcessLog {
  readonly #pino: pino.Logger;
  #format: Format = "logfmt";
  #tee: LogTee | undefined;
  readonly #recent: string[] = [];

  constructor(write: (text: string) => void = (text) => process.stderr.write(text)) {
    this.#pino = pino(
      {
        level: "info",
        base: null,
        messageKey: "msg",
        timestamp: () => `,"ts":"${new Date().toISOString()}"`,
        formatters: { level: (level) => ({ level }) },
      },
      {
        write: (json: string) => {
          const line = this.#format === "json" ? json : `${logfmtLine(JSON.parse(json))}\n`;
          write(line);
          this.#recent.push(line);
          if (this.#recent.length > mostRecent) this.#recent.shift();
          this.#tee?.(line.slice(0, -1), Date.now());
        },
      },
    );
  }

  configure(level: Level, format: Format, tee: LogTee | undefined): void {
    this.#pino.level = level;
    this.#format = format;
    this.#tee = tee;
  }

  /** The last lines, for a support bundle. */
  recent(): string {
    return this.#recent.join("");
  }

  /** A logger whose every line carries these fields. */
  with(fields: Readonly<Record<string, unknown>>): Logger {
    const child = this.#pino.child(fields);
    return {
      debug: (message, more) => child.debug(more ?? {}, message),
      info: (message, more) => child.info(more ?? {}, message),
      warn: (message, more) => child.warn(more ?? {}, message),
      error: (message, more) => child.error(more ?? {}, message),
    };
  }
}
