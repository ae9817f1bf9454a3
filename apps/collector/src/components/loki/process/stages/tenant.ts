import { defaulted, many, string } from "../../../../component/arguments.ts";
import type { Frame } from "../frame.ts";
import { changing, defineStage, textOf } from "../stage.ts";

export const tenant = defineStage(
  many(
    "Chooses the tenant that the line is sent for.",
    {
      arguments: {
        label: defaulted(string, "The label whose value is the tenant.", ""),
        source: defaulted(string, "The extracted value that is the tenant.", ""),
        value: defaulted(string, "The tenant itself.", ""),
      },
    },
    {
      check: ({ label, source, value }, report) => {
        const given = [label, source, value].filter((one) => one !== "").length;
        if (given === 0) report("label, source or value config are required");
        if (given > 1) report("label, source and value are mutually exclusive: you should set source, value or label but not all");
      },
    },
  ),
  ({ label, source, value }, { names }) => {
    const slot = source === "" ? undefined : names.reads(source);
    const tenantOf = (frame: Frame, row: number): string | undefined => {
      if (slot !== undefined) return textOf(frame.extracted.get(row, slot));
      return label === "" ? value : frame.labels(row).get(label);
    };
    return changing((frame, row) => {
      const id = tenantOf(frame, row);
      if (id !== undefined && id !== "") frame.setLabels(row, frame.labels(row).with("__tenant_id__", id));
    });
  },
);
