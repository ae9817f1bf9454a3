import type { Collector } from "../collector.ts";
import { linesOf, numberOf, wordsOf } from "../text-table.ts";

/** The kernel's counters, without the `Xfrm` before each. */
const counters = (
  "InError InBufferError InHdrError InNoStates InStateProtoError InStateModeError InStateSeqError InStateExpired InStateMismatch InStateInvalid " +
  "InTmplMismatch InNoPols InPolBlock InPolError OutError OutBundleGenError OutBundleCheckError OutNoStates OutStateProtoError " +
  "OutStateModeError OutStateSeqError OutStateExpired OutPolBlock OutPolDead OutPolError FwdHdrError OutStateInvalid AcquireError"
).split(" ");

/** Packets that IPsec could not handle. */
export const xfrm: Collector = {
  name: "xfrm",
  isDefault: false,
  prepare: () => (host, page) => {
    const found = new Map(linesOf(host.proc("net/xfrm_stat")).map((line) => [wordsOf(line)[0] ?? "", wordsOf(line)[1]]));
    for (const counter of counters) {
      const name = counter.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase();
      page
        .counter(`node_xfrm_${name}_packets_total`, `Packets of the counter ${counter}.`)
        .sample(numberOf(found.get(`Xfrm${counter}`) ?? "0"));
    }
  },
};
