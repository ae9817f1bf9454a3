import type { Collector } from "../collector.ts";
import { nfs2Procedures, nfs3Procedures } from "./nfs-procedures.ts";
import { rpcLines } from "./rpc-statistics.ts";

/** In the order of the kernel's counters. */
const procedures4 = (
  "Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID SetClientIDConfirm Lock Lockt Locku " +
  "Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL " +
  "FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete GetDeviceInfo " +
  "LayoutGet LayoutCommit LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate " +
  "DeAllocate LayoutStats Clone"
).split(" ");

const versions = [
  ["2", "proc2", nfs2Procedures],
  ["3", "proc3", nfs3Procedures],
  ["4", "proc4", procedures4],
] as const;

/** The host as a client of NFS. */
export const nfs: Collector = {
  name: "nfs",
  isDefault: true,
  prepare: () => (host, page) => {
    const lines = rpcLines("net/rpc/nfs", host.proc("net/rpc/nfs"), { net: 4, rpc: 3, proc2: 19, proc3: 23, proc4: 1 });
    const packets = page.counter("node_nfs_packets_total", "Packets of NFS by protocol.", "protocol");
    packets.sample(lines.at("net", 1), "udp");
    packets.sample(lines.at("net", 2), "tcp");
    page.counter("node_nfs_connections_total", "Connections over TCP.").sample(lines.at("net", 3));
    page.counter("node_nfs_rpcs_total", "Calls that were made.").sample(lines.at("rpc", 0));
    page.counter("node_nfs_rpc_retransmissions_total", "Calls that were sent again.").sample(lines.at("rpc", 1));
    page.counter("node_nfs_rpc_authentication_refreshes_total", "Times that credentials were renewed.").sample(lines.at("rpc", 2));
    const requests = page.counter("node_nfs_requests_total", "Requests by version and procedure.", "proto", "method");
    // The first number of a line says how many follow; each kernel knows more procedures than the one before.
    for (const [version, line, names] of versions)
      for (const [index, name] of names.entries()) requests.sample(lines.at(line, index + 1), version, name);
  },
};
