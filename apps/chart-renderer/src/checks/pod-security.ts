import type { GoMap, GoValue } from "@invar/go-compat";
import type { Finding } from "../finding.ts";
import { type CheckedObject, type FieldPath, type LintInput, listAt, mapAt, type Rule, textAt } from "./lint-input.ts";
import { objectFinding } from "./object-finding.ts";
import { type Container, containersOf, type PodSpec, podOf } from "./pod-specs.ts";

/** Pods that Kubernetes' Pod Security Standards do not admit. */
export const podSecurity: Rule = {
  id: "kubernetes/pod-security",
  summary: "Pods keep to the Pod Security Standard that is asked for: baseline or restricted.",
  check: (input) =>
    input.podSecurity === "off"
      ? []
      : input.objects.flatMap((object) => {
          const pod = podOf(object);
          return pod === undefined ? [] : violations(pod, input.podSecurity === "restricted").map((one) => finding(input, object, one));
        }),
};

interface Violation {
  readonly level: "baseline" | "restricted";
  readonly path: FieldPath;
  readonly message: string;
  readonly fix: string;
}

function finding(input: LintInput, object: CheckedObject, { level, path, message, fix }: Violation): Finding {
  return objectFinding(input, object, path, {
    rule: "kubernetes/pod-security",
    severity: "warning",
    message: `the Pod Security Standard "${level}" does not admit ${message}`,
    fix,
  });
}

function violations(pod: PodSpec, isRestricted: boolean): Violation[] {
  // The restrictions are for Linux only.
  const isWindows = textAt(mapAt(pod.spec, "os"), "name") === "windows";
  const containers = containersOf(pod);
  const baseline = [...hostViolations(pod), ...podContextViolations(pod), ...containers.flatMap((one) => containerViolations(one))];
  if (!isRestricted) return baseline;
  return [
    ...baseline,
    ...volumeViolations(pod),
    ...(isWindows ? [] : containers.flatMap((container) => restrictedViolations(pod, container))),
    ...userViolations(pod.path, pod.spec),
    ...containers.flatMap(({ path, content }) => userViolations(path, content)),
  ];
}

function baselineAt(path: FieldPath, message: string, fix: string): Violation {
  return { level: "baseline", path, message, fix };
}

function hostViolations({ path, spec }: PodSpec): Violation[] {
  const shared = ["hostNetwork", "hostPID", "hostIPC"]
    .filter((field) => spec.get(field) === true)
    .map((field) => baselineAt([...path, field], `${field}: true`, `remove ${field}`));
  const paths = listAt(spec, "volumes").flatMap((volume, index) =>
    volume instanceof Map && volume.has("hostPath")
      ? [baselineAt([...path, "volumes", index, "hostPath"], "hostPath volumes", "use another kind of volume")]
      : [],
  );
  return [...shared, ...paths];
}

const ALLOWED_SYSCTLS = new Set(
  (
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies net.ipv4.ping_group_range " +
    "net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes " +
    "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"
  ).split(" "),
);

function podContextViolations({ path, spec }: PodSpec): Violation[] {
  const context = mapAt(spec, "securityContext");
  const own: FieldPath = [...path, "securityContext"];
  const sysctls = listAt(context, "sysctls").flatMap((sysctl, index) =>
    sysctl instanceof Map && !ALLOWED_SYSCTLS.has(textAt(sysctl, "name"))
      ? [baselineAt([...own, "sysctls", index], `the sysctl ${textAt(sysctl, "name")}`, "remove it")]
      : [],
  );
  return [...contextViolations(own, context), ...sysctls];
}

/** What the security contexts of pods and containers have in common. */
function contextViolations(path: FieldPath, context: GoMap): Violation[] {
  const found: Violation[] = [];
  if (mapAt(context, "windowsOptions").get("hostProcess") === true) {
    found.push(baselineAt([...path, "windowsOptions", "hostProcess"], "hostProcess: true", "remove hostProcess"));
  }
  if (textAt(mapAt(context, "seccompProfile"), "type") === "Unconfined") {
    found.push(baselineAt([...path, "seccompProfile"], "seccompProfile.type: Unconfined", "write type: RuntimeDefault"));
  }
  if (textAt(mapAt(context, "appArmorProfile"), "type") === "Unconfined") {
    found.push(baselineAt([...path, "appArmorProfile"], "appArmorProfile.type: Unconfined", "write type: RuntimeDefault"));
  }
  const seLinux = mapAt(context, "seLinuxOptions");
  const type = textAt(seLinux, "type");
  if (
    !["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"].includes(type) ||
    seLinux.has("user") ||
    seLinux.has("role")
  ) {
    found.push(baselineAt([...path, "seLinuxOptions"], "these seLinuxOptions", "write type: container_t without user and role"));
  }
  return found;
}

const ALLOWED_CAPABILITIES = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(" "),
);

function containerViolations({ path, content }: Container): Violation[] {
  const context = mapAt(content, "securityContext");
  const own: FieldPath = [...path, "securityContext"];
  const found = contextViolations(own, context);
  if (context.get("privileged") === true) found.push(baselineAt([...own, "privileged"], "privileged: true", "write privileged: false"));
  const added = listAt(mapAt(context, "capabilities"), "add").filter((one) => !ALLOWED_CAPABILITIES.has(String(one)));
  if (added.length > 0) {
    found.push(baselineAt([...own, "capabilities", "add"], `the capabilities ${added.map(String).join(", ")}`, "remove them"));
  }
  const procMount = context.get("procMount");
  if (procMount !== undefined && procMount !== null && procMount !== "Default") {
    found.push(baselineAt([...own, "procMount"], `procMount: ${String(procMount)}`, "write procMount: Default"));
  }
  const ports = listAt(content, "ports").flatMap((port, index) => {
    const hostPort = port instanceof Map ? port.get("hostPort") : undefined;
    return typeof hostPort === "number" && hostPort !== 0
      ? [baselineAt([...path, "ports", index, "hostPort"], `hostPort: ${hostPort}`, "remove hostPort")]
      : [];
  });
  return [...found, ...ports];
}

const ALLOWED_VOLUMES = new Set(
  "name configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" "),
);

function volumeViolations({ path, spec }: PodSpec): Violation[] {
  return listAt(spec, "volumes").flatMap((volume, index) => {
    if (!(volume instanceof Map)) return [];
    const kind = [...volume.keys()].find((key) => !ALLOWED_VOLUMES.has(key) && key !== "hostPath");
    return kind === undefined
      ? []
      : [
          {
            level: "restricted" as const,
            path: [...path, "volumes", index, kind],
            message: `${kind} volumes`,
            fix: "use another kind of volume",
          },
        ];
  });
}

function restrictedViolations(pod: PodSpec, { path, content }: Container): Violation[] {
  const context = mapAt(content, "securityContext");
  const podContext = mapAt(pod.spec, "securityContext");
  const own: FieldPath = [...path, "securityContext"];
  const found: Violation[] = [];
  const add = (field: FieldPath, message: string, fix: string): void => {
    found.push({ level: "restricted", path: [...own, ...field], message: `containers ${message}`, fix });
  };
  if (context.get("allowPrivilegeEscalation") !== false) {
    add(["allowPrivilegeEscalation"], "that may gain privileges", "write allowPrivilegeEscalation: false");
  }
  const capabilities = mapAt(context, "capabilities");
  if (!listAt(capabilities, "drop").includes("ALL")) add(["capabilities"], "that keep capabilities", "write capabilities: {drop: [ALL]}");
  const added = listAt(capabilities, "add").filter((one) => one !== "NET_BIND_SERVICE" && ALLOWED_CAPABILITIES.has(String(one)));
  if (added.length > 0) add(["capabilities", "add"], `with the capabilities ${added.map(String).join(", ")}`, "remove them");
  if (effective(context, podContext, "runAsNonRoot") !== true) add(["runAsNonRoot"], "that may run as root", "write runAsNonRoot: true");
  const profile = effective(context, podContext, "seccompProfile");
  const type = profile instanceof Map ? textAt(profile, "type") : "";
  if (type !== "RuntimeDefault" && type !== "Localhost" && type !== "Unconfined") {
    add(["seccompProfile"], "without a seccomp profile", "write seccompProfile: {type: RuntimeDefault}");
  }
  return found;
}

/** A container's own setting, or else its pod's. */
function effective(context: GoMap, podContext: GoMap, field: string): GoValue {
  return context.get(field) ?? podContext.get(field) ?? null;
}

function userViolations(path: FieldPath, owner: GoMap): Violation[] {
  if (mapAt(owner, "securityContext").get("runAsUser") !== 0) return [];
  return [{ level: "restricted", path: [...path, "securityContext", "runAsUser"], message: "runAsUser: 0", fix: "write another number" }];
}
