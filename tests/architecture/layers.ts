/**
 * Who may import whom in `apps/collector/src`, by first folder. A folder may always import itself.
 * Data flows down: commands -> graph -> component <- components -> delivery, transport, kubernetes, … -> signals -> bytes.
 * The contract, `component`, is the vocabulary of all of them; of what lies below it knows types only.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  "version.ts": [],
  bytes: [],
  component: ["bytes", "version.ts"],
  signals: ["component", "bytes"],
  relabel: ["component", "signals", "bytes"],
  ottl: ["component", "signals", "bytes"],
  files: ["delivery", "component", "signals", "bytes"],
  discovery: ["kubernetes", "transport", "component", "signals", "bytes"],
  scraping: ["transport", "relabel", "component", "signals", "bytes"],
  monitors: ["discovery", "scraping", "kubernetes", "relabel", "transport", "component", "signals", "bytes"],
  transport: ["component", "signals", "bytes", "version.ts"],
  kubernetes: ["transport", "component", "signals", "bytes"],
  delivery: ["transport", "component", "signals", "bytes"],
  components: [
    "delivery",
    "monitors",
    "transport",
    "kubernetes",
    "relabel",
    "ottl",
    "files",
    "discovery",
    "scraping",
    "component",
    "signals",
    "bytes",
    "version.ts",
  ],
  graph: ["component", "signals", "bytes"],
  services: ["delivery", "transport", "component", "signals", "bytes", "version.ts"],
  commands: ["graph", "components", "services", "delivery", "transport", "kubernetes", "component", "signals", "bytes", "version.ts"],
  "main.ts": ["commands", "version.ts"],
  // The pages talk to the services over HTTP only.
  ui: [],
};

/** Folders of which not even a type may be had from outside, but by those that `layers` lists. */
export const closed: ReadonlySet<string> = new Set(["components", "graph", "services", "commands", "ui", "main.ts"]);

/** Which of our packages a part may use; tests may use all. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  "packages/go-compat": [],
  "values-schema": [],
  "packages/alloy-syntax": ["@invar/go-compat"],
  "packages/go-template": ["@invar/go-compat"],
  "apps/collector": ["@invar/go-compat", "@invar/alloy-syntax", "@invar/go-template"],
  "apps/chart-renderer": ["@invar/go-compat", "@invar/alloy-syntax", "@invar/go-template"],
};
