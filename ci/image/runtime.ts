import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Lays out the root of an image in which this Node runs: the program, what it and its modules load, names of users and hosts, licences. */
export function gatherRuntime(node: string, modules: readonly string[], folder: string): void {
  mkdirSync(join(folder, "tmp"), { recursive: true });
  chmodSync(join(folder, "tmp"), 0o1777);
  const program = put(node, join(folder, "usr/local/bin/node"), 0o755);
  strip(program);
  for (const library of new Set([node, ...modules].flatMap(librariesOf))) put(library, join(folder, library), 0o755);
  write(join(folder, "etc/passwd"), "root:x:0:0::/:/none\nnonroot:x:65532:65532::/tmp:/none\n");
  write(join(folder, "etc/group"), "root:x:0:\nnonroot:x:65532:\n");
  write(join(folder, "etc/nsswitch.conf"), "hosts: files dns\n");
  for (const { name, path } of licencesOf()) put(path, join(folder, "usr/share/doc", name, "copyright"), 0o644);
}

/** Absolute paths of what the loader takes for this program, the loader itself among them. */
function librariesOf(program: string): string[] {
  const lines = execFileSync("ldd", [program], { encoding: "utf8" }).split("\n");
  const found = lines.flatMap((line) => /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  if (found.length === 0) throw new Error(`ldd names no library of ${program}`);
  return found;
}

/** A quarter of the program is names for debuggers. Those that native modules link to stay. */
function strip(program: string): void {
  if (existsSync("/usr/bin/strip")) execFileSync("strip", [program]);
}

/** Debian's word on each library. */
function licencesOf(): { readonly name: string; readonly path: string }[] {
  const packages = ["libc6", "libstdc++6", "libgcc-s1", "libatomic1"];
  return packages.map((name) => ({ name, path: `/usr/share/doc/${name}/copyright` })).filter(({ path }) => existsSync(path));
}

function put(from: string, to: string, mode: number): string {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
  chmodSync(to, mode);
  return to;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o644 });
}
