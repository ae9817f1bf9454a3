import { quote } from "@invar/go-compat";
import { ChartError } from "../chart/chart.ts";
import { DEFAULT_HELM_VERSION, type HelmVersion, isHelm4 } from "../helm-version.ts";

/** What templates are told about the cluster. */
export interface Capabilities {
  /** What charts ask: the numbers alone. */
  readonly kubeVersion: string;
  /** With what a distribution appends; Helm 3 does not keep that. */
  readonly fullKubeVersion: string;
  readonly major: string;
  readonly minor: string;
  readonly apiVersions: readonly string[];
  readonly helmVersion: HelmVersion;
}

/** The capabilities of a cluster of this version, or of the default one, with these further API versions. */
export function capabilitiesOf(
  kubeVersion: string | undefined,
  extraApiVersions: readonly string[],
  helmVersion: HelmVersion = DEFAULT_HELM_VERSION,
): Capabilities {
  const wanted = kubeVersion ?? DEFAULT_KUBE_VERSIONS[helmVersion];
  const parts = numbersOf(wanted);
  const [major = 0, minor = 0, patch = 0] = parts;
  const numbers = `v${parts.length < 3 ? `${major}.${minor}.${patch}` : parts.join(".")}`;
  return {
    kubeVersion: numbers,
    fullKubeVersion: isHelm4(helmVersion) ? wanted.replace(/^v?/, "v") : numbers,
    major: String(major),
    minor: String(minor),
    apiVersions: [...KNOWN_API_VERSIONS, ...extraApiVersions],
    helmVersion,
  };
}

function numbersOf(version: string): number[] {
  const refuse = (problem: string): never => {
    throw new ChartError(`invalid kube version '${version}': ${problem}`);
  };
  const match = /^\s*v?(\d+(?:\.\d+)*)(.*)$/.exec(version) ?? refuse(`could not parse ${quote(version)} as version`);
  const parts = (match[1] as string).split(".");
  if (parts.length < 2) refuse(`illegal version string ${quote(version)}`);
  return parts.map(Number);
}

// What an official build takes when nothing is said: that of its client library.
export const DEFAULT_KUBE_VERSIONS: Readonly<Record<HelmVersion, string>> = { "3.22": "v1.37.0", "4.1": "v1.35.0", "4.2": "v1.36.0" };

const KNOWN_API_VERSIONS = [
  "v1",
  "admissionregistration.k8s.io/v1",
  "admissionregistration.k8s.io/v1alpha1",
  "admissionregistration.k8s.io/v1beta1",
  "internal.apiserver.k8s.io/v1alpha1",
  "apps/v1",
  "apps/v1beta1",
  "apps/v1beta2",
  "authentication.k8s.io/v1",
  "authentication.k8s.io/v1alpha1",
  "authentication.k8s.io/v1beta1",
  "authorization.k8s.io/v1",
  "authorization.k8s.io/v1beta1",
  "autoscaling/v1",
  "autoscaling/v2",
  "batch/v1",
  "batch/v1beta1",
  "certificates.k8s.io/v1",
  "certificates.k8s.io/v1beta1",
  "certificates.k8s.io/v1alpha1",
  "coordination.k8s.io/v1alpha2",
  "coordination.k8s.io/v1beta1",
  "coordination.k8s.io/v1",
  "discovery.k8s.io/v1",
  "discovery.k8s.io/v1beta1",
  "events.k8s.io/v1",
  "events.k8s.io/v1beta1",
  "extensions/v1beta1",
  "flowcontrol.apiserver.k8s.io/v1",
  "flowcontrol.apiserver.k8s.io/v1beta1",
  "flowcontrol.apiserver.k8s.io/v1beta2",
  "flowcontrol.apiserver.k8s.io/v1beta3",
  "lifecycle.k8s.io/v1alpha1",
  "networking.k8s.io/v1",
  "networking.k8s.io/v1beta1",
  "node.k8s.io/v1",
  "node.k8s.io/v1alpha1",
  "node.k8s.io/v1beta1",
  "policy/v1",
  "policy/v1beta1",
  "rbac.authorization.k8s.io/v1",
  "rbac.authorization.k8s.io/v1beta1",
  "rbac.authorization.k8s.io/v1alpha1",
  "resource.k8s.io/v1",
  "resource.k8s.io/v1beta2",
  "resource.k8s.io/v1beta1",
  "resource.k8s.io/v1alpha3",
  "scheduling.k8s.io/v1alpha3",
  "scheduling.k8s.io/v1beta1",
  "scheduling.k8s.io/v1",
  "storage.k8s.io/v1beta1",
  "storage.k8s.io/v1",
  "storage.k8s.io/v1alpha1",
  "storagemigration.k8s.io/v1",
  "storagemigration.k8s.io/v1beta1",
  "apiextensions.k8s.io/v1beta1",
  "apiextensions.k8s.io/v1",
];
