import { ChartError } from "../chart/chart.ts";

/** What was rendered could not be handed over; the message is Helm's. */
export class OutputProblem extends ChartError {}
