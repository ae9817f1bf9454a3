/** Where everything is that a configuration names, on this machine. */
export interface Surroundings {
  /** Stands for the root of the node's file system. */
  readonly root: string;
  readonly kubeconfig: string;
  readonly proxyUrl: string;
  /** `http://127.0.0.1:PORT` of what is neither a destination nor scraped: tokens, remote configurations, lists of targets. */
  readonly servicesUrl: string;
  readonly plain: Addresses;
  readonly secure: Addresses;
  /** A port of the configuration and the free one that stands for it. */
  port(written: string): number;
}

interface Addresses {
  readonly url: string;
  readonly grpcUrl: string;
  readonly remoteWriteUrl: string;
  readonly lokiUrl: string;
}

/** The configuration with its addresses on loopback, its paths below a folder, and its intervals in seconds instead of minutes. Nothing else is changed. */
export function onLoopback(text: string, at: Surroundings): string {
  let component = "";
  let isPlain = false;
  const lines = text.split("\n").map((line, index, all) => {
    const opened = /^\s*([a-z_0-9]+(?:\.[a-z_0-9]+)+) (?:"[^"]*" )?\{/.exec(line)?.[1];
    if (opened !== undefined && !/^(stage|metric)\./.test(opened)) {
      component = opened;
      isPlain = all
        .slice(
          index,
          all.findIndex((other, at) => at > index && /^\}/.test(other)),
        )
        .some((other) => other.includes("insecure = true"));
    }
    const added = opened === undefined ? "" : addedTo(opened, at);
    return withDestination(line, component, isPlain, at) + added;
  });
  return rules(at).reduce((whole, [pattern, by]) => whole.replaceAll(pattern, by), lines.join("\n"));
}

/** The units of which the journal of the tests tells, as a pattern. */
const journalUnit = "unit-.*";

/** What makes a component speak to the rig's API server, scrape through the proxy, and not wait for a minute. */
function addedTo(component: string, { kubeconfig, proxyUrl }: Surroundings): string {
  const file = `kubeconfig_file = "${kubeconfig}"`;
  if (component === "discovery.kubernetes") return ` ${file}`;
  if (component === "prometheus.scrape") return ` proxy_url = "${proxyUrl}"\nscrape_interval = "1s" // kept\nscrape_timeout = "1s" // kept`;
  if (component === "otelcol.connector.host_info") return ' metrics_flush_interval = "1s"';
  if (component === "otelcol.processor.k8sattributes") return ` auth_type = "kubeConfig"`;
  if (/^(remote\.kubernetes|loki\.source\.kubernetes|prometheus\.operator)/.test(component)) return `\nclient {\n${file}\n}`;
  return "";
}

function withDestination(line: string, component: string, isPlain: boolean, { plain, secure, servicesUrl }: Surroundings): string {
  const written = /^(\s*)(url|endpoint|hostname|token_url) = "([^"]*)"$/.exec(line);
  if (written === null) return line;
  const [, indent, name, value = ""] = written;
  const to = value.startsWith("https://") ? secure : plain;
  const put = (text: string) => `${indent}${name} = "${text}"`;
  switch (component) {
    case "prometheus.remote_write":
      return put(plain.remoteWriteUrl);
    case "loki.write":
      return put(plain.lokiUrl);
    case "otelcol.exporter.otlphttp":
      return put(to.url);
    case "otelcol.exporter.otlp":
      // The block `tls` says whether there is TLS, not the scheme.
      return put(`${/^\w+:\/\//.exec(value)?.[0] ?? ""}${(isPlain ? plain : secure).grpcUrl}`);
    case "otelcol.exporter.loadbalancing":
      return put("localhost");
    case "otelcol.auth.oauth2":
      return put(`${servicesUrl}/token`);
    default:
      return line;
  }
}

function rules(at: Surroundings): [RegExp, (...groups: string[]) => string][] {
  const grpcPort = at.plain.grpcUrl.split(":")[1] ?? "";
  return [
    [/"(\/var\/|\/etc\/|\/host\/)/g, (_: string, path = "") => `"${path === "/host/" ? "/" : at.root + path}`],
    [/"\/(?:root|proc|sys)"/g, (path = "") => (path === '"/root"' ? '"/"' : path)],
    [/"0\.0\.0\.0:(\d+)"/g, (_, port = "") => `"127.0.0.1:${at.port(port)}"`],
    [/proxy_url = "https:[^"]*"/g, () => `proxy_url = "${at.proxyUrl}"`],
    [/insecure_skip_verify = false/g, () => "insecure_skip_verify = true"],
    [/own_namespace = true/g, () => 'names = ["default"]'],
    // The rest of loadbalancing's resolvers: names that nobody resolves here, and ports.
    [/"[^"]*\.svc\.cluster\.local:4317"/g, () => `"${at.plain.grpcUrl}"`],
    [/port += "4317"/g, () => `port = "${grpcPort}"`],
    // It speaks to the API server as pods do only, which a test's process is not.
    [/kubernetes \{\s*service = "k8smon-[^}]*\}/g, () => `static {\nhostnames = ["${at.plain.grpcUrl}"]\n}`],
    [/url = "https:\/\/[^"]*"/g, () => `url = "${at.servicesUrl}"`],
    [/"https:\/\/cloud\.mongodb\.com/g, () => `"${at.servicesUrl}`],
    [/^ *scrape_(?:interval|timeout) += .*(?<!kept)\n/gm, () => ""],
    [/(default_scrape_(?:interval|timeout) *= )"\d+s"/g, (_, name = "") => `${name}"1s"`],
    [/"kubelet\.service\|containerd\.service"/g, () => `"${journalUnit}"`],
    [/(replacement = )"(?:60|10)s"/g, (_, name = "") => `${name}"1s"`],
    [/((?:timeout|batch_send_deadline) = )"(?:2|5)s"/g, (_, name = "") => `${name}"100ms"`],
    // Journals that a test can have are old.
    [/max_age = "8h"/g, () => 'max_age = "1000000h"'],
  ];
}
