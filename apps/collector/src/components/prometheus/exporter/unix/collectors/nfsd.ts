import type { Collector } from "../collector.ts";
import { nfs2Procedures, nfs3Procedures } from "./nfs-procedures.ts";
import { rpcLines } from "./rpc-statistics.ts";

/** In the order of the kernel's counters. */
const operations4 = (
  "Op0Unused Op1Unused Op2Future Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify " +
  "Open OpenAttr OpenConfirm OpenDgrd PutFH PutPubFH PutRootFH Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr " +
  "SetClientID SetClientIDConfirm Verify Write RelLockOwner"
).split(" ");

/** Counters that have no series: what is not a request, or names no file. */
const silent = new Set(["Null", "Op0Unused", "Op1Unused", "Op2Future", "PutPubFH", "PutRootFH"]);

const versions = [
  ["2", "proc2", nfs2Procedures],
  ["3", "proc3", nfs3Procedures],
  ["4", "proc4ops", operations4],
] as const;

/** Line, column → metric. */
const counters = [
  ["rc", 0, "reply_cache_hits_total", "Replies that were at hand for a client that asked again."],
  ["rc", 1, "reply_cache_misses_total", "Requests whose reply had to be kept."],
  ["rc", 2, "reply_cache_nocache_total", "Requests whose reply need not be kept."],
  ["fh", 0, "file_handles_stale_total", "Handles of files that are gone."],
  ["io", 0, "disk_bytes_read_total", "Bytes that were read."],
  ["io", 1, "disk_bytes_written_total", "Bytes that were written."],
  ["ra", 11, "read_ahead_cache_not_found_total", "Reads that were not in the cache of what is read ahead."],
  ["net", 3, "connections_total", "Connections over TCP."],
  ["rpc", 0, "server_rpcs_total", "Calls that were served."],
] as const;

const lengths = { rc: 3, fh: 5, io: 2, th: 2, ra: 12, net: 4, rpc: 5, proc2: 19, proc3: 23, proc4: 3, proc4ops: 40, wdeleg_getattr: 1 };

/** The host as a server of NFS. */
export const nfsd: Collector = {
  name: "nfsd",
  isDefault: true,
  prepare: () => (host, page) => {
    const lines = rpcLines("net/rpc/nfsd", host.proc("net/rpc/nfsd"), lengths);
    for (const [line, column, name, help] of counters) page.counter(`node_nfsd_${name}`, help).sample(lines.at(line, column));
    page.gauge("node_nfsd_server_threads", "Threads of the server.").sample(lines.at("th", 0));
    page.gauge("node_nfsd_read_ahead_cache_size_blocks", "Size of the cache of what is read ahead, in blocks.").sample(lines.at("ra", 0));
    const packets = page.counter("node_nfsd_packets_total", "Packets of NFS by protocol.", "proto");
    packets.sample(lines.at("net", 1), "udp");
    packets.sample(lines.at("net", 2), "tcp");
    const errors = page.counter("node_nfsd_rpc_errors_total", "Calls that were refused.", "error");
    for (const [index, error] of ["fmt", "auth", "cInt"].entries()) errors.sample(lines.at("rpc", index + 2), error);
    const requests = page.counter("node_nfsd_requests_total", "Requests by version and procedure.", "proto", "method");
    for (const [version, line, names] of versions)
      for (const [index, name] of names.entries()) if (!silent.has(name)) requests.sample(lines.at(line, index + 1), version, name);
    requests.sample(lines.at("wdeleg_getattr", 0), "4", "WdelegGetattr");
  },
};
