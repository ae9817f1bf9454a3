import { parseDurationMs } from "@invar/go-compat";
import type { FlagSpec } from "./flags.ts";

function durationFinding(text: string): string | undefined {
  try {
    return parseDurationMs(text) >= 0 ? undefined : "it must not be negative";
  } catch {
    return "write a duration such as 90s or 1h30m";
  }
}

function countFinding(text: string): string | undefined {
  return /^\d{1,6}$/.test(text) ? undefined : "write a whole number";
}

/** The flags that make many collectors one cluster, by the incumbent's names. */
export const clusterFlags = {
  "cluster.enabled": { kind: "switch", default: false, doc: "Share work with other collectors." },
  "cluster.node-name": { kind: "text", default: "", doc: "This collector's name in the cluster; by default the host's." },
  "cluster.join-addresses": {
    kind: "text",
    default: "",
    doc: "Where the others are: addresses and DNS names with commas between; a headless service NAME.NAMESPACE.svc is watched.",
  },
  "cluster.discover-peers": {
    kind: "text",
    default: "",
    doc: "Not supported.",
    check: (text) => (text === "" ? undefined : "clouds are not asked for peers: write their DNS names in --cluster.join-addresses"),
  },
  "cluster.rejoin-interval": {
    kind: "text",
    default: "60s",
    doc: "How often the others are looked up at most; 0s: once.",
    check: durationFinding,
  },
  "cluster.advertise-address": { kind: "text", default: "", doc: "Where the others reach this collector." },
  "cluster.advertise-interfaces": {
    kind: "text",
    default: "eth0,en0",
    doc: "Whose first address that is where it is not written; all: any interface's.",
  },
  "cluster.max-join-peers": {
    kind: "text",
    default: "5",
    doc: "",
    without: "every collector speaks to every other one",
    check: countFinding,
  },
  "cluster.name": { kind: "text", default: "", doc: "Collectors work together only with those of the same name." },
  "cluster.enable-tls": { kind: "switch", default: false, doc: "Speak with the others over TLS." },
  "cluster.tls-ca-path": { kind: "text", default: "", doc: "File with the authorities that vouch for the others." },
  "cluster.tls-cert-path": { kind: "text", default: "", doc: "File with the certificate that this collector shows to the others." },
  "cluster.tls-key-path": { kind: "text", default: "", doc: "File with the certificate's key." },
  "cluster.tls-server-name": { kind: "text", default: "", doc: "The name that the others' certificates must carry." },
  "cluster.wait-for-size": {
    kind: "text",
    default: "0",
    doc: "Clustered components wait until there are so many collectors; 0: they do not wait.",
    check: countFinding,
  },
  "cluster.wait-timeout": {
    kind: "text",
    default: "0",
    doc: "How long they wait at most; 0: for ever.",
    check: (text) => (text === "0" ? undefined : durationFinding(text)),
  },
} as const satisfies FlagSpec;
