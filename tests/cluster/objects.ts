import { imageNames } from "./collector-image.ts";

/** Runs as on a cluster that takes nobody without these. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** A pod that runs a program given as text, on the image of Node alone. */
export function nodeProgram({
  name,
  namespace,
  script,
  args = [],
  labels = {},
  annotations = {},
  ready,
  restartPolicy = "Always",
  keeps,
}: {
  readonly name: string;
  readonly namespace: string;
  readonly script: string;
  /** A folder that outlives the container, not the pod. */
  readonly keeps?: string;
  readonly args?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ready?: { readonly port: number; readonly path: string };
  readonly restartPolicy?: "Always" | "Never";
}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels, annotations },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 2,
      containers: [
        {
          name: "main",
          image: imageNames.node,
          imagePullPolicy: "Never",
          args: ["-e", script, "--", ...args],
          securityContext: restricted,
          ...(ready !== undefined && { readinessProbe: { httpGet: ready, periodSeconds: 1, timeoutSeconds: 5 } }),
          ...(keeps !== undefined && { volumeMounts: [{ name: "kept", mountPath: keeps }] }),
        },
      ],
      ...(keeps !== undefined && { volumes: [{ name: "kept", emptyDir: {} }] }),
    },
  };
}

export function configMap(name: string, namespace: string, data: Readonly<Record<string, string>>): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

/** An account in a namespace that may do this everywhere. */
export function account(name: string, namespace: string, rules: readonly object[]): object[] {
  const role = `${namespace}-${name}`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: role }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: role },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

export interface CollectorPod {
  readonly name: string;
  readonly namespace: string;
  /** The ConfigMap that holds config.alloy; default: of the pod's own name. */
  readonly config?: string;
  readonly user?: number;
  readonly memory?: string;
  readonly args?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly restartPolicy?: "Always" | "Never";
  /** Folders of the node, mounted read-only under their own names. */
  readonly hostPaths?: readonly string[];
  /** Folders of the node's to keep data in, by where they are mounted. */
  readonly writable?: Readonly<Record<string, string>>;
}

/** A pod of the collector's image, as an operator would run it: restricted, and asked whether it is ready. */
export function collectorPod(pod: CollectorPod): object {
  const { name, namespace, labels = {} } = pod;
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels: { app: name, ...labels } }, spec: collectorPodSpec(pod) };
}

/** One such pod on each node. */
export function collectorDaemonSet(pod: CollectorPod): object {
  const { name, namespace, labels = {} } = pod;
  const own = { app: name, ...labels };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: own }, spec: collectorPodSpec(pod) } },
  };
}

function collectorPodSpec({
  name,
  config = name,
  user = 65_532,
  memory = "512Mi",
  args = [],
  serviceAccount,
  restartPolicy = "Always",
  hostPaths = [],
  writable = {},
}: CollectorPod): object {
  const mounted = [
    ...hostPaths.map((path) => [path, path, true] as const),
    ...Object.entries(writable).map(([to, of]) => [to, of, false] as const),
  ];
  const probe = (path: string) => ({ httpGet: { path, port: 12_345 }, periodSeconds: 1, timeoutSeconds: 5 });
  const security = user === 0 ? { ...restricted, runAsNonRoot: false } : restricted;
  return {
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    ...(serviceAccount === undefined ? { automountServiceAccountToken: false } : { serviceAccountName: serviceAccount }),
    containers: [
      {
        name: "collector",
        image: imageNames.collector,
        imagePullPolicy: "Never",
        args: ["run", "/etc/alloy/config.alloy", "--storage.path=/var/lib/invar", "--server.http.listen-addr=0.0.0.0:12345", ...args],
        env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        ports: [{ containerPort: 12_345, name: "http" }],
        securityContext: { ...security, runAsUser: user },
        resources: { limits: { memory }, requests: { memory: "64Mi", cpu: "10m" } },
        startupProbe: { ...probe("/-/ready"), failureThreshold: 60 },
        readinessProbe: probe("/-/ready"),
        volumeMounts: [
          { name: "config", mountPath: "/etc/alloy", readOnly: true },
          ...mounted.map(([path, , readOnly], index) => ({ name: `host-${index}`, mountPath: path, readOnly })),
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: config } },
      ...mounted.map(([, path], index) => ({ name: `host-${index}`, hostPath: { path, type: "DirectoryOrCreate" } })),
    ],
  };
}
