import type { Collector } from "../collector.ts";
import { numberOf } from "../text-table.ts";

const folder = "devices/system/edac/mc";

export const edac: Collector = {
  name: "edac",
  isDefault: true,
  prepare: () => (host, page) => {
    const correctable = page.counter("node_edac_correctable_errors_total", "Errors of memory that could be corrected.", "controller");
    const uncorrectable = page.counter("node_edac_uncorrectable_errors_total", "Errors of memory that could not.", "controller");
    const rowLabels = ["controller", "csrow"];
    const rowCorrectable = page.counter("node_edac_csrow_correctable_errors_total", "Corrected errors by row of chips.", ...rowLabels);
    const rowUncorrectable = page.counter("node_edac_csrow_uncorrectable_errors_total", "Other errors by row of chips.", ...rowLabels);
    for (const controller of host.sysList(folder)) {
      const number = /^mc(\d+)/.exec(controller)?.[1];
      if (number === undefined) continue;
      const count = (file: string) => numberOf(host.sysText(`${folder}/${controller}/${file}`));
      correctable.sample(count("ce_count"), number);
      rowCorrectable.sample(count("ce_noinfo_count"), number, "unknown");
      uncorrectable.sample(count("ue_count"), number);
      rowUncorrectable.sample(count("ue_noinfo_count"), number, "unknown");
      for (const row of host.sysList(`${folder}/${controller}`)) {
        const rowNumber = /^csrow(\d+)/.exec(row)?.[1];
        if (rowNumber === undefined) continue;
        rowCorrectable.sample(count(`${row}/ce_count`), number, rowNumber);
        rowUncorrectable.sample(count(`${row}/ue_count`), number, rowNumber);
      }
    }
  },
};
