import { quote } from "@invar/go-compat";
import type { Detected, Detector } from "../detector.ts";
import { Unavailable } from "../unavailable.ts";

// Detectors that ask nobody: environment variables and files.

const pair = /\s*([\0-\x7f]{1,256}?)\s*=\s*([\0-\x7f]{0,256}?)\s*(?:,|$)/g;

/** `OTEL_RESOURCE_ATTRIBUTES`: `key=value,key=value`, values escaped as in URLs. */
export const env: Detector = async ({ environment }) => {
  const text = (environment.OTEL_RESOURCE_ATTRIBUTES ?? "").trim() || (environment.OTEL_RESOURCE ?? "").trim();
  if (text === "") return undefined;
  const extra: Record<string, string> = {};
  let behind = 0;
  for (const match of text.matchAll(pair)) {
    if (match.index !== behind) break;
    behind = match.index + match[0].length;
    extra[match[1] ?? ""] = unescaped(match[2] ?? "", match[0]);
  }
  if (behind === 0) throw new Error(`invalid resource format: ${quote(text)}`);
  if (behind !== text.length) throw new Error(`invalid resource format, invalid text: ${quote(text.slice(behind))}`);
  return { attributes: {}, extra, hasNoSchema: true };
};

function unescaped(value: string, whole: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    throw new Error(`invalid resource format in attribute: ${quote(whole)}, err: invalid URL escape in ${quote(value)}`);
  }
}

const dynatraceKeys = ["dt.entity.host", "host.name", "dt.smartscape.host"];

/** The file that Dynatrace's agent leaves on its hosts. */
export const dynatrace: Detector = async ({ readText }) => {
  const text = await readText("/var/lib/dynatrace/enrichment/dt_host_metadata.properties");
  if (text === undefined) return undefined;
  const extra: Record<string, string> = {};
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    const key = line.slice(0, Math.max(equals, 0));
    const value = line.slice(equals + 1).trim();
    if (dynatraceKeys.includes(key) && value !== "") extra[key] = value;
  }
  return { attributes: {}, extra, hasNoSchema: true };
};

/** What Heroku tells its dynos. */
export const heroku: Detector = async ({ environment }) => {
  const { HEROKU_APP_ID: app, HEROKU_DYNO_ID: dyno } = environment;
  if (app === undefined && dyno === undefined)
    throw new Unavailable("heroku metadata unavailable: HEROKU_DYNO_ID and HEROKU_APP_ID env vars not set");
  return {
    attributes: {
      "cloud.provider": app === undefined ? undefined : "heroku",
      "heroku.app.id": app,
      "heroku.release.commit": environment.HEROKU_SLUG_COMMIT,
      "heroku.release.creation_timestamp": environment.HEROKU_RELEASE_CREATED_AT,
      "service.instance.id": dyno,
      "service.name": environment.HEROKU_APP_NAME,
      "service.version": environment.HEROKU_RELEASE_VERSION,
    },
  };
};

/** What AWS tells its functions. */
export const lambda: Detector = async ({ environment }) => {
  const name = environment.AWS_LAMBDA_FUNCTION_NAME;
  if (name === undefined || name === "") throw new Unavailable("lambda metadata unavailable: AWS_LAMBDA_FUNCTION_NAME env var not set");
  const { AWS_LAMBDA_LOG_GROUP_NAME: group, AWS_LAMBDA_LOG_STREAM_NAME: stream } = environment;
  return {
    attributes: {
      "cloud.provider": "aws",
      "cloud.platform": "aws_lambda",
      "cloud.region": environment.AWS_REGION,
      "faas.name": name,
      "faas.version": environment.AWS_LAMBDA_FUNCTION_VERSION,
      "faas.instance": stream,
      "faas.max_memory": environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      "aws.log.group.names": group === undefined ? undefined : [group],
      "aws.log.stream.names": stream === undefined ? undefined : [stream],
    },
  };
};

/** The file that X-Ray leaves on Elastic Beanstalk. */
export const elasticbeanstalk: Detector = async ({ readText }) => {
  const text = await readText("/var/elasticbeanstalk/xray/environment.conf");
  if (text === undefined)
    throw new Unavailable("elastic_beanstalk metadata unavailable: /var/elasticbeanstalk/xray/environment.conf is not there");
  const content = JSON.parse(text) as { deployment_id?: number; environment_name?: string; version_label?: string };
  return {
    attributes: {
      "cloud.provider": "aws",
      "cloud.platform": "aws_elastic_beanstalk",
      "deployment.environment": content.environment_name ?? "",
      "service.instance.id": String(content.deployment_id ?? 0),
      "service.version": content.version_label ?? "",
    },
  } satisfies Detected;
};
