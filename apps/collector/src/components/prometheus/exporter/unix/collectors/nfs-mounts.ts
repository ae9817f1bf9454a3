import { numberOf, wordsOf } from "../text-table.ts";

/** What the kernel counts for one file system of NFS. */
export interface NfsMount {
  /** Among all mounts. */
  readonly index: number;
  readonly device: string;
  readonly ageSeconds: number;
  readonly bytes: readonly number[];
  /** As `eventFields` names them. */
  readonly events: readonly number[];
  readonly transports: readonly Transport[];
  readonly operations: readonly { readonly name: string; readonly numbers: readonly string[] }[];
}

export interface Transport {
  readonly protocol: string;
  /** As `transportFields` names them. */
  readonly numbers: readonly number[];
}

/** In the order of the kernel's counters; undefined where one is not exposed. */
export const eventFields: readonly (string | undefined)[] = [
  ..."inode_revalidate dnode_revalidate data_invalidate attribute_invalidate".split(" "),
  ..."open lookup access update_page read_page read_pages write_page write_pages getdents setattr flush fsync lock file_release"
    .split(" ")
    .map((name) => `vfs_${name}`),
  undefined,
  ..."truncation write_extension silly_rename short_read short_write jukebox_delay pnfs_read pnfs_write".split(" "),
];

export const transportFields: readonly (string | undefined)[] = [
  undefined,
  "bind_total",
  "connect_total",
  undefined,
  "idle_time_seconds",
  "sends_total",
  "receives_total",
  "bad_transaction_ids_total",
  undefined,
  "backlog_queue_total",
  "maximum_rpc_slots",
  "sending_queue_total",
  "pending_queue_total",
];

const milliseconds = (text: string | undefined) => wrapped(text) / 1000;

export const operationFields = [
  ["requests_total", numberOf],
  ["transmissions_total", numberOf],
  ["major_timeouts_total", numberOf],
  ["sent_bytes_total", numberOf],
  ["received_bytes_total", numberOf],
  ["queue_time_seconds_total", milliseconds],
  ["response_time_seconds_total", milliseconds],
  ["request_time_seconds_total", milliseconds],
] as const;

/** Times that the kernel got wrong by a little are negative, written without a sign: what is left of them is a number that changes smoothly. */
function wrapped(text: string | undefined): number {
  const value = numberOf(text);
  return value < Number.MAX_SAFE_INTEGER ? value : Number(BigInt(text ?? "0") % 2n ** 53n);
}

/** Parts of `/proc/self/mountstats` that are about NFS: a line `device …`, and indented ones below it. */
export function nfsMounts(text: string): NfsMount[] {
  const mounts: NfsMount[] = [];
  for (const [index, block] of text
    .split(/^(?=device )/m)
    .filter((part) => part.startsWith("device "))
    .entries()) {
    // A blank line ends what is known of one.
    const [head = "", ...lines] = (block.split("\n\n")[0] ?? "").split("\n");
    const words = wordsOf(head);
    const version = /\sstatvers=(\S+)/.exec(head)?.[1];
    if (version !== undefined) mounts.push(mountOf(index, words[1] ?? "", lines));
  }
  return mounts;
}

function mountOf(index: number, device: string, lines: readonly string[]): NfsMount {
  const firstOperation = lines.findIndex((line) => line.trim().startsWith("per-op"));
  const heads = firstOperation < 0 ? lines : lines.slice(0, firstOperation);
  const of = (name: string) => heads.map(wordsOf).filter((words) => words[0] === name);
  const numbers = (name: string) => of(name)[0]?.slice(1).map(numberOf) ?? [];
  const operations = firstOperation < 0 ? [] : lines.slice(firstOperation + 1).map(wordsOf);
  return {
    index,
    device,
    ageSeconds: numbers("age:")[0] ?? 0,
    bytes: numbers("bytes:"),
    events: numbers("events:"),
    transports: of("xprt:").map(([, protocol = "", ...words]) => transportOf(protocol, words.map(wrapped))),
    operations: operations
      .filter((words) => words.length > operationFields.length)
      .map(([name = "", ...rest]) => ({ name: name.replace(/:$/, ""), numbers: rest })),
  };
}

/** UDP has no connections to count, and RDMA no slots or queues. */
function transportOf(protocol: string, numbers: readonly number[]): Transport {
  if (protocol === "udp") return { protocol, numbers: [...numbers.slice(0, 2), 0, 0, 0, ...numbers.slice(2)] };
  return { protocol, numbers: protocol === "rdma" ? numbers.slice(0, 10) : numbers };
}
