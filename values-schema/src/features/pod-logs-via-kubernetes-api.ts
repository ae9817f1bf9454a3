import { feature } from "./feature.ts";
import { podLogs } from "./pod-logs.ts";

export const podLogsViaKubernetesApi = feature("The logs of pods, as the API server gives them: without access to nodes.", podLogs);
