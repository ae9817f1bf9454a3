import { isAbsolute, join, relative } from "node:path";
import { defaulted, duration, maybe, optional, required, secret, string } from "../../../component/arguments.ts";
import { defineComponent } from "../../../component/definition.ts";
import { readModuleFiles } from "../../../component/module-files.ts";
import { importExports } from "../../../component/module-text.ts";
import { type GitAccess, GitCheckout } from "./checkout.ts";

/** `import.git`: the module is a file or folder of a repository, fetched again and again. Needs the `git` program. */
export const component = defineComponent({
  name: "import.git",
  stability: "generally-available",
  summary: "Brings in custom components from a Git repository.",
  arguments: {
    repository: required(string, "The repository's address, as `git clone` takes it.", { check: addressText }),
    revision: defaulted(string, "A branch, tag or commit.", "HEAD", { check: revisionText }),
    path: required(string, "The file or folder inside the repository.", { check: pathText }),
    pull_frequency: defaulted(duration, "How often the repository is fetched; 0s: once.", "60s"),
  },
  blocks: {
    basic_auth: maybe("A user's name and password for the repository.", {
      arguments: { username: required(string, "The user's name."), password: required(secret, "The password.") },
    }),
    ssh_key: maybe("A key for the repository.", {
      arguments: {
        username: required(string, "The user's name."),
        key: optional(secret, "The private key."),
        key_file: optional(string, "The file with the private key."),
        passphrase: optional(secret, "What the key is protected with."),
      },
    }),
  },
  exports: importExports,
  metrics: [],
  needs: {},
  async create(context, args) {
    let current = args;
    let checkout = new GitCheckout(accessOf(args));
    let cancel = () => {};
    let isStopped = false;
    const look = async () => {
      const folder = await checkout.update();
      context.export({ ...readModuleFiles(join(folder, current.path)) });
    };
    const schedule = () => {
      if (current.pull_frequency === 0) return;
      cancel = context.clock.after(current.pull_frequency, async () => {
        try {
          await look();
          context.health("healthy", "fetched the repository");
        } catch (error) {
          context.health("unhealthy", `the last module stays: ${error instanceof Error ? error.message : String(error)}`);
        }
        if (!isStopped) schedule();
      });
    };
    try {
      await look();
    } catch (error) {
      await checkout.remove();
      throw error;
    }
    return {
      start: schedule,
      async update(next) {
        const previous = { checkout, current };
        current = next;
        checkout = new GitCheckout(accessOf(next));
        try {
          await look();
        } catch (error) {
          await checkout.remove();
          ({ checkout, current } = previous);
          throw error;
        }
        cancel();
        schedule();
        await previous.checkout.remove();
      },
      async stop() {
        isStopped = true;
        cancel();
        await checkout.remove();
      },
    };
  },
});

type Arguments = Parameters<(typeof component)["create"]>[1];

function accessOf({ repository, revision, basic_auth, ssh_key }: Arguments): GitAccess {
  return {
    repository,
    revision,
    basic: basic_auth && { username: basic_auth.username, password: basic_auth.password.reveal() },
    ssh: ssh_key && {
      username: ssh_key.username,
      key: ssh_key.key?.reveal(),
      keyFile: ssh_key.key_file,
      passphrase: ssh_key.passphrase?.reveal(),
    },
  };
}

/** Git's own programs run what some addresses name; only plain transports are let through. */
function addressText(address: string): string | undefined {
  if (address.startsWith("-")) return "an address may not begin with a dash";
  return /^[a-z0-9+-]+::/i.test(address) ? "an address may not name a transport program (::)" : undefined;
}

function revisionText(revision: string): string | undefined {
  return revision.startsWith("-") || revision === "" ? "a revision may not be empty or begin with a dash" : undefined;
}

function pathText(path: string): string | undefined {
  const inside = relative("/repository", join("/repository", path));
  return isAbsolute(path) || inside.startsWith("..") ? "the path must lie inside the repository" : undefined;
}
