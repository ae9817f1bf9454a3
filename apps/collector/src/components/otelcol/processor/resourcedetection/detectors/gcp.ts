import type { Detector, Surroundings } from "../detector.ts";
import { textOf } from "../metadata-request.ts";
import { Unavailable } from "../unavailable.ts";

type Found = Record<string, string | undefined>;

/** Google's clouds. Which one it is tell environment variables; the rest tells the metadata server. */
export const gcp: Detector = async (surroundings, settings, signal) => {
  const { environment } = surroundings;
  const page = pagesOf(surroundings, signal);
  const faults: string[] = [];
  /** A part that can't be found leaves the others. */
  const part = async (read: () => Promise<string>): Promise<string | undefined> => {
    try {
      return await read();
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  if (environment.BMS_PROJECT_ID && environment.BMS_REGION && environment.BMS_INSTANCE_ID)
    return {
      attributes: {
        "cloud.provider": "gcp",
        "cloud.platform": "gcp_bare_metal_solution",
        "cloud.account.id": environment.BMS_PROJECT_ID,
        "cloud.region": environment.BMS_REGION,
        "host.name": environment.BMS_INSTANCE_ID,
      },
    };
  const project = await page("project/project-id");
  const found: Found = { "cloud.provider": "gcp", "cloud.account.id": project };
  const zone = () => part(async () => lastOf(await page("instance/zone")));
  const faasRegion = () => part(async () => lastOf(await page("instance/region")));
  const inZone = (name: string | undefined) => {
    found["cloud.availability_zone"] = name;
    found["cloud.region"] = name?.replace(/-[^-]*$/, "");
  };
  const faas = async (name: string | undefined, version: string | undefined) => {
    found["faas.name"] = name;
    found["faas.version"] = version;
    found["faas.instance"] = await part(() => page("instance/id"));
    found["cloud.region"] = await faasRegion();
  };
  const cluster =
    environment.KUBERNETES_SERVICE_HOST === undefined
      ? undefined
      : await page("instance/attributes/cluster-location").catch(() => undefined);
  if (cluster !== undefined) {
    found["cloud.platform"] = "gcp_kubernetes_engine";
    // us-central1 is a region, us-central1-c a zone.
    const isZone = cluster.split("-").length > 2;
    found[isZone ? "cloud.availability_zone" : "cloud.region"] = cluster;
    found["k8s.cluster.name"] = await part(() => page("instance/attributes/cluster-name"));
    found["host.id"] = await part(() => page("instance/id"));
    // Workload identity hides it.
    found["host.name"] = await page("instance/name").catch(() => undefined);
  } else if (environment.FUNCTION_TARGET !== undefined) {
    found["cloud.platform"] = "gcp_cloud_functions";
    await faas(environment.K_SERVICE, environment.K_REVISION);
  } else if (environment.K_CONFIGURATION !== undefined) {
    found["cloud.platform"] = "gcp_cloud_run";
    await faas(environment.K_SERVICE, environment.K_REVISION);
  } else if (environment.CLOUD_RUN_WORKER_POOL !== undefined) {
    found["cloud.platform"] = "gcp_cloud_run";
    await faas(environment.CLOUD_RUN_WORKER_POOL, environment.CLOUD_RUN_REVISION);
  } else if (environment.CLOUD_RUN_JOB !== undefined) {
    found["cloud.platform"] = "gcp_cloud_run";
    await faas(environment.CLOUD_RUN_JOB, undefined);
    found["gcp.cloud_run.job.execution"] = environment.CLOUD_RUN_EXECUTION;
    found["gcp.cloud_run.job.task_index"] = environment.CLOUD_RUN_TASK_INDEX;
  } else if (environment.GAE_ENV === "standard" || environment.GAE_SERVICE !== undefined) {
    found["cloud.platform"] = "gcp_app_engine";
    found["faas.name"] = environment.GAE_SERVICE;
    found["faas.version"] = environment.GAE_VERSION;
    found["faas.instance"] = environment.GAE_INSTANCE;
    inZone(await zone());
    if (environment.GAE_ENV === "standard") found["cloud.region"] = await faasRegion();
  } else {
    found["cloud.platform"] = "gcp_compute_engine";
    inZone(await zone());
    found["host.type"] = await part(async () => lastOf(await page("instance/machine-type")));
    found["host.id"] = await part(() => page("instance/id"));
    found["host.name"] = await part(() => page("instance/name"));
    if (settings.isEnabled("gcp.gce.instance.hostname")) found["gcp.gce.instance.hostname"] = await part(() => page("instance/hostname"));
    found["gcp.gce.instance.name"] = found["host.name"];
    Object.assign(found, groupManager(await page("instance/attributes/created-by").catch(() => "")));
  }
  if (faults.length > 0) surroundings.context.log.warn("some attributes of the machine are not known", { faults });
  return { attributes: found };
};

/** `projects/1/zones/us-central1-a/instanceGroupManagers/web`: the managed instance group that made the machine. */
function groupManager(createdBy: string): Found {
  const [, kind, place, name] = /^projects\/[^/]+\/(zones|regions)\/([^/]+)\/instanceGroupManagers\/([^/]+)$/.exec(createdBy) ?? [];
  if (name === undefined) return {};
  return {
    "gcp.gce.instance.group_manager.name": name,
    [`gcp.gce.instance.group_manager.${kind === "zones" ? "zone" : "region"}`]: place,
  };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function pagesOf({ request, environment }: Surroundings, signal: AbortSignal): (path: string) => Promise<string> {
  const host = environment.GCE_METADATA_HOST || "169.254.169.254";
  const headers = { "metadata-flavor": "Google" };
  return async (path) => {
    const text = await textOf(request, `http://${host}/computeMetadata/v1/${path}`, { headers, timeoutMs: 2000 }, signal);
    if (text === "") throw new Unavailable(`${path}: the metadata server has no value`);
    return text.trim();
  };
}
