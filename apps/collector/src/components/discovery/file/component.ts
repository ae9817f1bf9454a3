import { defaulted, duration, list, required, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { targetsExport } from "../../../discovery/targets.ts";
import { discoverFiles } from "./files.ts";

/** As `file_sd` names its files: one star at most, in the last part, and a known ending. */
const namePattern = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;

export const component = defineComponent({
  name: "discovery.file",
  stability: "generally-available",
  summary: "Finds targets in JSON and YAML files, and follows their changes.",
  arguments: {
    files: required(list(string), "Files with target groups; the last part of a path may have a star.", { check: names }),
    refresh_interval: defaulted(duration, "How often the files are read even where no change was seen.", "5m"),
  },
  exports: { targets: targetsExport },
  metrics: [
    { name: "prometheus_sd_file_read_errors_total", kind: "counter", doc: "Files that could not be read." },
    { name: "prometheus_sd_file_mtime_seconds", kind: "gauge", doc: "When a file was last changed, by its name." },
  ],
  needs: {},
  create: (context, args) => discoverFiles(context, args),
});

function names(files: readonly string[]): string | undefined {
  if (files.length === 0) return "file service discovery config must contain at least one path name";
  const wrong = files.find((name) => !namePattern.test(name));
  return wrong === undefined ? undefined : `path name ${JSON.stringify(wrong)} is not valid for file discovery`;
}
