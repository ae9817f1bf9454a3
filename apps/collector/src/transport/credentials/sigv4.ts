import type { ClientAuthenticator } from "../authentication.ts";
import { AwsCredentialChain, type AwsSettings, type AwsSurroundings } from "./aws-credentials.ts";
import { signature } from "./sigv4-signature.ts";

export interface SigV4Settings extends AwsSettings {
  readonly serviceName: string;
}

/** Signs requests with AWS Signature Version 4. Must be the last to change a request. */
export function sigv4Credentials(settings: SigV4Settings, surroundings: AwsSurroundings): ClientAuthenticator {
  const chain = new AwsCredentialChain(settings, surroundings);
  return {
    requiresTls: false,
    async authenticate(request) {
      const credentials = await chain.credentials();
      const region = await chain.region();
      for (const [name, value] of signature(request, { credentials, region, service: settings.serviceName, clock: surroundings.clock }))
        request.headers.set(name, value);
    },
  };
}
