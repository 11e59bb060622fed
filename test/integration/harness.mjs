// harness - what integration tests import.  README.md beside it is its manual.
// Must not: be imported outside the test runner; the parts beside it can be.

import { after } from 'node:test';
import { teardown } from './harness_env.mjs';

export { BIN, IS_ASAN, SANITIZERS, SLOW, TOP, onTeardown, tempDir } from './harness_env.mjs';
export { newDatabase, sharedCluster, startCluster } from './harness_cluster.mjs';
export { freePort, run, setSetting, startService, waitUntil } from './harness_service.mjs';
export { connectRaw, parseResponses, rawRequest, request } from './harness_wire.mjs';
export { auditRows, cli, makeApp, makeCast, makeKey, makeUser, signIn } from './harness_cast.mjs';
export { consoleLogin, cookieOf, makeAdmin } from './harness_console.mjs';

after(teardown);
