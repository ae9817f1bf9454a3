import { type FSWatcher, watch } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";

/**
 * Calls back after the file may have changed: written, replaced, or moved to by a link. Folders are watched rather than the file, so that the watch
 * outlives the file. `refresh` looks for the link's end again and sets up what is missing; `close` ends it.
 */
export class FileWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #closed = false;

  constructor(path: string, onChange: () => void) {
    this.#path = path;
    this.#onChange = onChange;
  }

  /** Gives the reason where a folder can't be watched: polling remains. */
  async refresh(): Promise<string | undefined> {
    const target = await realpath(this.#path).catch(() => this.#path);
    if (this.#closed) return undefined;
    const wanted = new Set([dirname(this.#path), dirname(target)]);
    for (const [folder, watcher] of this.#watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    let reason: string | undefined;
    for (const folder of wanted) reason = this.#watch(folder, new Set([basename(this.#path), basename(target)])) ?? reason;
    return reason;
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, names: ReadonlySet<string>): string | undefined {
    if (this.#watchers.has(folder)) return undefined;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // "..data" is the link that Kubernetes swaps when a mounted ConfigMap or Secret changes.
        if (name === null || names.has(name) || name === "..data") this.#onChange();
      });
      watcher.on("error", () => {
        this.#watchers.delete(folder);
        watcher.close();
        this.#onChange();
      });
      this.#watchers.set(folder, watcher);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
