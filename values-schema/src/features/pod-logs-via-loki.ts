import { flag } from "../words.ts";
import { feature } from "./feature.ts";
import { podLogs } from "./pod-logs.ts";

export const podLogsViaLoki = feature("The logs of pods, read from the files of each node.", {
  ...podLogs,
  onlyGatherNewLogLines: flag("Begin at the end of files that are met for the first time.", true),
  alignServiceNameWithOTelSemConv: flag("Choose `service_name` in the order of OpenTelemetry's conventions for Kubernetes."),
});
