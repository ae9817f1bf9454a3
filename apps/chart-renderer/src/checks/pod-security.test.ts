import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsIn } from "./testing.ts";

const GOOD =
  "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}";

function violations(level: "baseline" | "restricted", container: string, pod = ""): string {
  const template = `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: "a:1"${container === "" ? "" : `, ${container}`}}]\n  ${pod}\n`;
  return findingsIn(template, { podSecurity: level })
    .filter(({ rule }) => rule === "kubernetes/pod-security")
    .map(({ message }) => /"(\w+)" does not admit (.*)$/.exec(message)?.slice(1).join(": "))
    .join("; ");
}

test("baseline refuses what reaches beyond the pod", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["", "", ""],
    ["", "hostPID: true", "baseline: hostPID: true"],
    ["", "hostPID: false", ""],
    ["", "volumes: [{name: a, hostPath: {path: /}}]", "baseline: hostPath volumes"],
    ["securityContext: {privileged: true}", "", "baseline: privileged: true"],
    ["securityContext: {capabilities: {add: [NET_ADMIN, CHOWN]}}", "", "baseline: the capabilities NET_ADMIN"],
    ["ports: [{containerPort: 80, hostPort: 80}]", "", "baseline: hostPort: 80"],
    ["securityContext: {procMount: Unmasked}", "", "baseline: procMount: Unmasked"],
    ["", "securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}", "baseline: the sysctl kernel.msgmax"],
    ["", "securityContext: {seccompProfile: {type: Unconfined}}", "baseline: seccompProfile.type: Unconfined"],
    ["securityContext: {seLinuxOptions: {type: spc_t}}", "", "baseline: these seLinuxOptions"],
    ["", "securityContext: {windowsOptions: {hostProcess: true}}", "baseline: hostProcess: true"],
  ];
  for (const [container, pod, expected] of cases) assert.equal(violations("baseline", container, pod), expected, container + pod);
});

test("restricted asks every container for its limits, from itself or its pod", () => {
  assert.equal(violations("restricted", GOOD), "");
  assert.equal(
    violations("restricted", ""),
    "restricted: containers that may gain privileges; restricted: containers that keep capabilities; restricted: containers that may run as root; restricted: containers without a seccomp profile",
  );
  const own = "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";
  assert.equal(violations("restricted", own, "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"), "");
  assert.equal(violations("restricted", GOOD, "securityContext: {runAsUser: 0}"), "restricted: runAsUser: 0");
  assert.equal(violations("restricted", GOOD, "volumes: [{name: a, nfs: {server: b, path: /}}]"), "restricted: nfs volumes");
  assert.equal(violations("restricted", GOOD, "volumes: [{name: a, emptyDir: {}}]"), "");
});

test("the pods of workloads are looked at where they stand", () => {
  const template =
    'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          hostIPC: true\n          containers: [{name: a, image: "a:1"}]\n';
  const [finding] = findingsIn(template, { podSecurity: "baseline" }).filter(({ rule }) => rule === "kubernetes/pod-security");
  assert.equal(finding?.place?.line, 9);
});
