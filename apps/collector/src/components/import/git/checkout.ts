import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface GitAccess {
  readonly repository: string;
  readonly revision: string;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  readonly ssh:
    | {
        readonly username: string;
        readonly key: string | undefined;
        readonly keyFile: string | undefined;
        readonly passphrase: string | undefined;
      }
    | undefined;
}

const timeoutMs = 120_000;

/** A repository's files at one revision, in a temporary folder of its own. */
export class GitCheckout {
  readonly #access: GitAccess;
  readonly #home: string;
  #isCloned = false;

  constructor(access: GitAccess) {
    this.#access = access;
    this.#home = mkdtempSync(join(tmpdir(), "invar-git-"));
  }

  /** Fetches and checks out the revision; resolves with the folder. Throws with git's own words. */
  async update(): Promise<string> {
    const folder = join(this.#home, "repository");
    const { repository, revision } = this.#access;
    if (!this.#isCloned) {
      await this.#git(["clone", "--quiet", "--no-checkout", "--", repository, folder]);
      this.#isCloned = true;
    } else await this.#git(["-C", folder, "fetch", "--quiet", "--tags", "--force", "origin"]);
    const commit = await this.#resolve(folder, revision);
    await this.#git(["-C", folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", "--detach", commit]);
    return folder;
  }

  remove(): Promise<void> {
    return rm(this.#home, { recursive: true, force: true });
  }

  /** A branch of the origin, then a tag or commit; HEAD is the origin's. */
  async #resolve(folder: string, revision: string): Promise<string> {
    for (const name of [`refs/remotes/origin/${revision}`, `refs/tags/${revision}`, revision]) {
      const found = await this.#git(["-C", folder, "rev-parse", "--verify", "--quiet", `${name}^{commit}`]).catch(() => "");
      if (found !== "") return found.trim();
    }
    throw new Error(`revision ${JSON.stringify(revision)} not found in ${this.#access.repository}`);
  }

  #git(args: readonly string[]): Promise<string> {
    const environment = this.#environment();
    return new Promise((resolve, reject) => {
      // Hooks and local transports of a repository that we do not trust stay off.
      const safe = ["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never"];
      execFile("git", [...safe, ...args], { env: environment, timeout: timeoutMs, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if ((error as NodeJS.ErrnoException).code === "ENOENT")
          reject(new Error("the git program is not installed: import.git needs it"));
        else reject(new Error(stderr.trim() === "" ? error.message : stderr.trim()));
      });
    });
  }

  /** Secrets go through files and variables of the child alone, never through its arguments, which others can read. */
  #environment(): NodeJS.ProcessEnv {
    const { basic, ssh } = this.#access;
    const environment: NodeJS.ProcessEnv = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1" };
    if (basic !== undefined) {
      environment.GIT_ASKPASS = this.#script(
        "askpass",
        'case "$1" in Username*) printf %s "$INVAR_GIT_USER";; *) printf %s "$INVAR_GIT_PASSWORD";; esac',
      );
      environment.INVAR_GIT_USER = basic.username;
      environment.INVAR_GIT_PASSWORD = basic.password;
    }
    if (ssh !== undefined) {
      const keyFile = ssh.keyFile ?? this.#secretFile("key", ssh.key ?? "");
      if (ssh.passphrase !== undefined) {
        environment.SSH_ASKPASS = this.#script("passphrase", 'printf %s "$INVAR_GIT_PASSPHRASE"');
        environment.SSH_ASKPASS_REQUIRE = "force";
        environment.INVAR_GIT_PASSPHRASE = ssh.passphrase;
      }
      environment.INVAR_GIT_KEY = keyFile;
      environment.INVAR_GIT_USER = ssh.username;
      environment.GIT_SSH = this.#script("ssh", 'exec ssh -i "$INVAR_GIT_KEY" -l "$INVAR_GIT_USER" -o IdentitiesOnly=yes "$@"');
    }
    return environment;
  }

  #script(name: string, body: string): string {
    const path = join(this.#home, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o700 });
    chmodSync(path, 0o700);
    return path;
  }

  #secretFile(name: string, content: string): string {
    const path = join(this.#home, name);
    writeFileSync(path, content.endsWith("\n") ? content : `${content}\n`, { mode: 0o600 });
    return path;
  }
}
