import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesHash } from "./password-hash.ts";

const long = (count: number) => "x".repeat(count);

// Made by other programs.
const hashes: readonly (readonly [string, string])[] = [
  ["secret", "$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"],
  [long(40), "$apr1$abcdefgh$7h4098paklNpzdB9KwCdh/"],
  ["secret", "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1"],
  ["Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
  ["Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"],
  ["Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"],
  [
    "Hello world!",
    "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
  ],
  [long(100), "$6$abc$hJifFvspkMHRMTXYpDbrug4nrXgZmPzTx/f9.5eCxJlDdjBTMZHgOVcLnSdECLAAJM9qZtSos/rWPoZcqcKDx0"],
  ["password", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="],
  ["testing123", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"],
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["as it is", "as it is"],
];

for (const [password, hash] of hashes)
  test(`the password fits ${hash.slice(0, 30)}, and no other does`, async () => {
    assert.equal(await matchesHash(password, hash), true);
    assert.equal(await matchesHash(`${password}.`, hash), false);
    assert.equal(await matchesHash("", hash), false);
  });

test("what looks like a hash and is none fits nothing", async () => {
  for (const hash of ["$2y$", "$apr1$", "$5$rounds=x$salt$hash", "{SHA}", "{SSHA}", "$6$salt$"])
    assert.equal(await matchesHash("x", hash), false, hash);
});
