import { type Target, target } from "../../../discovery/targets.ts";
import type { Dns } from "./lookup.ts";

const recordTypes = ["SRV", "A", "AAAA", "MX", "NS"] as const;
export type RecordType = (typeof recordTypes)[number];

export function isRecordType(type: string): type is RecordType {
  return (recordTypes as readonly string[]).includes(type);
}

/** The targets that the records of a name stand for. Throws where no server could say. */
export async function recordTargets(dns: Dns, name: string, type: string, port: number): Promise<Target[]> {
  const of = (address: string, labels: Partial<Record<"srvTarget" | "srvPort" | "mx" | "ns", string>> = {}) =>
    target({
      __address__: address,
      __meta_dns_name: name,
      __meta_dns_srv_record_target: labels.srvTarget ?? "",
      __meta_dns_srv_record_port: labels.srvPort ?? "",
      __meta_dns_mx_record_target: labels.mx ?? "",
      __meta_dns_ns_record_target: labels.ns ?? "",
    });
  const records = await dns.lookup(name, isRecordType(type) ? type : "SRV");
  return records.map((record) => {
    const host = withoutDot(record.host);
    switch (record.type) {
      case "SRV":
        return of(hostPort(host, record.port), { srvTarget: rooted(record.host), srvPort: String(record.port) });
      case "MX":
        return of(hostPort(host, port), { mx: rooted(record.host) });
      case "NS":
        return of(hostPort(host, port), { ns: rooted(record.host) });
      case "A":
      case "AAAA":
        return of(hostPort(record.host, port));
      default:
        return record satisfies never;
    }
  });
}

function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function withoutDot(host: string): string {
  return host.replace(/\.+$/, "");
}

/** The label shows the name as DNS has it, with the dot at its end. */
function rooted(host: string): string {
  return host.endsWith(".") ? host : `${host}.`;
}
