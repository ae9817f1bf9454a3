import { compileRegexp } from "@invar/go-compat";
import { many } from "../../../../component/arguments.ts";
import { changing, defineStage } from "../stage.ts";

// Escape sequences of terminals: those that end in a bell, and those of parameters and a letter.
const SEQUENCE = compileRegexp(
  "[\u001b\u009b][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\u0007)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))",
);

export const decolorize = defineStage(many("Takes the colors of terminals out of lines.", {}), () =>
  changing((frame, row) => {
    const line = frame.line(row);
    if (!line.includes("\u001b") && !line.includes("\u009b")) return;
    frame.setLine(row, SEQUENCE.replaceAll(line, ""));
  }),
);
