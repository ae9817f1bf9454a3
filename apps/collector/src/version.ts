/** The program's own version: the tag of the image and the chart's appVersion. */
export const version = "0.1.0";
