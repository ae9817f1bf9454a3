import { writeFileSync } from "node:fs";
import { GENERATED, rulesModule } from "./rules-module.ts";

// node write-rules.ts: writes the rules anew, after another version of uap-core was taken.
writeFileSync(GENERATED, rulesModule());
