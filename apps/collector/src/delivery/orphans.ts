import type { Clock } from "../component/clock.ts";
import type { Logger } from "../component/context.ts";
import type { MetricScope } from "../component/metrics.ts";
import { droppedFamily } from "./accounting.ts";
import { CursorFile } from "./cursor-file.ts";
import { diskFiles, type QueueFiles } from "./files.ts";
import { FolderLockedError, lockFolder } from "./folder-lock.ts";
import { NewerFormatError } from "./newer-format-error.ts";
import { findSegments } from "./open-disk-queue.ts";
import { type QueueIdentity, readIdentity } from "./queue-folder.ts";
import { walkSegment } from "./segment-walk.ts";

export interface OrphanOptions {
  /** Holds the queues' folders, or folders of components that hold them. */
  readonly storagePath: string;
  /** Folders elsewhere in which components of the configuration keep queues, now. */
  otherFolders?(): readonly string[];
  /** What is left of a queue that nobody opens is dropped when its newest record is older. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: MetricScope;
  readonly files?: QueueFiles;
}

/**
 * Looks every few minutes for queues whose component or endpoint is gone from the configuration: their folder is locked by nobody. They wait for its return
 * until their data is too old; then they are dropped, counted under the reason "orphaned", and removed. Empty ones are removed at once.
 */
export function watchOrphans(options: OrphanOptions): { sweep(): Promise<void>; close(): Promise<void> } {
  const { clock, log, metrics, storagePath, files = diskFiles() } = options;
  const dropped = droppedFamily(metrics);
  const queues = metrics.gauge("invar_orphaned_queues", { help: "Queues on disk which no component of the configuration uses." }).of();
  const items = metrics
    .gauge("invar_orphaned_items", { help: "Items in queues on disk which no component of the configuration uses." })
    .of();
  let cancel = () => {};
  let sweeping: Promise<void> = Promise.resolve();

  /** One after the other: a sweep locks what it looks at. */
  const sweep = (): Promise<void> => {
    const next = sweeping.then(sweepOnce);
    sweeping = next.catch(() => {});
    return next;
  };
  const sweepOnce = async (): Promise<void> => {
    let waitingQueues = 0;
    let waitingItems = 0;
    for (const folder of await queueFolders(files, [storagePath, ...(options.otherFolders?.() ?? [])])) {
      const orphan = await inspect(files, folder).catch((thrown: unknown) => {
        log.warn("a folder of a queue can't be looked at", { folder, error: String(thrown) });
        return undefined;
      });
      if (orphan === undefined) continue;
      const isTooOld = orphan.newestMs < clock.now() - options.maxAgeMs;
      if (orphan.items > 0 && !isTooOld) {
        waitingQueues++;
        waitingItems += orphan.items;
      } else if (await removeIfUnused(files, folder, orphan)) {
        const { component, endpoint } = orphan.identity;
        if (orphan.items === 0) continue;
        dropped.of(endpoint, "orphaned").add(orphan.items);
        log.warn("a queue whose component is gone was dropped, as its data is too old", { component, endpoint, items: orphan.items });
      }
    }
    queues.set(waitingQueues);
    items.set(waitingItems);
  };
  let isClosed = false;
  const intervalMs = Math.min(sweepIntervalMs, Math.max(options.maxAgeMs / 4, 1000));
  const schedule = () => {
    if (isClosed) return;
    cancel = clock.after(intervalMs, () => {
      sweep()
        .catch((thrown: unknown) => log.warn("queues without a component could not be looked for", { storagePath, error: String(thrown) }))
        .finally(schedule);
    });
  };
  schedule();
  return {
    sweep,
    async close() {
      isClosed = true;
      cancel();
      await sweeping;
    },
  };
}

const sweepIntervalMs = 5 * 60_000;

/** Folders of queues in these, or one below. */
async function queueFolders(files: QueueFiles, parents: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const parent of new Set(parents))
    for (const { name } of await files.list(parent).catch(() => [])) {
      const folder = `${parent}/${name}`;
      const inside = await files.list(folder).catch(() => []);
      if (inside.some((entry) => entry.name === "queue.json")) found.push(folder);
      else for (const { name: inner } of inside) found.push(`${folder}/${inner}`);
    }
  return found;
}

interface Orphan {
  readonly identity: QueueIdentity;
  readonly items: number;
  readonly newestMs: number;
  /** Changes with anything that happens to the queue. */
  readonly state: string;
}

/** What is in a queue that nobody has open; undefined where it is no queue, somebody has, or it is a newer version's. */
async function inspect(files: QueueFiles, folder: string): Promise<Orphan | undefined> {
  if (!(await files.list(folder).catch(() => [])).some(({ name }) => name === "queue.json")) return undefined;
  try {
    lockFolder(folder).release();
    const identity = await readIdentity(files, folder);
    const cursor = await CursorFile.read(files, `${folder}/cursor`);
    let items = 0;
    let newestMs = 0;
    for (const segment of await findSegments(files, folder)) {
      const file = await files.open(segment.path, "read");
      try {
        await walkSegment(file, segment, {
          record(header, position) {
            if (header.isVoid || position < (cursor?.doneBelow[header.lane] ?? 0)) return;
            items += header.items;
            newestMs = Math.max(newestMs, header.timeMs);
          },
          gap() {
            // What is damaged can't be delivered and has no number; the queue goes as a whole.
          },
        });
      } finally {
        await file.close();
      }
    }
    return { identity: identity ?? { component: folder, endpoint: "" }, items, newestMs, state: await stateOf(files, folder) };
  } catch (thrown) {
    if (thrown instanceof FolderLockedError || thrown instanceof NewerFormatError) return undefined;
    throw thrown;
  }
}

/** Removes the folder, unless somebody came back to it since it was looked at. */
async function removeIfUnused(files: QueueFiles, folder: string, orphan: Orphan): Promise<boolean> {
  let lock: { release(): void };
  try {
    lock = lockFolder(folder);
  } catch {
    // In use again, or gone.
    return false;
  }
  try {
    if ((await stateOf(files, folder)) !== orphan.state) return false;
    await files.removeFolder(folder);
    return true;
  } finally {
    lock.release();
  }
}

async function stateOf(files: QueueFiles, folder: string): Promise<string> {
  return JSON.stringify((await files.list(folder)).filter(({ name }) => !name.startsWith("lock")));
}
