import { auth, proxy, secret, tls } from "../destinations/client.ts";
import { duration, flag, labels, section, text } from "../words.ts";

/** Configuration that a server gives beside the generated one. */
export const remoteConfig = section("Configuration that a server gives, beside the one of the features.", {
  enabled: flag("Whether a server is asked."),
  url: text("The server."),
  urlFrom: text("An expression of the configuration language that gives it."),
  ...proxy,
  auth: auth(["none", "basic"]),
  secret,
  pollFrequency: duration("How often it is asked.", "30s"),
  presetsAttribute: flag("Tell the server the collector's presets.", true),
  extraAttributes: labels("More of what the server is told."),
  tls: tls(),
});
