import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../../component/clock.ts";
import { decodeText } from "../../../component/from-text.ts";
import { testContext } from "../../../component/testing.ts";
import type { Target } from "../../../discovery/targets.ts";
import { component } from "./component.ts";
import { joinContainers } from "./join.ts";
import { processTargets } from "./processes.ts";

const id = "0123456789abcdef".repeat(4);
const everything = { exe: true, cwd: true, commandline: true, username: true, uid: true, cgroup_path: true, container_id: true };

function procOf(
  t: { after(fn: () => void): void },
  processes: Record<string, { exe?: string; cmdline?: string; uid?: number; cgroup?: string }>,
): string {
  const proc = mkdtempSync(join(tmpdir(), "invar-proc-"));
  t.after(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, "self"));
  for (const [pid, { exe, cmdline = "", uid = 0, cgroup = "0::/\n" }] of Object.entries(processes)) {
    const folder = join(proc, pid);
    mkdirSync(folder);
    if (exe !== undefined) symlinkSync(exe, join(folder, "exe"));
    symlinkSync("/srv", join(folder, "cwd"));
    writeFileSync(join(folder, "cmdline"), cmdline);
    writeFileSync(join(folder, "status"), `Name:\tx\nUid:\t${uid}\t1\t2\t3\n`);
    writeFileSync(join(folder, "cgroup"), cgroup);
  }
  return proc;
}

test("finds out about each process what is asked for", async (t) => {
  const proc = procOf(t, {
    "12": { exe: "/bin/web", cmdline: "web\0--port\x0080\0", uid: 1000, cgroup: `0::/kubepods.slice/cri-containerd-${id}.scope\n` },
    "3": { exe: "/bin/init", cmdline: "init\0" },
    "4": {},
  });
  const passwd = join(proc, "passwd");
  writeFileSync(passwd, "root:x:0:0::/:/bin/sh\nme:x:1000:1000::/:/bin/sh\n");
  const { targets } = await processTargets(proc, everything, passwd);
  assert.deepEqual(
    targets.map((each) => ({ ...each })),
    [
      {
        __process_pid__: "3",
        __meta_process_exe: "/bin/init",
        __meta_process_cwd: "/srv",
        __meta_process_commandline: "init",
        __meta_process_uid: "0",
        __meta_process_username: "root",
        __meta_process_cgroup_path: "0::/",
      },
      {
        __process_pid__: "12",
        __meta_process_exe: "/bin/web",
        __meta_process_cwd: "/srv",
        __meta_process_commandline: "web --port 80",
        __meta_process_uid: "1000",
        __meta_process_username: "me",
        __container_id__: id,
        __meta_process_cgroup_path: `0::/kubepods.slice/cri-containerd-${id}.scope`,
      },
    ],
  );
  const none = Object.fromEntries(Object.keys(everything).map((key) => [key, false])) as typeof everything;
  const bare = await processTargets(proc, none);
  assert.deepEqual(
    bare.targets.map((each) => ({ ...each })),
    [{ __process_pid__: "3" }, { __process_pid__: "4" }, { __process_pid__: "12" }],
  );
});

for (const [line, expected] of [
  [`0::/system.slice/docker-${id}.scope`, id],
  [`1:name=systemd:/docker/${id}`, id],
  [`11:memory:/kubepods/besteffort/pod1/${id}`, id],
  [`0::/../crio-${id}.scope`, id],
  [`0::/user.slice/${id.slice(1)}`, undefined],
  ["0::/user.slice", undefined],
] as const)
  test(`the container of ${line.slice(0, 40)}`, async (t) => {
    const { targets } = await processTargets(procOf(t, { "1": { exe: "/a", cgroup: `2:cpu:/\n${line}\n` } }), everything);
    assert.equal(targets[0]?.__container_id__, expected);
    assert.equal(targets[0]?.__meta_process_cgroup_path, `2:cpu:/|${line}`);
  });

test("processes get the labels of their containers, which stay", () => {
  const process = { __process_pid__: "1", __container_id__: "a", who: "process" };
  const joined = joinContainers(
    [process, { __process_pid__: "2" }, { __process_pid__: "3", __container_id__: "z" }],
    [
      { __meta_kubernetes_pod_container_id: "containerd://a", who: "pod" },
      { __meta_docker_container_id: "b" },
      { __meta_kubernetes_pod_container_id: "other://c" },
    ],
  );
  assert.deepEqual(
    joined.map((each) => ({ ...each })),
    [
      { __meta_kubernetes_pod_container_id: "other://c" },
      { ...process, __meta_kubernetes_pod_container_id: "containerd://a", who: "pod" },
      { __process_pid__: "2" },
      { __process_pid__: "3", __container_id__: "z" },
      { __meta_kubernetes_pod_container_id: "containerd://a", who: "pod" },
      { __meta_docker_container_id: "b" },
    ],
  );
});

test("finds real processes, at once and after the interval; joins without looking again", async (t) => {
  const clock = new FakeClock();
  const context = testContext({ clock });
  const decode = (text: string) => decodeText(component, text);
  const discovery = await component.create(context, decode(""));
  t.after(async () => discovery.stop(AbortSignal.timeout(100)));
  const targets = () => (context.exports.targets ?? []) as readonly Target[];
  const until = async (holds: () => boolean) => {
    // A turn more than what is waited for: then the next look is set as well.
    for (let i = 0; i === 0 || (i < 400 && !holds()); i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(holds());
  };
  await discovery.start();
  await until(() => targets().length > 0);
  const own = targets().find((each) => each.__process_pid__ === String(process.pid));
  assert.deepEqual([own?.__meta_process_exe, own?.__meta_process_cwd], [process.execPath, process.cwd()]);
  const child = spawn("sleep", ["30"]);
  t.after(() => void child.kill());
  const isKnown = () => targets().some((each) => each.__process_pid__ === String(child.pid));
  await discovery.update(decode('join = [{ __container_id__ = "a" }]'));
  await until(() => targets().at(-1)?.__container_id__ === "a");
  assert.equal(isKnown(), false);
  await clock.advance(60_000);
  await until(isKnown);
});
